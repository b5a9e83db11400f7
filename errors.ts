/** Who has to act on an error: the code says it, so that callers can branch without reading text. */
export type ErrorCode =
  /** A data file cannot be read as what it claims to be. */
  | "source-invalid"
  /** The study file breaks its schema, or names something that the data do not have. */
  | "study-invalid"
  /** An expression does not parse, or means nothing for these data. */
  | "expression-invalid"
  /** A result file is not one, or is of a later schema. */
  | "result-invalid"
  /** A file of people's verdicts is not one, or knows nothing of an opportunity. */
  | "verdicts-invalid"
  /** An output file cannot be written where it should be. */
  | "output-invalid"
  /** A language model cannot be loaded or used. */
  | "model-invalid"
  /** A worker thread failed on a partition. */
  | "worker-failed"
  /** Parsed and valid, but not computed by this version. */
  | "unsupported"
  /** The caller aborted. */
  | "aborted";

/**
 * An error that a person can mend: its message is one clear sentence (where, what was found, what is allowed).
 * Mistakes of a calling program are `RangeError` or `TypeError` instead.
 */
export class LeadlineError extends Error {
  override readonly name = "LeadlineError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
