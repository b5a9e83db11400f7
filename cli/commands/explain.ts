import { explainStudy, formatExplanation } from "../../index.js";
import { type Context, layoutOf, print, type ReadingOptions } from "../context.js";
import { progressOnStderr } from "../progress.js";
import { loadStudy } from "../study-file.js";

/** `leadline explain`: prints the merged plan of a study. */
export async function explain(path: string, { threads, quiet }: ReadingOptions, { signal }: Context): Promise<void> {
  const { study, base } = await loadStudy(path);
  const progress = progressOnStderr(quiet);
  try {
    const explanation = await explainStudy(study, base, {
      signal,
      onProgress: (state) => progress.update(state),
      ...(threads === undefined ? {} : { threads }),
    });
    progress.clear();
    print(formatExplanation(explanation, study.title, layoutOf(process.stdout)));
  } finally {
    progress.clear();
  }
}
