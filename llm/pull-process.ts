import { LeadlineError } from "../errors.js";
import { importPackage } from "./package.js";
import type { PullReply, PullRequest } from "./pull-messages.js";

/** The program of the process that fetches a model: the only place in Leadline that uses a network, when a person asks for it. */

process.once("message", async ({ uri, folder }: PullRequest) => {
  try {
    const { createModelDownloader } = await importPackage();
    const downloader = await createModelDownloader({
      modelUri: uri,
      dirPath: folder,
      deleteTempFileOnCancel: true,
      onProgress: ({ downloadedSize, totalSize }) =>
        reply({ kind: "progress", bytes: downloadedSize, totalBytes: totalSize }),
    });
    const cancel = new AbortController();
    process.once("message", () => cancel.abort(new Error("aborted")));
    reply({ kind: "done", path: await downloader.download({ signal: cancel.signal }) });
  } catch (error) {
    const words = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
    reply({ kind: "failed", message: error instanceof LeadlineError ? words : `${words}${cause}` });
  }
});
// a parent that is gone wants no file
process.on("disconnect", () => process.exit(0));

function reply(message: PullReply): void {
  process.send?.(message);
}
