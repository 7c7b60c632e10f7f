/**
 * Builds the loader and the bundle into the Python package.
 *
 * The same source gives the same bytes: gzip writes no time and the same level each time.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";

const LOADER_BYTES = 1600;
/** Parts that a page loads when it first needs them: the entry, the limit, and whose code is in it. */
const PARTS = {
  rest: { entry: "src/rest.ts", bytes: 17_000 },
  extras: { entry: "src/extras.ts", bytes: 96_000 },
  highlight: { entry: "src/highlight.ts", bytes: 21_000 },
  math: { entry: "src/math/index.ts", bytes: 180_000, licence: "node_modules/temml/LICENSE" },
};
const BUNDLE_BYTES = 75_000;
const BUNDLE_GZIP_BYTES = 26_000;

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

/** The names that the core hands to the parts: of each module, with their places in the list. */
async function sharedNames() {
  const source = await readFile(here("src/shared.ts"), "utf8");
  const list = /= \[([^\]]*)\]/.exec(source)[1].split(",").map((name) => name.trim()).filter(Boolean);
  const modules = new Map();
  for (const [, names, path] of source.matchAll(/import \{([^}]*)\} from "([^"]+)"/g)) {
    const places = names.split(",").map((name) => [name.trim(), list.indexOf(name.trim())]);
    if (places.some(([, at]) => at < 0)) throw new Error(`shared.ts imports from ${path} what it does not hand over.`);
    modules.set(resolve(here("src"), path), places);
  }
  return modules;
}

/** In a part, what the core has is taken from `core`; the rest of such a module is bundled. */
const fromCore = (modules) => ({
  name: "from-core",
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path, importer, namespace, resolveDir }) => {
      if (namespace === "core") return { path: importer, namespace: "file" };
      const found = resolve(resolveDir || dirname(importer), path);
      return modules.has(found) && existsSync(found) ? { path: found, namespace: "core" } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: "core" }, ({ path }) => {
      const taken = modules.get(path).map(([name, at]) => `export const ${name} = core[${at}];`);
      const rest = `export * from "./${relative(dirname(path), path)}";`;
      return { contents: [...taken, rest].join("\n"), resolveDir: dirname(path) };
    });
  },
});

/** A part as a module whose default export takes what the core hands over, and gives the part. */
async function partOf(entry, options) {
  const code = await bundleOf(entry, { ...options, format: "iife", globalName: "part" });
  return squeezed(`export default core=>{${code}return part}`);
}

async function bundleOf(entry, options) {
  const built = await esbuild.build({ ...common, ...options, entryPoints: [here(entry)] });
  return built.outputFiles[0].text;
}

/** Once more through a minifier that takes its time: a thirtieth less on the wire. */
async function squeezed(source) {
  const compress = { passes: 3, pure_getters: true, keep_fargs: false, reduce_funcs: false };
  const { code } = await minify(source, { module: true, ecma: 2020, compress });
  return code;
}

/** Writes `name`.js.gz; gives its hash and sizes. */
async function pack(name, source) {
  const contents = Buffer.from(source);
  const packed = gzipSync(contents, { level: 9 });
  packed[9] = 255; // the byte that names the operating system: unknown, everywhere
  await writeFile(`${STATIC}${name}.js.gz`, packed);
  const hash = createHash("sha256").update(packed).digest("hex");
  console.log(`${name} ${contents.length} B, ${packed.length} B gzipped`);
  return { hash, bytes: contents.length, gzip_bytes: packed.length };
}

async function buildPart(name, { entry, bytes, licence }, modules) {
  const code = await partOf(entry, { plugins: [fromCore(modules), cssAsText] });
  const notice = licence ? `/*!\n${await readFile(here(licence), "utf8")}*/\n` : "";
  const facts = await pack(name, notice + code);
  check(name, facts.bytes, bytes);
  return [name, facts];
}

const short = ({ hash }) => hash.slice(0, 16);

async function build() {
  await mkdir(STATIC, { recursive: true });
  const modules = await sharedNames();
  const parts = await Promise.all(Object.entries(PARTS).map(([name, part]) => buildPart(name, part, modules)));
  const hashes = Object.fromEntries(parts.map(([name, facts]) => [name, short(facts)]));
  const define = { PARTS: JSON.stringify(hashes) };
  const facts = await pack("bundle", await squeezed(await bundleOf("src/index.ts", { plugins: [cssAsText], define })));
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
