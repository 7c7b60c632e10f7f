/** Imports run one way, from the view down to the base, and never in a circle; types are imports too. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

const SOURCES = "src";
/** From the bottom up; a module imports from its own level and those below. */
const LEVELS: readonly (readonly string[])[] = [
  ["base/json.ts", "words/english.ts", "words/format.ts"],
  ["base"],
  ["protocol", "highlight"],
  ["words", "markdown/parse"],
  ["markdown"],
  ["math"],
  ["delivery"],
  ["parts"],
  ["document"],
  ["view"],
  ["board", "chat"],
  ["app.ts"],
];
/** The loader names types of the app that it fetches. */
const EXCEPTIONS: ReadonlySet<string> = new Set(["delivery/loader.ts > app.ts"]);

const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) => /(?<!\.d)\.ts$/.test(name));

const importsOf = (file: string): string[] =>
  [...readFileSync(join(SOURCES, file), "utf8").matchAll(/(?:from |import\()"(\.[^"]+\.ts)"/g)].map(([, path]) => normalize(join(dirname(file), path!)));

const imports = new Map(files.map((file) => [file, importsOf(file)]));

function levelOf(file: string): number {
  const fits = (place: string): boolean => file === place || file.startsWith(`${place}/`);
  const longest = LEVELS.flatMap((places, level) => places.filter(fits).map((place) => ({ place, level }))).sort((a, b) => b.place.length - a.place.length)[0];
  assert.ok(longest, `${file} has no level`);
  return longest.level;
}

test("every file has a level, and imports only from its own and those below", () => {
  const wrong: string[] = [];
  for (const [file, targets] of imports) {
    for (const target of targets) {
      const edge = `${file} > ${target}`;
      if (levelOf(target) > levelOf(file) && !EXCEPTIONS.has(edge)) wrong.push(edge);
    }
  }
  assert.deepEqual(wrong, []);
});

test("no file imports itself, by whatever way", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" > "));
    if (done.has(file) || path.includes(file)) return;
    for (const target of imports.get(file) ?? []) if (!EXCEPTIONS.has(`${file} > ${target}`)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(circles, []);
});

test("no two files have one name", () => {
  const names = files.map((file) => file.split("/").at(-1)!);
  assert.deepEqual(names.filter((name, at) => names.indexOf(name) !== at), []);
});

test("the protocol knows no elements", () => {
  for (const [file, targets] of imports) {
    if (file.startsWith("protocol/")) assert.ok(!targets.some((target) => /base\/(dom|styles|files)/.test(target)), file);
  }
});
