import { relative, sep } from "node:path";

/** A file's path as messages show it: relative to the working directory where it lies below it. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path === "" || path.startsWith(`..${sep}`) || path === ".." ? file : path;
}
