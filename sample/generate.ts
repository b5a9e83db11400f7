import { open, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LeadlineError } from "../errors.js";
import { makeFolder } from "./make-folder.js";
import { player } from "./services/player.js";
import type { Service, ServiceName } from "./services/service.js";
import { shop } from "./services/shop.js";
import { subscription } from "./services/subscription.js";
import { type Simulated, simulate } from "./simulate.js";
import { Tally, type TruthEntry } from "./truth.js";
import { CsvWriter } from "./write-csv.js";
import { ParquetWriter } from "./write-parquet.js";

const SERVICES: readonly Service[] = [subscription, player, shop];
/** A visit list's places and a user's id have to fit their integers. */
const MOST_USERS = 50_000_000;

/** What sample data to make. */
export interface SampleOptions {
  /** The folder for the files; made if it does not exist. */
  readonly out: string;
  /** Users of each service, 1 to 50,000,000. */
  readonly users: number;
  /** A 32-bit integer; the same one gives the same files, byte for byte. */
  readonly seed: number;
  readonly format: "parquet" | "csv";
  /**
   * The one service to make.
   * @default all
   */
  readonly service?: ServiceName;
  /** Called now and then with the number of events written so far. */
  readonly onProgress?: (events: number) => void;
  readonly signal?: AbortSignal;
}

/** One service's files and their sizes. */
export interface SampledService {
  readonly service: ServiceName;
  /** Paths */
  readonly events: string;
  readonly study: string;
  readonly rows: number;
  readonly sessions: number;
  readonly sizeBytes: number;
}

/** What was made. */
export interface SampleSummary {
  readonly services: readonly SampledService[];
  /** Path of the file that says what was planted. */
  readonly truth: string;
}

/**
 * Makes sample data: for each service a file of events and a study, and one `truth.json` for all. Files appear whole or
 * not at all; those of an earlier run are replaced. Time is linear in events; memory does not grow with users but for the
 * list of one day's visits (56 bytes each).
 * @throws LeadlineError `aborted` when the signal says so
 * @throws RangeError for users or a seed out of range
 */
export async function generateSample(options: SampleOptions): Promise<SampleSummary> {
  const { out, users, seed, service: only } = options;
  if (!Number.isInteger(users) || users < 1 || users > MOST_USERS) {
    throw new RangeError(`invalid users: ${users} (a whole number from 1 to ${MOST_USERS})`);
  }
  if (!Number.isInteger(seed) || seed < -(2 ** 31) || seed >= 2 ** 32) {
    throw new RangeError(`invalid seed: ${seed} (a whole number of 32 bits)`);
  }
  await makeFolder(out);

  const services: SampledService[] = [];
  const truth: TruthEntry[] = [];
  let written = 0;
  const onBatch = (events: number) => {
    if (options.signal?.aborted) throw new LeadlineError("aborted", "aborted: sample data were being written");
    written += events;
    options.onProgress?.(written);
  };
  for (const [index, service] of SERVICES.entries()) {
    if (only !== undefined && service.name !== only) continue;
    const tally = new Tally(service.planted);
    services.push(await writeService(service, index, options, tally, onBatch));
    truth.push(...tally.entries(service.name));
  }
  const truthPath = join(out, "truth.json");
  await writeFile(truthPath, `${JSON.stringify(truth, null, 2)}\n`);
  return { services, truth: truthPath };
}

async function writeService(
  service: Service,
  index: number,
  { out, users, seed, format }: SampleOptions,
  tally: Tally,
  onBatch: (events: number) => void,
): Promise<SampledService> {
  const file = `${service.name}.${format}`;
  const path = join(out, file);
  const partial = `${path}.partial`;
  try {
    const handle = await open(partial, "w");
    let simulated: Simulated;
    try {
      const Writer = format === "csv" ? CsvWriter : ParquetWriter;
      const writer = new Writer(handle, service.columns);
      await writer.begin();
      simulated = await simulate(service, { users, seed, stream: index }, tally, writer, onBatch);
      await writer.end();
    } finally {
      await handle.close();
    }
    await rename(partial, path);
    const study = join(out, `${service.name}.yaml`);
    await writeFile(study, service.study(file));
    const { size } = await stat(path);
    return { service: service.name, events: path, study, ...simulated, sizeBytes: size };
  } finally {
    await rm(partial, { force: true });
  }
}
