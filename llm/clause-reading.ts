import type { DataStatistics } from "../planner/statistics.js";
import { unframed } from "./frames.js";
import { type Reading, readClause } from "./reading.js";
import { mendSpelling } from "./spelling.js";
import { plainWording, spelledOut } from "./wording.js";

/**
 * Reads a clause as a person wrote it: mistakes of spelling mended, ways of writing brought to one, and without what is said round its
 * hypothesis.
 * @param vocabulary - words of the data: `vocabularyOf`
 */
export function readWritten(clause: string, data: DataStatistics, vocabulary: readonly string[]): Reading {
  const mended = mendSpelling(spelledOut(clause.toLowerCase()), vocabulary);
  return readClause(clause, unframed(plainWording(mended)), data);
}
