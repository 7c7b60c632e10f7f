/** Texts that people write, and how both the page and the static export draw them: whole, and character by character. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { standardHtml, tidy } from "./markdown/html.ts";
import { rendered } from "./markdown/rendered.ts";
import type { TinyElement } from "./markdown/tiny-dom.ts";

interface Case {
  readonly name: string;
  readonly text: string;
  readonly html: string;
}

const CASES = JSON.parse(readFileSync("../tests/cases/markdown/rendering.json", "utf8")) as Case[];

test("there are cases", () => assert.ok(CASES.length > 15));

for (const { name, text, html } of CASES) {
  test(`drawing ${name}`, () => {
    assert.equal(standardHtml(rendered([text])), tidy(html));
    assert.equal(standardHtml(rendered(text)), tidy(html));
  });
}

test("prose takes its direction from its own first strong character", () => {
  const root = rendered(["# א\n\nא\n\n- א\n"]); // cells have it from the style sheet
  for (const name of ["h1", "p", "li"]) {
    const element = find(root, name);
    assert.equal(new Map(element!.attributes).get("dir"), "auto", name);
  }
});

function find(at: TinyElement, name: string): TinyElement | null {
  if (at.localName === name) return at;
  for (const child of at.children) {
    const found = find(child, name);
    if (found) return found;
  }
  return null;
}
