/** Bundles the tests and runs them with Node's own runner: `npm test`, from `js/`. */

import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = fileURLToPath(new URL("../dist/test/", import.meta.url));

await rm(out, { recursive: true, force: true });
const names = (await readdir(here)).filter((name) => name.endsWith(".test.ts"));
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
  logLevel: "warning",
});
const tests = names.map((name) => out + name.replace(/\.ts$/, ".mjs"));
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...tests], { stdio: "inherit" });
process.exitCode = status ?? 1;
