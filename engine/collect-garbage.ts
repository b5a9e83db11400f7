import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collector = (options?: { readonly type: "minor" }) => void;

let collector: Collector | null = null;

/**
 * Collects this thread's garbage now. V8 does not count SharedArrayBuffers to a thread's heap, so hundreds of megabytes of them
 * can be dropped without it ever seeing a reason to collect; whoever drops many says so here.
 * @param what - `young`: what was made since the last collections, in about a millisecond; `all`: the whole heap
 */
export function collectGarbage(what: "young" | "all"): void {
  if (collector === null) {
    setFlagsFromString("--expose-gc");
    collector = runInNewContext("gc") as Collector;
  }
  if (what === "young") collector({ type: "minor" });
  else collector();
}
