import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { memorySize, wholeNumber } from "./arguments.js";
import type { BenchCommandOptions } from "./commands/bench.js";
import type { ColumnsOptions } from "./commands/columns.js";
import type { ExplainOptions } from "./commands/explain.js";
import type { ModelCheckOptions, ModelPullOptions } from "./commands/model.js";
import type { ReportCommandOptions } from "./commands/report.js";
import type { RunCommandOptions } from "./commands/run.js";
import type { SampleCommandOptions } from "./commands/sample.js";
import type { VerdictCommandOptions } from "./commands/verdict.js";
import type { Context, ReadingOptions } from "./context.js";
import type { RedactOptions } from "./redact.js";
import { sampleServices } from "./sample-services.js";

/**
 * The command line: what there is, what it takes, and help. Commands are loaded when they run, so that help is quick.
 * A usage error and help end in a `CommanderError`, which carries the exit code.
 */
export function buildProgram(context: Context): Command {
  const program = new Command("leadline")
    .description(
      "Finds behaviours and states of users in which a KPI is much worse, in event telemetry: Parquet, CSV and NDJSON files.",
    )
    .version(packageVersion())
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText("after", rootExamples);
  // Commands copy the settings above when they are made, so they come last.
  addRun(program, context);
  addReport(program);
  addShow(program);
  addVerdict(program);
  addInit(program, context);
  addCheck(program, context);
  addExplain(program, context);
  addColumns(program, context);
  addSample(program, context);
  addTemplates(program);
  addModel(program, context);
  addBench(program, context);
  return program;
}

const rootExamples = `
Examples:
  leadline sample --out sample-data          make data in which the answers are known
  leadline run sample-data/subscription.yaml find them
  leadline run study.yaml --html report.html write what was found as a page to pass on
  leadline init events.parquet               look at your own data and write study.yaml
  leadline run study.yaml                    test what study.yaml asks
  leadline run events.csv                    all at once, with KPIs guessed from names

leadline COMMAND --help tells more of each.

Exit codes: 0 done, also when nothing was found; 1 bad data or study; 2 bad usage; 130 interrupted.`;

function addRun(program: Command, context: Context): void {
  const command = program
    .command("run")
    .summary("test a study's hypotheses and print the opportunities")
    .description(
      "Reads the data of a study, tests every hypothesis on every KPI and prints the opportunities, best first. Given data files " +
        "instead of a study, it runs the one that leadline init would write.",
    )
    .argument("<STUDY|FILE...>", "a study (.yaml, .yml, .json), or data files and globs")
    .option("--json <FILE>", "write the result, with all its evidence, as JSON; - is standard output")
    .option("--html <FILE>", "write the report as one HTML file that needs no network; - is standard output")
    .option(
      "--derived <FILE>",
      "write a row a session: its KPIs and whether it is in each opportunity (.parquet, .csv)",
    )
    .addOption(redactOption())
    .option(
      "--rounds <N>",
      "choose and test N times, each time by what was found before (default: 1)",
      wholeNumber(1, 100),
    )
    .option("--prompt <TEXT>", "what to look for, in plain words, instead of the study's prompt")
    .option(
      "--model <FILE>",
      "a local Llama, as a GGUF file, that chooses hypotheses beside the selector (default: where there is a prompt, the one that LEADLINE_MODEL names)",
    )
    .option(
      "--replay <RESULT>",
      "choose as an earlier result records it, with its prompt, seed and rounds, and without a model",
    )
    .addOption(
      new Option("--experts <WHICH>", "who judges: all, with the honesty checks, or the paper's two experts alone")
        .choices(["all", "paper"])
        .default("all"),
    )
    .option("--since <RESULT>", "mark what is new, worse or better than in an earlier result, and list what is gone")
    .option("--sample <N>", "read about N sessions, whole users", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option("--from <TIME>", "only sessions that start then or later, such as 2026-11-16")
    .option("--to <TIME>", "only sessions that start before then")
    .option("--seed <N>", "seed of everything random", wholeNumber(-(2 ** 31), 2 ** 32 - 1), 0)
    .addOption(memoryOption())
    .option("--cache", "keep the event table in .leadline beside the study: the next run does not read the files again")
    .addHelpText(
      "after",
      `
Examples:
  leadline run study.yaml
  leadline run study.yaml --json result.json --html report.html
  leadline run study.yaml --from 2026-11-16 --to 2026-11-23
  leadline run study.yaml --prompt "in their second or later session" --model llama.gguf
  leadline run 'data/*.parquet' --sample 100000`,
    );
  addReadingOptions(command).action(async (targets: string[], options: RunCommandOptions) => {
    const { run } = await import("./commands/run.js");
    await run(targets, options, context);
  });
}

function addReport(program: Command): void {
  program
    .command("report")
    .summary("write a result as HTML, Markdown or CSV")
    .description(
      "Writes other forms of a result file: a page to look at, Markdown for a ticket, a table for a spreadsheet.",
    )
    .argument("<RESULT>", "a result that leadline run --json wrote")
    .option("--html <FILE>", "one HTML file that needs no network; - is standard output")
    .option("--markdown <FILE>", "Markdown, such as tickets take")
    .option("--csv <FILE>", "a line each opportunity")
    .addOption(redactOption())
    .option("--quiet", "say nothing on standard error but errors")
    .addHelpText(
      "after",
      `
Examples:
  leadline report result.json --html report.html
  leadline report result.json --markdown - --csv opportunities.csv`,
    )
    .action(async (file: string, options: ReportCommandOptions) => {
      const { report } = await import("./commands/report.js");
      await report(file, options);
    });
}

function addShow(program: Command): void {
  program
    .command("show")
    .summary("print one opportunity in full")
    .description("Prints one opportunity of a result file with all its evidence.")
    .argument("<ID>", "its id, or its rank")
    .argument("<RESULT>", "a result that leadline run --json wrote")
    .addOption(redactOption())
    .addHelpText("after", "\nExample:\n  leadline show 1 result.json")
    .action(async (id: string, file: string, options: RedactOptions) => {
      const { show } = await import("./commands/show.js");
      await show(id, file, options);
    });
}

function memoryOption(): Option {
  return new Option(
    "--memory <SIZE>",
    "memory that the run may use, such as 4GB (default: 60 % of the machine's); events beyond it are kept on disk meanwhile",
  ).argParser(memorySize);
}

function redactOption(): Option {
  return new Option("--redact <WHAT>", "users: ids of users and sessions become numbers of this report alone").choices([
    "users",
  ]);
}

function addVerdict(program: Command): void {
  program
    .command("verdict")
    .summary("say what an opportunity is worth, for later runs")
    .description(
      "Keeps what you say of an opportunity beside the study: useful and noise weigh in what later runs choose to test; what is " +
        "known is not shown again unless it gets worse.",
    )
    .argument("<ID>", "its id, or its rank in the result")
    .argument("<VERDICT>", "useful, noise or known")
    .requiredOption("--study <STUDY>", "the study (.yaml, .yml, .json)")
    .option("--result <RESULT>", "the result that reports it; not needed once a verdict was given on it")
    .addHelpText(
      "after",
      `
Examples:
  leadline verdict 1 useful --study study.yaml --result result.json
  leadline verdict k1w8dcd3xz known --study study.yaml --result result.json`,
    )
    .action(async (id: string, word: string, options: VerdictCommandOptions) => {
      const { verdict } = await import("./commands/verdict.js");
      await verdict(id, word, options);
    });
}

function addInit(program: Command, context: Context): void {
  const command = program
    .command("init")
    .summary("profile data and write a starter study")
    .description(
      "Prints what data files hold and what to beware of in them, and writes a study with KPIs guessed from names, to be read and " +
        "corrected. A study that exists is never replaced.",
    )
    .argument("<FILE...>", "data files and globs: .parquet, .csv, .tsv, .ndjson, .jsonl, the text ones also as .gz")
    .option("--out <FILE>", "where the study goes", "study.yaml")
    .addHelpText(
      "after",
      `
Examples:
  leadline init events.parquet
  leadline init 'logs/*.csv.gz' --out logs.yaml`,
    );
  addReadingOptions(command).action(async (files: string[], options: ColumnsOptions) => {
    const { init } = await import("./commands/init.js");
    await init(files, options, context);
  });
}

function addCheck(program: Command, context: Context): void {
  const command = program
    .command("check")
    .summary("validate a study against its data")
    .description(
      "Tells whether a study is valid: its keys, its files and columns, and that every expression means something in the data. " +
        "Tests no hypothesis.",
    )
    .argument("<STUDY>", "a study (.yaml, .yml, .json)")
    .addHelpText("after", "\nExample:\n  leadline check study.yaml");
  addReadingOptions(command).action(async (study: string, options: ReadingOptions) => {
    const { check } = await import("./commands/check.js");
    await check(study, options, context);
  });
}

function addExplain(program: Command, context: Context): void {
  const command = program
    .command("explain")
    .summary("print what a run would compute, or what an expression means and where it holds")
    .description(
      "Prints the plan of a study: KPIs, hypothesis classes, the merged computation, passes and memory. Given an expression as well: what it " +
        "means in words, in how many sessions it holds, every KPI inside and outside, and sessions to look at. Tests no hypothesis.",
    )
    .usage("[options] [EXPR] <STUDY>")
    .argument("<EXPR|STUDY>", "an expression: a condition, a number or a text; or the study alone")
    .argument("[STUDY]", "a study (.yaml, .yml, .json)")
    .option("--json <FILE>", "write it as JSON; - is standard output")
    .option("--from <TIME>", "only sessions that start then or later, such as 2026-11-16")
    .option("--to <TIME>", "only sessions that start before then")
    .addOption(redactOption())
    .addHelpText(
      "after",
      `
Examples:
  leadline explain study.yaml
  leadline explain 'buy_plan -> not payment_complete within 10s' study.yaml
  leadline explain 'count(error) in 60s' study.yaml --json error.json`,
    );
  addReadingOptions(command).action(async (first: string, second: string | undefined, options: ExplainOptions) => {
    const { explain } = await import("./commands/explain.js");
    await explain(first, second, options, context);
  });
}

function addColumns(program: Command, context: Context): void {
  const command = program
    .command("columns")
    .summary("write derived columns for any expressions")
    .description(
      "Computes expressions over the data of a study and writes a row a session: its user, id and start, and a column an expression, " +
        "named by the expression. Tests no hypothesis.",
    )
    .argument("<STUDY>", "a study (.yaml, .yml, .json)")
    .argument("<EXPR...>", "expressions: conditions, numbers or texts")
    .requiredOption("--out <FILE>", "where they go: .parquet or .csv")
    .addOption(memoryOption())
    .addHelpText(
      "after",
      `
Examples:
  leadline columns study.yaml 'count(error)' 'buy -> error within 10s' --out columns.parquet
  leadline columns study.yaml session.duration 'previous(os)' --out columns.csv`,
    );
  addReadingOptions(command).action(async (study: string, expressions: string[], options: ColumnsOptions) => {
    const { columns } = await import("./commands/columns.js");
    await columns(study, expressions, options, context);
  });
}

function addSample(program: Command, context: Context): void {
  program
    .command("sample")
    .summary("make sample data in which the answers are known")
    .description(
      "Makes four weeks of events of invented services, a study for each, and truth.json, which says what was planted in them.",
    )
    .option("--out <DIR>", "where the files go", "sample-data")
    .option("--users <N>", "users of each service", wholeNumber(1, 50_000_000), 20_000)
    .option("--seed <N>", "the same seed gives the same files", wholeNumber(-(2 ** 31), 2 ** 32 - 1), 1)
    .addOption(new Option("--format <FORMAT>", "of the events").choices(["parquet", "csv"]).default("parquet"))
    .addOption(new Option("--service <NAME>", "only this service (default: all)").choices(sampleServices))
    .option("--if-missing", "do nothing where the files are there already")
    .option("--quiet", "say nothing of progress")
    .addHelpText(
      "after",
      `
Examples:
  leadline sample
  leadline sample --out big --users 200000 --service subscription
  leadline sample --out text --format csv`,
    )
    .action(async (options: SampleCommandOptions) => {
      const { sample } = await import("./commands/sample.js");
      await sample(options, context);
    });
}

function addTemplates(program: Command): void {
  program
    .command("templates")
    .summary("list the templates of hypotheses")
    .description("Lists the templates of hypotheses, their parameters, and how a study states them.")
    .action(async () => {
      const { listTemplates } = await import("./commands/templates.js");
      listTemplates();
    });
}

function addModel(program: Command, context: Context): void {
  const model = program
    .command("model")
    .summary("check or fetch the local model that reads prompts")
    .description(
      "Looks after the GGUF file of a local Llama, which docs/MODEL.md tells of. No other command uses a network.",
    );
  model
    .command("check")
    .summary("tell what a model file is, and how it runs here")
    .description(
      "Prints what a model file says of itself and its SHA-256; where the package that runs models is installed, also how long it " +
        "loads, how fast it reads and writes, what memory it takes, and its answer to a question.",
    )
    .argument("[FILE]", "a GGUF file (default: the one that LEADLINE_MODEL names)")
    .option("--threads <N>", "threads of the model (default: as many as there are processors)", wholeNumber(1, 1024))
    .addHelpText("after", "\nExample:\n  leadline model check models/Llama-3.2-1B-Instruct-Q4_K_M.gguf")
    .action(async (file: string | undefined, options: ModelCheckOptions) => {
      const { modelCheck } = await import("./commands/model.js");
      await modelCheck(file, options, context);
    });
  model
    .command("pull")
    .summary("fetch a model file from the network")
    .description(
      "Fetches a model file by node-llama-cpp's downloader. Where there is no network it says what to fetch elsewhere, and where to put it.",
    )
    .argument("[NAME]", "llama-3.2-1b, llama-3.2-3b, hf:USER/REPOSITORY/FILE.gguf or https://… (default: llama-3.2-1b)")
    .option("--dir <DIR>", "where the file goes", "models")
    .option("--quiet", "say nothing of progress")
    .addHelpText("after", "\nExamples:\n  leadline model pull\n  leadline model pull llama-3.2-3b --dir models")
    .action(async (name: string | undefined, options: ModelPullOptions) => {
      const { modelPull } = await import("./commands/model.js");
      await modelPull(name, options, context);
    });
}

function addBench(program: Command, context: Context): void {
  program
    .command("bench")
    .summary("measure the main job on this machine, against DuckDB")
    .description(
      "Makes sample data of a size in the system's folder for temporary files, runs the main job on them and the same counts by " +
        "DuckDB, checks that both give the same, and prints both times. Needs the package @duckdb/node-api beside leadline.",
    )
    .addOption(new Option("--size <SIZE>", "events, about").choices(["100k", "1M", "10M"]).default("1M"))
    .option("--rounds <N>", "rounds that are timed", wholeNumber(1, 100), 2)
    .addHelpText("after", "\nExample:\n  leadline bench --size 100k")
    .action(async (options: BenchCommandOptions) => {
      const { bench } = await import("./commands/bench.js");
      await bench(options, context);
    });
}

function addReadingOptions(command: Command): Command {
  return command
    .option("--threads <N>", "worker threads (default: as many as there are processors)", wholeNumber(1, 1024))
    .option("--quiet", "say nothing on standard error but errors");
}

function packageVersion(): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  return manifest.version;
}
