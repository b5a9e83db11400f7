import { existsSync } from "node:fs";
import { join } from "node:path";
import { generateSample, type SampledService, type ServiceName } from "../../index.js";
import { type Context, print, type ReadingOptions } from "../context.js";
import { progressOnStderr } from "../progress.js";
import { sampleServices } from "../sample-services.js";

/** Options of `leadline sample`. */
export interface SampleCommandOptions extends ReadingOptions {
  readonly out: string;
  readonly users: number;
  readonly seed: number;
  readonly format: "parquet" | "csv";
  readonly service?: ServiceName;
  readonly ifMissing?: boolean;
}

/** `leadline sample`: makes data in which the answers are known, with a study for each service. */
export async function sample(options: SampleCommandOptions, { signal }: Context): Promise<void> {
  const { out, users, seed, format, service } = options;
  const wanted = service === undefined ? sampleServices : [service];
  const expected = ["truth.json", ...wanted.flatMap((name) => [`${name}.${format}`, `${name}.yaml`])];
  if (options.ifMissing === true && expected.every((file) => existsSync(join(out, file)))) {
    print(`${out} has its sample data already.\n`);
    return;
  }
  const progress = progressOnStderr(options.quiet);
  try {
    const { services, truth } = await generateSample({
      out,
      users,
      seed,
      format,
      signal,
      onProgress: (done) => progress.update({ phase: "write", done, total: 0, unit: "events" }),
      ...(service === undefined ? {} : { service }),
    });
    progress.clear();
    const lines = services.map(describe);
    const [first] = services;
    print([...lines, `${truth}: what was planted`, `Next: leadline run ${first?.study}`, ""].join("\n"));
  } finally {
    progress.clear();
  }
}

function describe({ events, study, rows, sessions, sizeBytes }: SampledService): string {
  const count = (value: number): string => value.toLocaleString("en-US");
  const size = (sizeBytes / 1e6).toLocaleString("en-US", { maximumSignificantDigits: 3 });
  return `${events}: ${count(rows)} events, ${count(sessions)} sessions, ${size} MB; its study: ${study}`;
}
