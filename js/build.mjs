/**
 * Builds the loader and the bundle into the Python package.
 *
 * The same source gives the same bytes: gzip writes no time and the same level each time.
 */

import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const LOADER_BYTES = 1600;
const BUNDLE_BYTES = 90_000;
const BUNDLE_GZIP_BYTES = 30_000;

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

async function build() {
  const bundle = await bundleOf("src/index.ts", { plugins: [cssAsText] });
  const packed = gzipSync(bundle, { level: 9 });
  packed[9] = 255; // the byte that names the operating system: unknown, everywhere
  const hash = createHash("sha256").update(packed).digest("hex");
  const loader = await bundleOf("src/loader.ts", { define: { HASH: JSON.stringify(hash.slice(0, 16)) } });
  await mkdir(STATIC, { recursive: true });
  const facts = { hash, bytes: bundle.length, gzip_bytes: packed.length };
  await writeFile(`${STATIC}bundle.js.gz`, packed);
  await writeFile(`${STATIC}loader.js`, loader);
  await writeFile(`${STATIC}bundle.json`, `${JSON.stringify(facts)}\n`);
  console.log(`bundle ${bundle.length} B, ${packed.length} B gzipped; loader ${loader.length} B`);
  check("loader", loader.length, LOADER_BYTES);
  check("bundle", bundle.length, BUNDLE_BYTES);
  check("gzipped bundle", packed.length, BUNDLE_GZIP_BYTES);
}

function check(name, bytes, limit) {
  if (bytes > limit) throw new Error(`The ${name} has ${bytes} B; its limit is ${limit} B.`);
}

await build();
