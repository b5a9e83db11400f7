import { pairNames } from "../planner/name-words.js";
import type { DataStatistics } from "../planner/statistics.js";
import { cue, sessionNoun } from "./cues.js";
import { done, followersOf, leadersOf, ofSame, pairsOf, startsOf, successesOf } from "./event-relations.js";
import {
  best,
  CLEAR,
  defined,
  distinct,
  FAINT,
  fit,
  GUESS,
  type Interpretation,
  LIKELY,
  MAYBE,
  names,
  placeOf,
  ranked,
  SURE,
  said,
  says,
  saysBeside,
  usualOf,
} from "./interpretation.js";
import type { Reading, Spot } from "./reading.js";
import type { Values } from "./some-template.js";

/** How often something is tried before it succeeds. */
export function retries(reading: Reading, data: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { count, text } = { ...reading.facts, text: reading.text };
  const isAttempt = says(reading, cue.attempts);
  const isOften = count !== null || says(reading, cue.often);
  const isBefore = /\b(before|until|till|prior to|only after|not until)\b/.test(text);
  const isSuccess =
    /\b(succe\w+|work(s|ed)?|get(s|ting)? (in|through|it right)|right|accepted|goes through|finally|at last|in the end|eventually)\b/.test(
      text,
    );
  if (!isAttempt && !(isOften && (isBefore || /\b(finally|at last|in the end|eventually)\b/.test(text)))) return [];
  const spots = reading.spots.filter(({ isNegated }) => !isNegated);
  const [first, second] = roundLink(
    reading,
    ordered(spots, isBefore),
    /\b(until|till|before|prior to|and then|finally)\b/,
  );
  const n = count ?? undefined;
  const because = said(reading, isAttempt ? cue.attempts : cue.before);
  if (first !== undefined && second !== undefined) {
    const own = grid.find((row) => row["event"] === best(first) && row["success"] === done(second));
    const parameters = { event: best(first), success: done(second), n: n ?? own?.["n"] ?? 2 };
    const score = isBefore || isAttempt ? SURE : LIKELY;
    return [
      { parameters, score: score * fit(first, second), because: [...because, ...names(best(first), best(second))] },
    ];
  }
  const event = best(first);
  if (event === undefined)
    return isAttempt ? ranked(MAYBE, because, distinct(grid.map((row) => ({ ...row, ...defined({ n }) })))) : [];
  const tried = pairNames(data.tokens.map((token) => token.text)).filter(({ end }) => end === event);
  const rows = grid.filter((row) => row["event"] === event || row["success"] === event);
  const pairs = [
    ...tried.map(({ start }) => ({ event: start, success: event, n: 2 })),
    ...successesOf(event, data)
      .slice(0, 1)
      .map((success) => ({ event, success, n: 2 })),
    ...rows,
  ];
  const score = isAttempt && (isBefore || isSuccess) ? CLEAR : isAttempt ? LIKELY : isSuccess ? LIKELY : FAINT;
  return ranked(score, [...because, ...names(event)], distinct(pairs.map((row) => ({ ...row, ...defined({ n }) }))));
}

/** Of more than two events, the surest in front of a link and the first behind it. */
function roundLink(reading: Reading, spots: readonly Spot[], link: RegExp): readonly Spot[] {
  if (spots.length < 3 || !says(reading, link)) return spots;
  const place = placeOf(reading, link);
  const behind = spots.filter(({ at }) => at >= place).sort((a, b) => a.at - b.at)[0];
  const front = spots
    .filter(({ at }) => at < place)
    .sort((a, b) => (b.names[0]?.score ?? 0) - (a.names[0]?.score ?? 0))[0];
  return front === undefined || behind === undefined ? spots : [front, behind];
}

/** In `A n times before B` and `A until B` the order is that of the text, whatever else stands there. */
function ordered(spots: readonly Spot[], isBefore: boolean): readonly Spot[] {
  return isBefore || spots.length > 2 ? spots : spots.slice(0, 2);
}

/** What repeats until something else. */
export function until(reading: Reading, _: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  if (!says(reading, cue.until)) return [];
  const isOnly = says(reading, cue.onlyThat);
  const [first, second] = roundLink(reading, reading.spots, /\b(until|till|up to)\b/);
  const because = said(reading, cue.until);
  if (first !== undefined && second !== undefined) {
    // a time that passes until then is asked about, and not what happens in it
    const isTime =
      reading.facts.durations.length > 0 || /\b(how long|how much time|time|takes?|total|all the)\b/.test(reading.text);
    const score = isOnly ? CLEAR : isTime ? FAINT : LIKELY;
    const parameters = { event: best(first), end: done(second) };
    return [
      { parameters, score: score * fit(first, second), because: [...because, ...names(best(first), best(second))] },
    ];
  }
  const event = best(first);
  return ranked(
    event === undefined ? GUESS : MAYBE,
    because,
    grid.filter((row) => event === undefined || row["event"] === event || row["end"] === event),
  );
}

/** What does not follow. */
export function absence(reading: Reading, data: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { text } = reading;
  if (!reading.isNegating) return [];
  // what is left undone may be what the KPI is called after
  const undone = reading.spots.some(({ isNegated }) => isNegated)
    ? []
    : reading.ofKpi.filter(({ isNegated }) => isNegated);
  const spots = [...reading.spots, ...undone];
  const because = said(reading, new RegExp(cue.negation.source));
  const within = reading.facts.durations[0]?.text;
  const missing = spots.findLast(({ isNegated }) => isNegated);
  const event =
    spots.find((spot) => spot !== missing && (missing === undefined || !spot.isNegated)) ??
    spots.find((spot) => spot !== missing);
  const bound = (row: Values): Values => (within === undefined ? row : { ...row, within });
  if (missing !== undefined && event !== undefined) {
    const awaited = ofSame(best(event), missing, reading, data) ?? done(missing);
    const others = missing.names.map(({ name }) => name).filter((name) => name !== awaited);
    const pairs = [awaited, ...others.slice(0, 1)].flatMap((name) => {
      const from = best(event);
      const own = grid.find((row) => row["event"] === from && row["missing"] === name);
      return name === from ? [] : [bound(own ?? { event: from, missing: name })];
    });
    return ranked(SURE * fit(missing, event), [...because, ...names(best(event), best(missing))], pairs);
  }
  const lone = best(missing ?? event);
  if (lone === undefined) {
    // who leaves something undone is asked about in general
    return /\b(finish|complete|abandon|give up|gave up|drop|bail|convert|follow through)\w*\b/.test(text)
      ? ranked(FAINT, because, grid.map(bound))
      : [];
  }
  const inGrid = grid.filter((row) => row[missing === undefined ? "event" : "missing"] === lone);
  const made =
    missing === undefined
      ? successesOf(lone, data).map((name) => ({ event: lone, missing: name }))
      : startsOf(lone, data).map((name) => ({ event: name, missing: lone }));
  const isWaiting =
    within !== undefined ||
    /\b(afterwards?|then|follow\w*|happen\w*|ever|reply|answer|response|complet\w*|finish\w*|arriv\w*)\b/.test(text);
  const isContrast =
    /\b(but|and|yet|then) (then |is |are |was |were |has |have |does |do |did )?(never|not|no|without|nothing)\b/.test(
      text,
    );
  const score = missing === undefined ? (isContrast ? LIKELY : FAINT) : isWaiting ? CLEAR : LIKELY;
  return ranked(
    score * fit(missing ?? event),
    [...because, ...names(lone)],
    distinct([...made.slice(0, 2), ...inGrid].map(bound)),
  );
}

/** How long it takes from one event to another. */
export function elapsed(reading: Reading, data: DataStatistics, grid: readonly Values[]): readonly Interpretation[] {
  const { text, spots } = reading;
  const threshold = reading.facts.durations[0]?.text;
  const isSlow = saysBeside(reading, cue.slow);
  const isTaking = says(reading, cue.takes);
  if (!isSlow && !(isTaking && (threshold !== undefined || says(reading, cue.between)))) return [];
  const isLonger =
    /\b(more than|over|longer|exceed\w*|above|beyond|at least|slow\w*|delay\w*|later|too long|ages|forever|how long|how much time|time (passes|elaps\w+|between|from)|>)\b|>/.test(
      text,
    ) || isSlow;
  const [first, second] = spots;
  const because = said(reading, isSlow ? cue.slow : cue.takes);
  if (first !== undefined && second !== undefined) {
    if (!isLonger && threshold === undefined) return [];
    const to = ofSame(best(first), second, reading, data) ?? best(second);
    const own = grid.find((row) => row["from"] === best(first) && row["to"] === to);
    const parameters = {
      from: best(first),
      to,
      threshold: threshold ?? own?.["threshold"] ?? usualOf(grid),
    };
    const isClear = threshold !== undefined || /\b(between|from|how (long|much time))\b/.test(text) || isSlow;
    const isNegated = spots.some((spot) => spot.isNegated);
    const isWithin = /\bwithin\b/.test(text) && !isSlow && !isNegated;
    const score = (isClear ? SURE : LIKELY) * (isLonger ? 1 : 0.8) * (isNegated ? 0.9 : 1) * (isWithin ? 0.8 : 1);
    return [
      { parameters, score: score * fit(first, second), because: [...because, ...names(best(first), best(second))] },
    ];
  }
  const event = best(first);
  if (event === undefined)
    return ranked(
      isSlow && !(sessionNoun.test(text) && says(reading, cue.duration)) ? MAYBE : GUESS,
      because,
      distinct(grid.map((row) => ({ ...row, ...defined({ threshold }) }))),
    );
  const touching = grid.filter((row) => row["from"] === event || row["to"] === event);
  const begun = startsOf(event, data).map((from) => ({ from, to: event }));
  const ended = successesOf(event, data).map((to) => ({ from: event, to }));
  // what has a beginning of its own takes from there to its end: `login takes long`
  const isBeginning = pairNames(data.tokens.map((token) => token.text)).some(({ start }) => start === event);
  const sides = [begun.slice(0, 1), ended.slice(0, 1)];
  const made = (isBeginning ? sides.reverse() : sides).flat().map((row) => ({
    ...row,
    threshold:
      threshold ?? touching.find(({ from, to }) => from === row.from && to === row.to)?.["threshold"] ?? usualOf(grid),
  }));
  const rows = distinct([...made, ...touching.map((row) => ({ ...row, ...defined({ threshold }) }))]);
  const isClear = isSlow || (threshold !== undefined && isLonger);
  return ranked((isClear ? LIKELY : FAINT) * fit(first), [...because, ...names(event)], rows);
}

/** Whether a text waits for what a spot names. */
function isAwaited({ words }: Reading, { at }: Spot): boolean {
  return words.plain.slice(Math.max(0, at - 4), at).some((word) => /^(before|until|till|to|for)$/.test(word));
}

/** What goes on for a time. */
const DOING =
  /\b\w+ing (for )?(more|longer|over|at least)( than)?\b|\bfor (more|longer|over|at least)\b|\b\d+ \w+ (or (more|longer) )?(of|in|spent) (\w+ )?\w+ing\b/;

/** How long a state lasts, added up. */
export function timeInState(
  reading: Reading,
  data: DataStatistics,
  grid: readonly Values[],
): readonly Interpretation[] {
  const { text } = reading;
  const spots = reading.spots.length > 0 ? reading.spots : reading.ofKpi;
  const threshold = reading.facts.durations[0]?.text;
  const isState = says(reading, cue.inState);
  const isDoing = threshold !== undefined && DOING.test(text);
  if (!isState && !isDoing) return [];
  const because = said(reading, isState ? cue.inState : DOING);
  const events = spots.map(best).filter((name) => name !== undefined);
  const all = pairsOf(data);
  const inGrid = grid.filter((row) => events.includes(String(row["enter"])) || events.includes(String(row["leave"])));
  const paired = all.filter(({ start, end }) => events.includes(start) || events.includes(end));
  const put = (row: Values): Values => ({ ...row, ...defined({ threshold }) });
  // `the picture is frozen` names one state, and no way from one event to another
  const isWay = /\b(from|between|until|till|to|before|after|and|since)\b/.test(text);
  const [state] = isWay ? [] : all.filter(({ start }) => start === events.at(-1));
  if (spots.length >= 2 && state !== undefined) {
    const row = { enter: state.start, leave: state.end, threshold: threshold ?? usualOf(grid) };
    return [
      { parameters: row, score: SURE * fit(spots.at(-1)), because: [...because, ...names(state.start, state.end)] },
    ];
  }
  if (spots.length >= 2 && !paired.some(({ start, end }) => events.includes(start) && events.includes(end))) {
    const [enter, leave] = events;
    const row = { enter, leave, threshold: threshold ?? usualOf(grid) };
    return [
      {
        parameters: row,
        score: (says(reading, cue.total) ? SURE : MAYBE) * fit(...spots),
        because: [...because, ...names(enter, leave)],
      },
    ];
  }
  const [only] = spots;
  const isLast = spots.length === 1 && only !== undefined && isAwaited(reading, only);
  const awaited = isLast && threshold !== undefined ? leadersOf(events[0] ?? "", data.grid.pairs).slice(0, 2) : [];
  if (awaited.length > 0) {
    const rows = awaited.map((enter) => ({ enter, leave: events[0], threshold }));
    return ranked(LIKELY * fit(only), [...because, ...names(events[0])], rows);
  }
  const made = paired.map(({ start, end }) => ({
    enter: start,
    leave: end,
    threshold: grid.find((row) => row["enter"] === start && row["leave"] === end)?.["threshold"] ?? usualOf(grid),
  }));
  const [lone] = events;
  const left =
    made.length > 0 || inGrid.length > 0 || lone === undefined
      ? []
      : followersOf(lone, data.grid.pairs)
          .slice(0, 3)
          .map((leave) => ({ enter: lone, leave, threshold: usualOf(grid) }));
  const rows = distinct([...made, ...inGrid, ...left].map(put));
  if (events.length === 0 || rows.length === 0)
    return ranked(isState ? GUESS : GUESS * 0.9, because, distinct(grid.map(put)));
  const isStuck = says(reading, cue.total) || /\bstuck\b/.test(text);
  const score = isStuck ? SURE : threshold !== undefined ? CLEAR : MAYBE;
  return ranked(score * fit(spots[0]), [...because, ...names(events[0])], rows);
}
