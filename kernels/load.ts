/**
 * How many moments lie in the window up to another: `load.sessions` and `load.failure_rate` bring all starts in order once, find
 * which of them lie in the window up to each, and count these.
 */

/** Moments of a bucket that are put in order by insertion; more are sorted. */
const FEW = 24;
/** Moments of a first bucket, about: they fit a core's nearest cache while they are put in order. */
const NEAR = 1024;
/** First buckets at most: as many places are written to in turn. */
const MOST = 2048;

/**
 * Brings moments in order, earliest first, ties by index.
 *
 * First by a few buckets, then each of these by one bucket a moment, so that nothing but the first division leaves the cache: O(n) where the
 * moments are spread out, O(n log n) where they crowd. A third of the time of one bucket a moment over all, whose counters lie all over
 * memory.
 * @param moments - Float64Array(n), ms, none NaN
 * @param order - Uint32Array(n), written: indices
 * @param sorted - Float64Array(n), written: the moments in that order
 */
export function orderMoments(moments: Float64Array, order: Uint32Array, sorted: Float64Array): void {
  const count = moments.length;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    if (moments[at] < first) first = moments[at];
    if (moments[at] > last) last = moments[at];
  }
  const buckets = Math.min(MOST, Math.ceil(count / NEAR));
  const perMs = last > first ? (buckets - 1) / (last - first) : 0;
  const offsets = new Uint32Array(buckets + 1);
  for (let at = 0; at < count; at++) offsets[Math.floor((moments[at] - first) * perMs) + 1]++;
  let largest = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    largest = Math.max(largest, offsets[bucket + 1]);
    offsets[bucket + 1] += offsets[bucket];
  }
  const next = offsets.slice();
  const indices = new Uint32Array(count);
  for (let at = 0; at < count; at++) indices[next[Math.floor((moments[at] - first) * perMs)]++] = at;
  const near = new Float64Array(largest);
  const places = new Uint32Array(largest);
  const ends = new Uint32Array(largest + 1);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const [from, to] = [offsets[bucket], offsets[bucket + 1]];
    orderBucket(moments, indices, from, to, near, places, ends, order, sorted);
  }
}

/** Orders a first bucket, whose indices ascend; `near`, `places` and `ends` are written into. */
function orderBucket(
  moments: Float64Array,
  indices: Uint32Array,
  start: number,
  end: number,
  near: Float64Array,
  places: Uint32Array,
  ends: Uint32Array,
  order: Uint32Array,
  sorted: Float64Array,
): void {
  const count = end - start;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const moment = moments[indices[start + at]];
    near[at] = moment;
    if (moment < first) first = moment;
    if (moment > last) last = moment;
  }
  const perMs = last > first ? (count - 1) / (last - first) : 0;
  ends.fill(0, 0, count + 1);
  for (let at = 0; at < count; at++) ends[Math.floor((near[at] - first) * perMs) + 1]++;
  for (let bucket = 0; bucket < count; bucket++) ends[bucket + 1] += ends[bucket];
  // the starts serve as cursors, which leaves each at the next one's
  for (let at = 0; at < count; at++) places[ends[Math.floor((near[at] - first) * perMs)]++] = at;
  for (let bucket = 0, from = 0; bucket < count; bucket++) {
    const to = ends[bucket];
    if (to - from > FEW) places.subarray(from, to).sort((a, b) => near[a] - near[b] || a - b);
    else if (to - from > 1) insertionSort(near, places, from, to);
    from = to;
  }
  for (let at = 0; at < count; at++) {
    order[start + at] = indices[start + places[at]];
    sorted[start + at] = near[places[at]];
  }
}

/** Equal moments stay in the order in which they were filled, which is that of their indices. */
function insertionSort(moments: Float64Array, order: Uint32Array, from: number, to: number): void {
  for (let at = from + 1; at < to; at++) {
    const own = order[at];
    let to = at;
    while (to > from && moments[order[to - 1]] > moments[own]) {
      order[to] = order[to - 1];
      to--;
    }
    order[to] = own;
  }
}

/**
 * Writes which places of the order lie in the window [moment - windowMs, moment] of the moment at each place: [from, to). O(n), no
 * allocation. By place, because windows move along with the places, and what is summed over them is then read from front to back.
 * @param sorted - Float64Array(n), ms, ascending
 * @param windowMs - ms, both ends included
 * @param from - Uint32Array(n), by place
 * @param to - Uint32Array(n), by place
 */
export function windowsOf(sorted: Float64Array, windowMs: number, from: Uint32Array, to: Uint32Array): void {
  let first = 0;
  let end = 0;
  for (let place = 0; place < sorted.length; place++) {
    const moment = sorted[place];
    while (sorted[first] < moment - windowMs) first++;
    while (end < sorted.length && sorted[end] <= moment) end++;
    from[place] = first;
    to[place] = end;
  }
}

/**
 * Writes how many other moments lie in the window of each. O(n) time, no allocation.
 * @param order - Uint32Array(n), index by place
 * @param from - Uint32Array(n), by place
 * @param to - Uint32Array(n), by place
 * @param out - Float64Array(n), by index
 */
export function countOthers(order: Uint32Array, from: Uint32Array, to: Uint32Array, out: Float64Array): void {
  for (let place = 0; place < order.length; place++) out[order[place]] = to[place] - from[place] - 1;
}

/**
 * Writes the share of the other moments in the window of each that are marked, among those that count; NaN without any. O(n) time.
 * @param order - Uint32Array(n), index by place
 * @param from - Uint32Array(n), by place
 * @param to - Uint32Array(n), by place
 * @param state - Uint8Array(n), by index: 0 does not count, `marked` is marked, anything else counts
 * @param out - Float64Array(n), by index
 */
export function shareOfOthers(
  order: Uint32Array,
  from: Uint32Array,
  to: Uint32Array,
  state: Uint8Array,
  marked: number,
  out: Float64Array,
): void {
  const count = order.length;
  // before each place of the order, side by side: those that count, and those that are marked
  const before = new Uint32Array(2 * count + 2);
  for (let place = 0; place < count; place++) {
    const what = state[order[place]];
    before[2 * place + 2] = before[2 * place] + Number(what !== 0);
    before[2 * place + 3] = before[2 * place + 1] + Number(what === marked);
  }
  for (let place = 0; place < count; place++) {
    const [first, end] = [2 * from[place], 2 * to[place]];
    const own = 2 * place;
    const others = before[end] - before[first] - (before[own + 2] - before[own]);
    const markedOthers = before[end + 1] - before[first + 1] - (before[own + 3] - before[own + 1]);
    out[order[place]] = others === 0 ? Number.NaN : markedOthers / others;
  }
}
