import { giveVerdict, safeText, serialiseVerdicts, type VerdictWord, verdictWords, writeWhole } from "../../index.js";
import { print } from "../context.js";
import { isStudyFile, loadResult, loadStudy } from "../study-file.js";
import { UsageError } from "../usage-error.js";
import { loadVerdicts, verdictsPath } from "../verdicts-file.js";

/** Options of `leadline verdict`. */
export interface VerdictCommandOptions {
  /** Path of the study that the verdict is kept beside. */
  readonly study: string;
  /** Path of the result that reports the opportunity. */
  readonly result?: string;
}

/** `leadline verdict`: keeps what a person says of an opportunity beside the study. */
export async function verdict(id: string, word: string, options: VerdictCommandOptions): Promise<void> {
  const { study, result: file } = options;
  const said = verdictWords.find((each) => each === word);
  if (said === undefined) throw new UsageError(`invalid verdict: ${word}; allowed: ${verdictWords.join(", ")}`);
  if (!isStudyFile(study)) throw new UsageError(`invalid --study: ${study}; a .yaml, .yml or .json file is allowed`);
  // a verdict beside what is no study would be read by nobody
  await loadStudy(study);
  const known = await loadVerdicts(study);
  const result = file === undefined ? null : await loadResult(file);
  const ranked = result?.opportunities.find(({ rank }) => String(rank) === id);
  const wanted = ranked?.id ?? id;
  const isKnown = known.verdicts.some((each) => each.id === wanted);
  if (!isKnown && result === null) {
    throw new UsageError(
      `unknown opportunity: ${safeText(id)}; no verdict was given on it before, so --result has to name the result that reports it`,
    );
  }
  const verdicts = giveVerdict(known, wanted, said, result, new Date());
  const path = verdictsPath(study);
  writeWhole(path, serialiseVerdicts(verdicts));
  const about = verdicts.verdicts.find((each) => each.id === wanted);
  print(
    `${safeText(wanted)} is ${meanings[said]}: ${safeText(about?.hypothesis ?? "")} on ${safeText(about?.kpi ?? "")}.\nWrote ${path}.\n`,
  );
}

const meanings: Readonly<Record<VerdictWord, string>> = {
  useful: "useful",
  noise: "noise",
  known: "known, and is not shown again unless it gets worse",
};
