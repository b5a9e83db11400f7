/** A stand-in for the model's process: FAKE_MODEL says how it behaves, FAKE_ANSWER what it answers, and FAKE_LIKES what templates it likes. */
type Message = { readonly id: number; readonly kind: string; readonly request?: Readonly<Record<string, unknown>> };

const how = process.env["FAKE_MODEL"] ?? "";
let asked = 0;

process.on("message", ({ id, kind, request }: Message) => {
  const done = (value: unknown): void => void process.send?.({ id, kind: "done", value });
  if (kind === "abort") return;
  if (kind === "load") {
    if (how === "hangs while it loads") return;
    if (how === "crashes while it loads") process.kill(process.pid, "SIGSEGV");
    else done(how === "loads garbage" ? "garbage" : { contextSize: 4096 });
  } else if (kind === "dispose") done(null);
  else if (kind === "score") {
    if (how === "hangs over a score") return;
    if (how === "scores garbage") done(["not a number"]);
    else done([String(request?.["prompt"]).includes(process.env["FAKE_LIKES"] ?? "tried") ? -40 : -50]);
  } else {
    asked++;
    if (how === "hangs over an answer") return;
    if (how === "is killed in an answer") process.kill(process.pid, "SIGKILL");
    else if (how === "crashes in its second answer" && asked === 2) process.kill(process.pid, "SIGABRT");
    else if (how === "replies with garbage") done({ garbage: true });
    else if (how === "answers nonsense") done({ text: "\u0000{]", stop: "end", tokens: 1 });
    else if (how === "is cut") done({ text: '{"classes":[{"templ', stop: "cut", tokens: 200 });
    else done({ text: process.env["FAKE_ANSWER"] ?? '{"classes":[]}', stop: "end", tokens: 1 });
  }
});
process.on("disconnect", () => process.exit(0));
