/**
 * Bundles the tests and runs them with Node's own runner, from `js/`: `npm test`, or `npm test -- line pace`
 * for `line.test.ts` and `pace.test.ts` alone. The files that fail are listed in `dist/test/failed-files.txt`.
 */

import { spawnSync } from "node:child_process";
import { mkdir, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = fileURLToPath(new URL("../dist/test/", import.meta.url));

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const wanted = process.argv.slice(2);
const every = (await readdir(here)).filter((name) => name.endsWith(".test.ts"));
const names = wanted.length > 0 ? wanted.map((name) => `${name}.test.ts`) : every;
await build({
  entryPoints: names.map((name) => here + name),
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  define: { MATH_HASH: JSON.stringify("0"), GRAMMARS_HASH: JSON.stringify("0") },
  sourcemap: "inline",
  loader: { ".css": "text" },
  logLevel: "warning",
});
const tests = names.map((name) => out + name.replace(/\.ts$/, ".mjs"));
const reporters = [
  `--test-reporter=${process.stdout.isTTY ? "spec" : "tap"}`,
  "--test-reporter-destination=stdout",
  `--test-reporter=${here}failed-files.mjs`,
  `--test-reporter-destination=${out}failed-files.txt`,
];
const options = ["--enable-source-maps", "--test", ...reporters];
const { status } = spawnSync(process.execPath, [...options, ...tests], { stdio: "inherit" });
process.exitCode = status ?? 1;
