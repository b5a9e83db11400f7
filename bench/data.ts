/**
 * The benchmarks' data: the sample's subscription service, made once into a cache folder and rewritten by DuckDB, so that what is read
 * are files as others write them.
 */

import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync } from "hyparquet";
import { generateSample } from "../sample/generate.js";
import { openDuck } from "./peers/duckdb.js";

/** Changes whenever files made before are not what this code would make. */
const VERSION = 2;
const SEED = 1;
/** DuckDB's own default, written out because row groups are the stretches that threads share. */
const ROW_GROUP_ROWS = 122_880;

/** Users of each size by its name: events are about 22.5 a user. */
export const SIZES = { "100k": 4_400, "1M": 44_200, "10M": 510_000, "100M": 4_450_000 } as const;

/** Name of a size. */
export type SizeName = keyof typeof SIZES;

/** The files of one size. */
export interface DataSet {
  readonly size: SizeName;
  readonly folder: string;
  readonly events: number;
  readonly sessions: number;
  readonly users: number;
  /** All columns, Parquet of dictionary pages, snappy. */
  readonly full: string;
  /** user_id, session_id, ts, event; dictionary pages. */
  readonly dictionary: string;
  /** The same of plain pages. */
  readonly plain: string;
  /** The same as `dictionary`, in the order of time, so that sessions are interleaved. */
  readonly interleaved: string;
  /** The four columns as CSV. */
  readonly csv: string;
  /** All columns as CSV. */
  readonly fullCsv: string;
  /** The four columns and a text with quotes, doubled quotes, commas and line breaks. */
  readonly quotedCsv: string;
}

interface Manifest {
  readonly version: number;
  readonly events: number;
  readonly sessions: number;
  readonly users: number;
}

/** The cache folder: `LEADLINE_BENCH_DIR`, else one under the system's folder for temporary files. */
export function benchFolder(): string {
  return process.env["LEADLINE_BENCH_DIR"] ?? join(tmpdir(), "leadline-bench");
}

/**
 * The files of a size, made where they are not there yet (10M: about a minute and 1.6 GB).
 * @param log - told of every step that takes long
 */
export async function dataSet(size: SizeName, log: (line: string) => void): Promise<DataSet> {
  const folder = join(benchFolder(), size);
  const at = (name: string): string => join(folder, name);
  const files = {
    full: at("full.parquet"),
    dictionary: at("four-dictionary.parquet"),
    plain: at("four-plain.parquet"),
    interleaved: at("four-interleaved.parquet"),
    csv: at("four.csv"),
    fullCsv: at("full.csv"),
    quotedCsv: at("quoted.csv"),
  };
  const manifestPath = at("manifest.json");
  const known = await readManifest(manifestPath);
  if (known !== null) return { size, folder, ...known, ...files };

  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  log(`${size}: simulating ${SIZES[size]} users …`);
  const sample = await generateSample({
    out: folder,
    users: SIZES[size],
    seed: SEED,
    format: "parquet",
    service: "subscription",
  });
  const source = sample.services[0]?.events ?? "";
  const duck = await openDuck();
  const four = "user_id, session_id, ts, event";
  // a text of every kind that a CSV reader can stumble over, in a third of the rows
  const quoted = `${four}, CASE hash(session_id, ts) % 6 WHEN 0 THEN 'he said "no", twice' WHEN 1 THEN 'first line' || chr(10) || 'second, "last" line' ELSE 'plain' END AS note`;
  const parquet = (options = ""): string =>
    `FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}${options}`;
  const copies: readonly (readonly [string, string, string])[] = [
    [`SELECT * FROM '${source}'`, files.full, parquet()],
    [`SELECT ${four} FROM '${source}'`, files.dictionary, parquet()],
    [`SELECT ${four} FROM '${source}'`, files.plain, parquet(", DICTIONARY_SIZE_LIMIT 1")],
    [`SELECT ${four} FROM '${source}' ORDER BY ts`, files.interleaved, parquet()],
    [`SELECT ${four} FROM '${source}'`, files.csv, "FORMAT csv, HEADER"],
    [`SELECT * FROM '${source}'`, files.fullCsv, "FORMAT csv, HEADER"],
    [`SELECT ${quoted} FROM '${source}'`, files.quotedCsv, "FORMAT csv, HEADER, FORCE_QUOTE (event, note)"],
  ];
  for (const [query, file, options] of copies) {
    // 100 M rows are for growth alone, which reads `full`
    if (size === "100M" && file !== files.full) continue;
    log(`${size}: writing ${file} …`);
    await duck.run(`COPY (${query}) TO '${file}' (${options})`);
  }
  await checkEncodings(files.full, "dictionary");
  if (size !== "100M") {
    await checkEncodings(files.dictionary, "dictionary");
    await checkEncodings(files.plain, "plain");
  }
  const [counts] = await duck.rows(
    `SELECT count(*) AS events, count(DISTINCT session_id) AS sessions, count(DISTINCT user_id) AS users FROM '${files.full}'`,
  );
  // equal times within a session would make the peers' order, which is not stable, differ from ours
  const [ties] = await duck.rows(
    `SELECT count(*) AS ties FROM (SELECT 1 FROM '${files.full}' GROUP BY session_id, ts HAVING count(*) > 1)`,
  );
  if (Number(ties?.["ties"]) !== 0)
    throw new Error(`${files.full}: ${String(ties?.["ties"])} equal times within sessions`);
  duck.close();
  await rm(source);
  const manifest: Manifest = {
    version: VERSION,
    events: Number(counts?.["events"]),
    sessions: Number(counts?.["sessions"]),
    users: Number(counts?.["users"]),
  };
  await writeFile(`${manifestPath}.partial`, JSON.stringify(manifest));
  await rename(`${manifestPath}.partial`, manifestPath);
  return { size, folder, ...manifest, ...files };
}

/** Copies a study beside a data set's files, which it names. */
export async function writeStudy(data: DataSet, study: string): Promise<string> {
  const path = join(data.folder, basename(study));
  await copyFile(study, path);
  return path;
}

async function readManifest(path: string): Promise<Manifest | null> {
  const there = await stat(path).catch(() => null);
  if (there === null) return null;
  const manifest = JSON.parse(await readFile(path, "utf8")) as Manifest;
  return manifest.version === VERSION ? manifest : null;
}

/** Makes sure that a file's text columns have the pages that its name says, whatever DuckDB's options come to mean. */
async function checkEncodings(file: string, wanted: "dictionary" | "plain"): Promise<void> {
  const { row_groups: groups } = await parquetMetadataAsync(await asyncBufferFromFile(file));
  for (const { columns } of groups) {
    for (const { meta_data: column } of columns) {
      const name = column?.path_in_schema.join(".") ?? "";
      if (!["user_id", "session_id", "event"].includes(name)) continue;
      const coded = column?.encodings.some((encoding) => encoding.endsWith("_DICTIONARY")) === true;
      if (coded !== (wanted === "dictionary")) {
        throw new Error(`${file}: column ${name} has ${column?.encodings.join(", ")}; wanted ${wanted} pages`);
      }
    }
  }
}
