/** Our rules reach nothing outside of our views, and know both directions of text. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const SOURCES = "src/";
const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".css"));

/** The selectors of a sheet; those inside `@keyframes` select nothing, those inside a rule only what is inside its own. */
function selectorsOf(css: string): string[] {
  const found: string[] = [];
  const stack: string[] = [];
  let text = "";
  for (const char of css.replace(/\/\*[^]*?\*\//g, "")) {
    if (char === "{") {
      const head = text.trim();
      if (!head.startsWith("@") && stack.every((outer) => outer.startsWith("@") && !outer.includes("keyframes"))) found.push(...split(head));
      stack.push(head);
      text = "";
    } else if (char === "}") {
      stack.pop();
      text = "";
    } else if (char === ";") text = "";
    else text += char;
  }
  return found;
}

/** The parts of a selector list, split at commas that stand in no parentheses. */
function split(list: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const char of list) {
    if ("([".includes(char)) depth += 1;
    if (")]".includes(char)) depth -= 1;
    if (char === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim());
}

/** Declarations that mean left or right. The columns of a Markdown table are aligned to the left or right in any direction. */
function physicalIn(css: string): string[] {
  const sides = css.replace(/\[align="(left|right)"\] \{\s+text-align: \1;/g, "").match(/^\s+(?:(?:margin|padding|border)-(?:left|right)|left|right)\b.*|(?:text-align|float): (?:left|right)/gm) ?? [];
  const boxes = [...css.matchAll(/^\s+(?:margin|padding|inset|border-width): ([^;]+);/gm)];
  const unequal = boxes.filter(([, values]) => {
    const [, right, , left] = values!.match(/(?:[^\s(]|\((?:[^()]|\([^()]*\))*\))+/g)!;
    return left !== undefined && left !== right;
  });
  return [...sides, ...unequal.map(([declaration]) => declaration)];
}

test("the sheets are found", () => assert.ok(files.length > 15));

for (const file of files) {
  const css = readFileSync(SOURCES + file, "utf8");
  test(`colours of ${file} have names`, () => {
    const declarations = css.replace(/\/\*[^]*?\*\//g, "").match(/[\w-]+:[^;{}]*;/g) ?? [];
    const literal = declarations.filter((one) => !one.startsWith("--sw-") && /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(/i.test(one));
    assert.deepEqual(literal, []);
  });
  test(`every selector of ${file} is inside a view`, () => {
    const outside = selectorsOf(css).filter((selector) => !/^(?:(?:html|body)\S* )?\.sw-view(?![\w-])/.test(selector));
    assert.deepEqual(outside, []);
  });
  test(`${file} knows start and end, not left and right`, () => {
    assert.deepEqual(file.startsWith("math/") ? [] : physicalIn(css), []);
  });
}
