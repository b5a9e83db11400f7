import {
  checkModel,
  knownModels,
  LeadlineError,
  type ModelCheck,
  missingPackage,
  pullModel,
  safeText,
} from "../../index.js";
import { type Context, print } from "../context.js";
import { progressOnStderr } from "../progress.js";
import { UsageError } from "../usage-error.js";

/** Options of `leadline model check`. */
export interface ModelCheckOptions {
  readonly threads?: number;
}

/** Options of `leadline model pull`. */
export interface ModelPullOptions {
  readonly dir: string;
  readonly quiet?: boolean;
}

/** `leadline model check`: what a model file is, and how it runs here. */
export async function modelCheck(
  path: string | undefined,
  { threads }: ModelCheckOptions,
  { signal }: Context,
): Promise<void> {
  const named = path ?? process.env["LEADLINE_MODEL"] ?? "";
  if (named === "") throw new UsageError("missing model file: name one, or set LEADLINE_MODEL");
  const check = await checkModel(named, threads === undefined ? {} : { threads }, signal);
  print(describe(check));
  if (check.package === null) throw new LeadlineError("model-invalid", missingPackage);
}

/** `leadline model pull`: fetches a model file. */
export async function modelPull(
  name: string | undefined,
  options: ModelPullOptions,
  { signal }: Context,
): Promise<void> {
  const progress = progressOnStderr(options.quiet);
  try {
    const path = await pullModel(name ?? knownModels[0]?.name ?? "", options.dir, {
      signal,
      onProgress: (done, total) => progress.update({ phase: "fetch", done, total, unit: "bytes" }),
    });
    progress.clear();
    print(`${safeText(path)}\nNext: export LEADLINE_MODEL=${safeText(path)} && leadline model check\n`);
  } finally {
    progress.clear();
  }
}

function describe({ file, sha256, package: found, run }: ModelCheck): string {
  const count = (value: number, digits = 3): string =>
    value.toLocaleString("en-US", { maximumSignificantDigits: digits });
  const kind = [file.architecture, file.sizeLabel, file.quantisation, `GGUF v${file.version}`];
  const rows: [label: string, text: string][] = [
    ["file", file.path],
    ["name", file.name ?? "not given"],
    ["size", `${count(file.size / 1e6)} MB`],
    ["SHA-256", sha256],
    ["model", kind.filter((part) => part !== null).join(", ")],
    ["context", file.contextLength === null ? "not given" : `${count(file.contextLength, 9)} tokens`],
    ["package", found === null ? "node-llama-cpp is not installed" : `node-llama-cpp ${found.version}`],
  ];
  if (run !== null) {
    const { loadMs, threads, contextSize, speed, trial } = run;
    const { classes } = trial;
    const answer =
      classes === null
        ? `not valid: ${trial.text}`
        : classes.map(({ template, parameters }) => `${template} ${JSON.stringify(parameters)}`).join("; ");
    rows.push(
      ["loading", `${count(loadMs / 1000)} s, for ${count(contextSize, 9)} tokens on ${threads} threads`],
      ["reading", `${count(speed.promptTokensPerS)} tokens/s`],
      ["writing", `${count(speed.answerTokensPerS)} tokens/s`],
      ["memory", `${count(speed.memoryBytes / 1e6)} MB, of the model's process`],
      ["trial", trial.prompt],
      ["answer", `${answer} (${classes === null ? "" : "valid, "}${count(trial.ms / 1000)} s)`],
    );
  }
  return `${rows.map(([label, text]) => `${label.padEnd(8)} ${safeText(text)}`).join("\n")}\n`;
}
