/**
 * The import rules of docs/ARCHITECTURE.md, one row a folder: a folder may import itself, `errors.ts`, and what is listed.
 * The flow is one-way: kernels < planner < engine < llm, finder < report < index < cli.
 */
const may = {
  kernels: [],
  planner: [],
  engine: ["planner", "kernels"],
  llm: ["planner"],
  finder: ["planner", "engine", "llm", "kernels"],
  report: ["finder", "planner", "engine/columns"],
  sample: ["engine/sources", "engine/columns"],
  cli: ["index\\.ts"],
};

const layering = Object.entries(may).map(([folder, targets]) => ({
  name: `${folder}-may-import`,
  severity: "error",
  comment: `${folder} may import ${targets.join(", ") || "nothing of ours"}`,
  from: { path: `^${folder}/` },
  to: {
    path: "^(kernels|planner|engine|llm|finder|report|sample|cli|bench|test|index\\.ts)",
    pathNot: `^(${[folder, ...targets].map((target) => (target.endsWith(".ts") ? target : `${target}/`)).join("|")})`,
  },
}));

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "kernels-import-nothing",
      severity: "error",
      from: { path: "^kernels/" },
      to: { pathNot: "^kernels/" },
    },
    {
      name: "piscina-only-in-pool",
      severity: "error",
      from: { pathNot: "^engine/pool\\.ts$" },
      to: { path: "node_modules/piscina" },
    },
    {
      name: "node-llama-cpp-only-in-llm",
      severity: "error",
      from: { pathNot: "^llm/" },
      to: { path: "node-llama-cpp" },
    },
    {
      name: "product-never-imports-bench-or-test",
      severity: "error",
      from: { pathNot: "^(bench|test)/" },
      to: { path: "^(bench|test)/" },
    },
    {
      name: "no-dev-dependency-in-product",
      severity: "error",
      from: { path: "^(kernels|planner|engine|llm|finder|report|sample|cli|index\\.ts|errors\\.ts)" },
      to: { dependencyTypes: ["npm-dev"] },
    },
    ...layering,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js"], conditionNames: ["import", "types", "default"] },
  },
};
