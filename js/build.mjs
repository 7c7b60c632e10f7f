/**
 * Builds the loader and the bundle into the Python package.
 *
 * The same source gives the same bytes: gzip writes no time and the same level each time.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const LOADER_BYTES = 1600;
/** Parts that a page loads when it first needs them: the entry, the limit, and whose code is in it. */
const PARTS = {
  extras: { entry: "src/extras.ts", bytes: 92_000 },
  highlight: { entry: "src/highlight/index.ts", bytes: 20_000 },
  math: { entry: "src/math/index.ts", bytes: 180_000, licence: "node_modules/temml/LICENSE" },
};
const BUNDLE_BYTES = 97_000;
const BUNDLE_GZIP_BYTES = 34_000;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const STATIC = here("../src/streamwidget/static/");

const common = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  write: false,
  logLevel: "warning",
};

/** Style sheets come as text, minified; `esnext` keeps `light-dark()` as it is. */
const cssAsText = {
  name: "css-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const options = { bundle: true, minify: true, write: false, target: "esnext" };
      const css = await esbuild.build({ ...options, entryPoints: [path] });
      return { contents: css.outputFiles[0].text.trim(), loader: "text", watchFiles: [path] };
    });
  },
};

async function bundleOf(entry, options) {
  const built = await esbuild.build({ ...common, ...options, entryPoints: [here(entry)] });
  return built.outputFiles[0].contents;
}

/** Writes `name`.js.gz; gives its hash and sizes. */
async function pack(name, contents) {
  const packed = gzipSync(contents, { level: 9 });
  packed[9] = 255; // the byte that names the operating system: unknown, everywhere
  await writeFile(`${STATIC}${name}.js.gz`, packed);
  const hash = createHash("sha256").update(packed).digest("hex");
  console.log(`${name} ${contents.length} B, ${packed.length} B gzipped`);
  return { hash, bytes: contents.length, gzip_bytes: packed.length };
}

async function buildPart(name, { entry, bytes, licence }) {
  const banner = licence ? { js: `/*!\n${await readFile(here(licence), "utf8")}*/` } : {};
  const facts = await pack(name, await bundleOf(entry, { plugins: [cssAsText], banner }));
  check(name, facts.bytes, bytes);
  return [name, facts];
}

const short = ({ hash }) => hash.slice(0, 16);

async function build() {
  await mkdir(STATIC, { recursive: true });
  const parts = await Promise.all(Object.entries(PARTS).map(([name, part]) => buildPart(name, part)));
  const hashes = Object.fromEntries(parts.map(([name, facts]) => [name, short(facts)]));
  const define = { PARTS: JSON.stringify(hashes) };
  const facts = await pack("bundle", await bundleOf("src/index.ts", { plugins: [cssAsText], define }));
  const loader = await bundleOf("src/loader.ts", { define: { HASH: JSON.stringify(short(facts)) } });
  await writeFile(`${STATIC}loader.js`, loader);
  await writeFile(`${STATIC}bundle.json`, `${JSON.stringify({ ...facts, parts: Object.fromEntries(parts) })}\n`);
  console.log(`loader ${loader.length} B`);
  check("loader", loader.length, LOADER_BYTES);
  check("bundle", facts.bytes, BUNDLE_BYTES);
  check("gzipped bundle", facts.gzip_bytes, BUNDLE_GZIP_BYTES);
}

function check(name, bytes, limit) {
  if (bytes > limit) throw new Error(`The ${name} has ${bytes} B; its limit is ${limit} B.`);
}

await build();
