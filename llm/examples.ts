/** A question in plain words for each template of the library: what a model compares a person's words with. */
export const examples: Readonly<Record<string, string>> = {
  "event-pattern": "what happens right before the crash: paths and sequences",
  "user-lifecycle": "are new users worse off than loyal ones?",
  "time-of-session": "is it worse at night?",
  "attribute-predicate": "is it only on Android?",
  "session-shape": "visits that last longer than an hour",
  repetition: "clicks the same button over and over",
  retries: "needs several attempts until the login works",
  "time-in-state": "stuck waiting for more than 30 seconds in all",
  elapsed: "it takes too long from the order to the receipt",
  absence: "starts the form but never sends it",
  until: "keeps refreshing, nothing else, until it fails",
  change: "switched to another phone since the last visit",
  "external-context": "the server's CPU was high",
  "top-values": "the most common error codes",
  load: "when many others are using it at the same time",
};
