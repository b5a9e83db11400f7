/** A stand-in for the model's process that misbehaves on request: the prompt says how. */
type Message = { readonly id: number; readonly kind: string; readonly request?: Readonly<Record<string, unknown>> };

const waiting = new Map<number, () => void>();

process.on("message", (message: Message) => {
  const done = (value: unknown): void => void process.send?.({ id: message.id, kind: "done", value });
  const failed = (text: string): void => void process.send?.({ id: message.id, kind: "failed", message: text });
  if (message.kind === "abort") {
    waiting.get(message.id)?.();
    return;
  }
  const prompt = String(message.request?.["prompt"] ?? "");
  if (message.kind === "load") {
    if (process.env["FAKE_LOAD"] === "hang") return;
    done({ contextSize: 128 });
  } else if (message.kind === "dispose") {
    if (process.env["FAKE_DISPOSE"] === "hang") return;
    done(null);
  } else if (prompt === "crash") process.kill(process.pid, "SIGSEGV");
  else if (prompt === "abort") {
    process.stderr.write("ggml_abort: something in the middle\n", () => process.kill(process.pid, "SIGABRT"));
  } else if (prompt === "killed") process.kill(process.pid, "SIGKILL");
  else if (prompt === "exit") process.exit(3);
  else if (prompt === "memory") {
    process.stderr.write("terminate called: std::bad_alloc\n", () => process.kill(process.pid, "SIGABRT"));
  } else if (prompt === "spin") for (;;);
  else if (prompt === "slow") waiting.set(message.id, () => failed("stopped"));
  else if (prompt === "fail") failed("the model failed: no reason");
  else done({ text: JSON.stringify(message.request), stop: "end", tokens: 1 });
});
process.on("disconnect", () => process.exit(0));
