import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { WorkerPool } from "../../engine/pool.js";
import { planStudy } from "../../finder/run-study.js";
import type { DataStatistics } from "../../planner/statistics.js";
import { parseStudy, type Study } from "../../planner/study.js";
import { generateSample } from "../../sample/generate.js";

/** A data set as a chooser sees it. */
export interface PromptData {
  readonly study: Study;
  readonly statistics: DataStatistics;
}

const SERVICES: readonly string[] = ["subscription", "player", "shop"];
const USERS = 3000;
const SEED = 1;

/**
 * Reads the data sets that prompts are about, once each.
 * @param names - of the sample's services, or of folders in the one that `LEADLINE_DATA` names
 * @returns by name; without those that `LEADLINE_DATA` does not have
 */
export async function readPromptData(names: readonly string[]): Promise<ReadonlyMap<string, PromptData>> {
  const folder = await mkdtemp(join(tmpdir(), "leadline-prompts-"));
  const pool = new WorkerPool(2);
  const read = new Map<string, PromptData>();
  try {
    if (names.some((name) => SERVICES.includes(name))) {
      await generateSample({ out: folder, users: USERS, seed: SEED, format: "parquet" });
    }
    for (const name of new Set(names)) {
      const file = studyFile(name, folder);
      if (file === null) continue;
      const study = parseStudy(await readFile(file, "utf8"), file);
      const { data, close } = await planStudy(study, dirname(file), pool, {});
      close();
      read.set(name, { study, statistics: data });
    }
    return read;
  } finally {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function studyFile(name: string, sample: string): string | null {
  if (SERVICES.includes(name)) return join(sample, `${name}.yaml`);
  const sets = process.env["LEADLINE_DATA"] ?? "";
  return sets === "" ? null : join(sets, name, "study.yaml");
}
