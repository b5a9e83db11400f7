import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchContext } from "./bars/bar.js";
import { type DataSet, dataSet, SIZES, type SizeName, writeStudy } from "./data.js";

/** The project's folder. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** What bars are measured with: data are made on first use and kept. */
export function benchContext(
  options: Pick<BenchContext, "size" | "peerSize" | "long" | "rounds" | "log">,
): BenchContext {
  const known = new Map<SizeName, Promise<DataSet>>();
  const data = (size: SizeName): Promise<DataSet> => {
    const made = known.get(size) ?? dataSet(size, options.log);
    known.set(size, made);
    return made;
  };
  return {
    ...options,
    data,
    study: async (size, name = "main") => writeStudy(await data(size), join(root, "bench", `study-${name}.yaml`)),
  };
}

/**
 * A size by its name.
 * @throws RangeError for an unknown one
 */
export function sizeOf(name: string): SizeName {
  if (name in SIZES) return name as SizeName;
  throw new RangeError(`unknown size: ${name}; there are ${Object.keys(SIZES).join(", ")}`);
}
