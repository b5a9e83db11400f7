/**
 * Which stretch of time each moment lies in. Stretches of a calendar are nearly of one width, so that a guess by the mean width is off by one
 * at the most; O(moments) for such, O(moments * bounds) for any.
 * @param bounds - Float64Array(n), ascending starts of the stretches, n at least 1; what lies before the first counts to it
 * @param values - Float64Array, of which [start, end) are looked up
 * @param out - Uint16Array(end - start): index of the last bound at or below the value
 */
export function bucketsOf(
  bounds: Float64Array,
  values: Float64Array,
  start: number,
  end: number,
  out: Uint16Array,
): void {
  const last = bounds.length - 1;
  const first = bounds[0];
  const perMs = last === 0 ? 0 : last / (bounds[last] - first);
  for (let i = start; i < end; i++) {
    const value = values[i];
    // any guess ends where it should
    let at = ((value - first) * perMs) | 0;
    if (at < 0) at = 0;
    else if (at > last) at = last;
    while (at > 0 && bounds[at] > value) at--;
    while (at < last && bounds[at + 1] <= value) at++;
    out[i - start] = at;
  }
}
