/**
 * Comparison of numbers with one bound, of all or of a few of them. Each operator is a loop of its own, so that none is chosen per value. A missing value (NaN)
 * satisfies none, `!=` among them. All are O(values) time, no allocation; `out` holds 0 or 1.
 */

/** `value > bound` */
export function above(values: Float64Array, bound: number, out: Uint8Array): void {
  for (let at = 0; at < values.length; at++) out[at] = values[at] > bound ? 1 : 0;
}

/** `value >= bound` */
export function atLeast(values: Float64Array, bound: number, out: Uint8Array): void {
  for (let at = 0; at < values.length; at++) out[at] = values[at] >= bound ? 1 : 0;
}

/** `value < bound` */
export function below(values: Float64Array, bound: number, out: Uint8Array): void {
  for (let at = 0; at < values.length; at++) out[at] = values[at] < bound ? 1 : 0;
}

/** `value <= bound` */
export function atMost(values: Float64Array, bound: number, out: Uint8Array): void {
  for (let at = 0; at < values.length; at++) out[at] = values[at] <= bound ? 1 : 0;
}

/** `value == bound` */
export function equal(values: Float64Array, bound: number, out: Uint8Array): void {
  for (let at = 0; at < values.length; at++) out[at] = values[at] === bound ? 1 : 0;
}

/** `value != bound` */
export function unequal(values: Float64Array, bound: number, out: Uint8Array): void {
  for (let at = 0; at < values.length; at++) out[at] = values[at] < bound || values[at] > bound ? 1 : 0;
}

/** `out[i] = values[places[i]]`. O(places) time, no allocation. */
export function gather(values: Float64Array, places: Uint32Array, out: Float64Array): void {
  for (let at = 0; at < places.length; at++) out[at] = values[places[at]];
}

/** `out[places[i]] = values[i]`. O(places) time, no allocation. */
export function scatter(values: Uint8Array, places: Uint32Array, out: Uint8Array): void {
  for (let at = 0; at < places.length; at++) out[places[at]] = values[at];
}
