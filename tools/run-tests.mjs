// Runs the built tests with uvu, one process for all files, and exits with the runner's status.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const filter = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  ["--enable-source-maps", "node_modules/uvu/bin.js", "dist/test", filter[0] ?? "\\.test\\.js$"],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
);
process.exit(status ?? 1);
