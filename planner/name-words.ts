/** The words of a name, in lower case: `BuyPlan-click_2` is buy, plan, click, 2. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/(?<=[\p{Ll}\d])(?=\p{Lu})/gu, " ")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

const startWords: ReadonlySet<string> = new Set([
  ...["start", "starts", "started", "begin", "begins", "began", "begun", "open", "opened", "request", "requested"],
  ...["attempt", "attempted", "try", "submit", "submitted", "initiate", "initiated", "send", "sent", "call", "play"],
]);

const endWords: ReadonlySet<string> = new Set([
  ...["complete", "completes", "completed", "end", "ends", "ended", "finish", "finishes", "finished", "succeed"],
  ...["succeeds", "succeeded", "success", "done", "confirmed", "confirm", "response", "responded", "received"],
]);

const errorWords: ReadonlySet<string> = new Set([
  ...["error", "errors", "err", "fail", "fails", "failed", "failure", "failures", "crash", "crashed", "crashes"],
  ...["timeout", "timeouts", "exception", "exceptions", "fatal", "panic", "abort", "aborted", "rejected", "declined"],
  ...["denied", "rejection", "abandoned", "abandonment", "canceled", "cancelled", "cancellation", "fault", "faults"],
  ...["faulted", "refused", "unreachable", "unavailable", "oom", "killed", "corrupt", "corrupted"],
]);

/** Words that tell of a failure at a name's end (`checkout_cancel`); before others they ask for something (`cancel_order`). */
const endingErrorWords: ReadonlySet<string> = new Set([
  ...["cancel", "cancels", "abandon", "abandons", "reject", "rejects", "decline", "declines", "deny", "denies"],
]);

const labelWords: ReadonlySet<string> = new Set([
  ...["label", "outcome", "result", "status", "failed", "failure", "fail", "error", "anomaly", "anomalous", "success"],
  ...["succeeded", "successful", "ok", "converted", "conversion", "churned", "churn", "fraud", "crashed", "passed"],
  ...["completed", "verdict", "conclusion"],
]);

const badValues: ReadonlySet<string> = new Set([
  ...["fail", "failed", "failure", "fails", "error", "bad", "anomaly", "anomalous", "abnormal", "crash", "crashed"],
  ...[
    "unexpected",
    "timeout",
    "rejected",
    "declined",
    "denied",
    "lost",
    "killed",
    "kill",
    "aborted",
    "fraud",
    "churned",
  ],
  ...["unsuccessful", "negative", "ko", "nok", "cancelled", "canceled", "abandoned", "refused", "faulty", "errored"],
  "broken",
]);

const goodNames: ReadonlySet<string> = new Set([
  ...["success", "succeeded", "successful", "ok", "converted", "conversion", "passed", "completed"],
]);

/** Columns of which a yes is a failure, where the name tells nothing else. */
const badNames: ReadonlySet<string> = new Set([
  ...["failed", "failure", "fail", "error", "anomaly", "anomalous", "churned", "churn", "fraud", "crashed", "label"],
]);

const noWords: ReadonlySet<string> = new Set(["false", "no", "n", "0"]);
const yesWords: ReadonlySet<string> = new Set(["true", "yes", "y", "1"]);

/** Whether an event's name tells of a failure by itself. */
export function namesAnError(name: string): boolean {
  const own = wordsOf(name);
  return own.some((word) => errorWords.has(word)) || endingErrorWords.has(own.at(-1) ?? "");
}

/** Words of measures that are worse when higher, and when lower, whatever is measured. Durations may be either. */
const worseHigherWords: ReadonlySet<string> = new Set([
  ...["latency", "delay", "delays", "lag", "wait", "waited", "waiting", "jitter", "retries", "errors", "failures"],
  ...["lateness", "overdue", "response"],
]);
const worseLowerWords: ReadonlySet<string> = new Set([
  ...["rating", "stars", "nps", "csat", "satisfaction", "fps", "throughput", "bandwidth"],
]);

/** Words of numbers that name a kind of thing rather than measure one. */
const kindWords: ReadonlySet<string> = new Set([
  ...["version", "release", "build", "tier", "group", "variant", "class", "zone", "grade", "category", "type", "code"],
]);

/** Whether the numbers of a column of this name are names of kinds, such as versions. */
export function namesAKind(column: string): boolean {
  return wordsOf(column).some((word) => kindWords.has(word));
}

/** Which way a measure of this name gets worse; null where no word tells. */
export function worseDirection(name: string): "higher" | "lower" | null {
  const own = wordsOf(name);
  if (own.some((word) => worseHigherWords.has(word))) return "higher";
  return own.some((word) => worseLowerWords.has(word)) ? "lower" : null;
}

/** Whether a column's name is one that labels have. */
export function namesALabel(column: string): boolean {
  return wordsOf(column).some((word) => labelWords.has(word));
}

/**
 * Which of a label's values tell of a failure, by what they or the column are called.
 * @returns empty where no word tells
 */
export function failingValues<T extends string | number | boolean>(column: string, values: readonly T[]): readonly T[] {
  const bad = values.filter((value) => wordsOf(String(value)).some((word) => badValues.has(word)));
  if (bad.length > 0) return bad.length < values.length ? bad : [];
  const words = wordsOf(column);
  const isGood = words.some((word) => goodNames.has(word));
  if (values.length !== 2 || !(isGood || words.some((word) => badNames.has(word)))) return [];
  const wanted = isGood ? noWords : yesWords;
  return values.filter((value) => wanted.has(String(value).toLowerCase()));
}

/** Words of wanting to buy, and of what buying comes to; those in both tell by the words beside them. */
const buyWords: ReadonlySet<string> = new Set(["buy", "purchase", "checkout", "order", "subscribe", "upgrade", "pay"]);
const boughtWords: ReadonlySet<string> = new Set([
  ...["payment", "purchase", "order", "checkout", "subscription", "transaction", "charge"],
]);
/** Words of looking at what was bought: nobody who does wants to buy. */
const lookWords: ReadonlySet<string> = new Set(["list", "track", "tracking", "history", "status", "detail", "details"]);
const boughtEnds: ReadonlySet<string> = new Set([...endWords, "placed", "paid", "approved", "accepted"]);

/**
 * Pairs of names that begin and complete the same thing: they differ in one word, which begins in one and ends in the
 * other (`checkout_start`, `checkout_complete`). Where no such pair tells of it, also what wants to buy and what says that it
 * was bought (`buy_plan`, `payment_complete`). O(names²) at worst.
 */
export function pairNames(names: readonly string[]): { readonly start: string; readonly end: string }[] {
  const pairs = stemPairs(names);
  const isPaired = (name: string): boolean => pairs.some(({ start, end }) => name === start || name === end);
  const has = (name: string, words: ReadonlySet<string>): boolean => wordsOf(name).some((word) => words.has(word));
  const ends = names.filter((name) => has(name, boughtWords) && has(name, boughtEnds) && !isPaired(name));
  const starts = names.filter(
    (name) =>
      has(name, buyWords) && ![boughtEnds, errorWords, lookWords].some((words) => has(name, words)) && !isPaired(name),
  );
  return [...pairs, ...starts.flatMap((start) => ends.map((end) => ({ start, end })))];
}

function stemPairs(names: readonly string[]): { readonly start: string; readonly end: string }[] {
  const ends = new Map<string, string[]>();
  for (const name of names) {
    for (const stem of stemsOf(name, endWords)) ends.set(stem, [...(ends.get(stem) ?? []), name]);
  }
  return names.flatMap((start) =>
    stemsOf(start, startWords)
      .flatMap((stem) => ends.get(stem) ?? [])
      .filter((end) => end !== start)
      .map((end) => ({ start, end })),
  );
}

/** What is left of a name when one of `words` is cut out of it, for each that it holds. */
function stemsOf(name: string, words: ReadonlySet<string>): string[] {
  const own = wordsOf(name);
  return own.flatMap((word, at) => (words.has(word) ? [own.toSpliced(at, 1).join(" ")] : []));
}
