/**
 * Builds the loader and the three artefacts, `app`, `math` and `grammars`, into the Python package.
 *
 * `--watch` builds again at every change, with source maps in the code and without minifying.
 * The same source gives the same bytes: the gzip header has no time.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip as gzipFast } from "node:zlib";
import zopfli from "@gfx/zopfli";
import * as esbuild from "esbuild";
import { minify } from "terser";

/** Searches longer than zlib for the shortest form of the same format: 3 % of the app, in 3 s. */
const gzip = (bytes) => promisify(zopfli.gzip)(bytes, { numiterations: 5 });

/** What is built: the entry, and whose code is in it. */
const ARTEFACTS = {
  math: { entry: "src/math/math.ts", licence: "node_modules/temml/LICENSE" },
  grammars: { entry: "src/highlight/grammars.ts" },
  app: { entry: "src/app.ts" },
};
/** The app should not grow beyond this; near it the build warns, and no code is written for bytes. */
const APP_GZIP_BYTES = 75_000;
const WARN_SHARE = 0.95;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const STATIC = here("../src/streamwidget/static/");
const watching = process.argv.includes("--watch");

const common = {
  bundle: true,
  minify: !watching,
  sourcemap: watching ? "inline" : false,
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
      const options = { bundle: true, minify: !watching, write: false, target: "esnext", metafile: true };
      const css = await esbuild.build({ ...options, entryPoints: [path] });
      const watchFiles = Object.keys(css.metafile.inputs).map((name) => fileURLToPath(new URL(name, `file://${process.cwd()}/`)));
      return { contents: css.outputFiles[0].text.trim(), loader: "text", watchFiles };
    });
  },
};

async function bundleOf(entry, define = {}) {
  const built = await esbuild.build({ ...common, define, plugins: [cssAsText], entryPoints: [here(entry)] });
  const [{ text }] = built.outputFiles;
  return watching ? text : smaller(text);
}

/** A second minifier finds 5 % of the gzipped app that esbuild leaves. Nothing that depends on names or on the order of calls. */
async function smaller(code) {
  const options = { module: true, ecma: 2022, compress: { passes: 2 }, format: { comments: false } };
  return (await minify(code, options)).code;
}

/** Writes `name`.js.gz; gives its hash and sizes. */
async function pack(name, source) {
  const contents = Buffer.from(source);
  const packed = Buffer.from(await (watching ? promisify(gzipFast)(contents) : gzip(contents)));
  packed[9] = 255; // the byte that names the operating system: unknown, everywhere
  await writeFile(`${STATIC}${name}.js.gz`, packed);
  const hash = createHash("sha256").update(packed).digest("hex");
  console.log(`${name} ${contents.length} B, ${packed.length} B gzipped`);
  return { hash, bytes: contents.length, gzip_bytes: packed.length };
}

const short = ({ hash }) => JSON.stringify(hash.slice(0, 16));

async function build() {
  const facts = {};
  for (const [name, { entry, licence }] of Object.entries(ARTEFACTS)) {
    const notice = licence ? `/*!\n${await readFile(here(licence), "utf8")}*/\n` : "";
    const define = name === "app" ? { MATH_HASH: short(facts.math), GRAMMARS_HASH: short(facts.grammars) } : {};
    facts[name] = await pack(name, notice + (await bundleOf(entry, define)));
  }
  const loader = await bundleOf("src/delivery/loader.ts", { APP_HASH: short(facts.app) });
  await writeFile(`${STATIC}loader.js`, loader);
  await writeFile(`${STATIC}artefacts.json`, `${JSON.stringify(facts)}\n`);
  console.log(`loader ${Buffer.byteLength(loader)} B`);
  const { gzip_bytes } = facts.app;
  if (!watching && gzip_bytes > APP_GZIP_BYTES * WARN_SHARE) {
    console.warn(`Warning: the app has ${gzip_bytes} B gzipped; it should stay below ${APP_GZIP_BYTES} B.`);
  }
}

/** Builds again whenever a file of the app changes. */
async function watch() {
  const rebuild = { name: "rebuild", setup: ({ onEnd }) => void onEnd(() => build().catch(console.error)) };
  const entryPoints = ["src/app.ts", "src/math/math.ts", "src/highlight/grammars.ts", "src/delivery/loader.ts"].map(here);
  const define = { MATH_HASH: '""', GRAMMARS_HASH: '""', APP_HASH: '""' };
  const context = await esbuild.context({ ...common, outdir: STATIC, define, entryPoints, plugins: [cssAsText, rebuild] });
  await context.watch();
}

await mkdir(STATIC, { recursive: true });
if (watching) await watch();
else await build();
