import type { DataStatistics } from "../planner/statistics.js";
import { cue } from "./cues.js";
import {
  best2,
  CLEAR,
  DAY_MS,
  defined,
  distinct,
  FAINT,
  fit,
  GUESS,
  type Interpretation,
  LIKELY,
  MAYBE,
  MOST_PLACES,
  names,
  placeOf,
  ranked,
  SURE,
  said,
  says,
} from "./interpretation.js";
import type { Reading, Spot } from "./reading.js";
import type { Values } from "./some-template.js";

/** How often something happens. */
export function repetition(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { times, durations, things, text } = { ...reading.facts, text: reading.text };
  const isOften = says(reading, cue.often);
  const isWithin = /\b(within|in|inside|per|same|any|during)\b/.test(text);
  // `4 stalls`: what stands right behind the number is counted
  const counted = things === null ? -1 : reading.words.plain.indexOf(String(things));
  const isBehind = [...reading.spots, ...reading.ofKpi].some(
    ({ at }) => counted >= 0 && at > counted && at <= counted + 2,
  );
  const count = reading.facts.count ?? (isWithin || isOften || isBehind ? things : null);
  if (count === null && !isOften) return [];
  const spots = [...reading.spots, ...reading.ofKpi].filter(({ isNegated }) => !isNegated);
  // of several events the one right beside the number or the word is counted
  const place = placeOf(reading, count === null ? cue.often : COUNT);
  // `5 messages`: what stands behind the number is counted, unless it is counted in times
  const isCounted = (spot: Spot): boolean => count !== null && times !== count && spot.at > place;
  const far = (spot: Spot): number =>
    distance(spot, place) + UNSURE * (1 - (spot.names[0]?.score ?? 0)) - (isCounted(spot) ? BEHIND : 0);
  const near = [...spots].sort((a, b) => far(a) - far(b));
  const isLongWindow = /\b(within|in|inside|during|per|any) (the |any )?\d+(\.\d+)? (days?|weeks?)\b/.test(text);
  const window = durations.find(({ ms }) => ms < DAY_MS || (isLongWindow && ms <= 31 * DAY_MS))?.text;
  const limits = { n: count ?? undefined, ...(window === undefined ? {} : { window }) };
  const because = said(reading, count === null ? cue.often : COUNT);
  if (near.length === 0) {
    if (times === null && !isOften) return [];
    return ranked(GUESS, because, distinct(grid.slice(0, MOST_PLACES).map((row) => ({ ...row, ...defined(limits) }))));
  }
  const events = near.slice(0, MOST_PLACES).flatMap(best2);
  const rows = events.flatMap((event) => {
    const own = grid.filter((row) => row["event"] === event && (window !== undefined || row["window"] === undefined));
    const [first = grid[0] ?? { n: 3 }] = own;
    const { window: _window, ...rest } = first as { readonly window?: unknown };
    return [{ ...rest, event, ...defined(limits) }];
  });
  const isBefore = /\b(before|until|till)\b/.test(text) && spots.length > 1;
  const score = (count === null ? LIKELY : CLEAR) * fit(near[0]) * (isBefore ? 0.85 : 1);
  return ranked(score, [...because, ...names(events[0])], distinct(rows));
}

/** Words of distance that it is worth to stand behind the number. */
const BEHIND = 4;

/** Words of distance that a name is worth which is not met at all. */
const UNSURE = 6;

const COUNT =
  /\b(at least|more than|over|exceed\w*|upwards of)? ?\d+\+? ?(or more|and more|plus)?\b(?! ?(seconds?|minutes?|hours?|days?|weeks?|months?|ms|s|min|am|pm|%|th)\b)/;

function distance({ at, end }: Spot, place: number): number {
  return Math.min(Math.abs(at - place), Math.abs(end - 1 - place));
}

/** What happens, and in which order. */
export function eventPattern(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { steps, durations } = reading.facts;
  const spots = reading.spots;
  const isPattern = says(reading, cue.patterns);
  const because = [
    ...(isPattern ? said(reading, cue.patterns) : []),
    ...(spots.length > 1 ? said(reading, cue.adjacent, cue.sequence).slice(0, 1) : []),
  ];
  if (spots.length > 0) {
    const byScore = [...spots].sort(
      (a, b) => Number(a.isOutcome) - Number(b.isOutcome) || (b.names[0]?.score ?? 0) - (a.names[0]?.score ?? 0),
    );
    const [first] = byScore;
    const events = byScore.slice(0, MOST_PLACES).flatMap(best2);
    const isAdjacent = says(reading, cue.adjacent);
    const isNegated = spots.some((spot) => spot.isNegated);
    const why = [...because, ...names(...events.slice(0, 2))];
    const longer = grid.map(({ k }) => Number(k)).filter((k) => k > 1);
    if (steps !== null) {
      return ranked(
        LIKELY * fit(first),
        why,
        events.map((contains) => ({ k: steps, contains })),
      );
    }
    const within = durations.find(({ ms }) => ms < DAY_MS)?.text;
    if (spots.length > 1 && within !== undefined && !isNegated && /\bwithin\b/.test(reading.text)) {
      return ranked(
        CLEAR * fit(first),
        why,
        events.map((contains) => ({ k: 2, adjacency: "gap", within, contains })),
      );
    }
    if (spots.length > 1 && isAdjacent) {
      const rows = events.map((contains) => ({ k: 2, adjacency: "next", contains }));
      return ranked((isNegated ? LIKELY : SURE) * fit(first), why, [
        ...rows,
        ...events.map((contains) => ({ k: 3, contains })),
      ]);
    }
    if (spots.length > 1 && says(reading, cue.sequence)) {
      const rows = events.map((contains) => ({ k: 2, adjacency: "gap", contains }));
      return ranked((isNegated ? MAYBE : CLEAR) * fit(first), why, [
        ...rows,
        ...events.map((contains) => ({ k: 2, contains })),
      ]);
    }
    // an event alone is asked for by itself, and with what stands beside it
    const score = (isPattern ? LIKELY : MAYBE) * fit(first) * (isNegated ? 0.7 : 1);
    const alone = events.map((contains) => ({ k: 1, contains }));
    const among = longer.flatMap((k) => events.slice(0, 2).map((contains) => ({ k, contains })));
    const rows = isAdjacent ? [...among.slice(0, 2), ...alone, ...among.slice(2)] : [...alone, ...among];
    return ranked(score, why.length > 0 ? why : names(events[0]), rows);
  }
  if (steps !== null)
    return [{ parameters: { k: steps }, score: CLEAR, because: said(reading, /\b\d+[ -](steps?|events?|long)\b/) }];
  if (isPattern) return ranked(LIKELY, because, grid);
  if (says(reading, cue.trouble)) return ranked(FAINT, said(reading, cue.trouble), grid);
  return [];
}
