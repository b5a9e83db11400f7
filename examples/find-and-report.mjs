// Finds the opportunities of a study, writes the report as one HTML file and prints the first one in full.
//
//   node examples/find-and-report.mjs [STUDY] [REPORT]
//
// Without a study it makes sample data, in which the answers are known, in sample-data/.
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import {
  findOpportunities,
  formatHtml,
  formatOpportunity,
  generateSample,
  LeadlineError,
  parseStudy,
  safeText,
  writeWhole,
} from "leadline";

const [path = await sampleStudy(), report = "report.html"] = process.argv.slice(2);

try {
  const study = parseStudy(await readFile(path, "utf8"), path);
  const result = await findOpportunities(study, dirname(resolve(path)), {
    // a run that takes longer is given up
    signal: AbortSignal.timeout(10 * 60_000),
    onProgress: ({ phase, done, total, unit }) => {
      if (done === total) process.stderr.write(`${phase}: ${done} ${unit}\n`);
    },
  });
  writeWhole(report, formatHtml(result));
  console.log(`${result.opportunities.length} opportunities, all of them in ${report}. The first:\n`);
  const [first] = result.opportunities;
  if (first !== undefined) console.log(formatOpportunity(result, first, { width: 100, colour: false }));
} catch (error) {
  // what a person can mend: the study, the data, or the time limit
  if (!(error instanceof LeadlineError)) throw error;
  console.error(`${error.code}: ${safeText(error.message)}`);
  process.exitCode = 1;
}

async function sampleStudy() {
  const { services } = await generateSample({
    out: "sample-data",
    users: 2000,
    seed: 1,
    format: "parquet",
    service: "subscription",
  });
  return services[0].study;
}
