/** A stand-in for the process that fetches a model: the address says how it misbehaves. */
type Message = { readonly uri: string; readonly folder: string };

process.once("message", ({ uri, folder }: Message) => {
  const say = (message: unknown): void => void process.send?.(message);
  if (uri.endsWith("hang")) return;
  if (uri.endsWith("spin")) for (;;);
  if (uri.endsWith("exit")) process.exit(3);
  if (uri.endsWith("fail")) say({ kind: "failed", message: "Failed to fetch manifest" });
  else if (uri.endsWith("stall")) say({ kind: "progress", bytes: 10, totalBytes: 100 });
  else {
    say({ kind: "progress", bytes: 50, totalBytes: 100 });
    say({ kind: "progress", bytes: 100, totalBytes: 100 });
    say({ kind: "done", path: `${folder}/model.gguf` });
  }
});
process.on("disconnect", () => process.exit(0));
