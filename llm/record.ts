/** What a model was asked and answered in a run: enough to repeat the run without it. */
export interface ModelRecord {
  /** As the file calls itself; null where it could not be read. */
  readonly name: string | null;
  /** Without its folders. */
  readonly file: string;
  /** Of the file's bytes, in hexadecimal; null where it could not be read. */
  readonly sha256: string | null;
  /** What ran the model, with its version; null where it is not installed. */
  readonly package: string | null;
  readonly seed: number;
  readonly rounds: readonly RoundRecord[];
}

/** A round of it. */
export interface RoundRecord {
  /** From 1 on. */
  readonly round: number;
  /** Hash of what the round was about: the person's words, the library, what is known of the data, earlier rounds. */
  readonly asked: string;
  /** What the model read; absent where a redacted result left it out. */
  readonly prompt?: { readonly system: string; readonly text: string };
  /** By template: natural logarithm of the probability of the person's words, were the template what they mean. */
  readonly scores: readonly { readonly template: string; readonly log_probability: number }[];
  /** As the model wrote them. */
  readonly answers: readonly string[];
  /** What went wrong, in sentences. */
  readonly warnings: readonly string[];
}
