/** What the process that fetches is told. */
export interface PullRequest {
  readonly uri: string;
  readonly folder: string;
}

/** What it says: progress any number of times, then one of the others. */
export type PullReply =
  | { readonly kind: "progress"; readonly bytes: number; readonly totalBytes: number }
  | { readonly kind: "done"; readonly path: string }
  | { readonly kind: "failed"; readonly message: string };
