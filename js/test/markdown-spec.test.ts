/** CommonMark 0.31.2, all 652 examples, and those of GitHub's extensions. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { GFM } from "./markdown/gfm.ts";
import { exactHtml, standardHtml, tidy } from "./markdown/html.ts";
import { BY_POLICY } from "./markdown/policy.ts";
import { rendered } from "./markdown/rendered.ts";
import { EXAMPLES } from "./markdown/spec.ts";

test("every example of CommonMark is drawn as the standard says, or as our policy, listed one by one", () => {
  assert.equal(EXAMPLES.length, 652);
  for (const { number, markdown, html } of EXAMPLES) {
    const expected = BY_POLICY.get(number)?.html ?? html;
    assert.equal(standardHtml(rendered([markdown])), tidy(expected), `example ${number}`);
  }
});

test("an example stands in the list of policy only if the standard says otherwise", () => {
  for (const [number, { html }] of BY_POLICY) {
    assert.notEqual(tidy(html), tidy(EXAMPLES[number - 1]!.html), `example ${number}`);
  }
});

test("every example of GitHub's tables, strikethrough, tasks and autolinks is drawn as it says", () => {
  for (const { markdown, html } of GFM) assert.equal(standardHtml(rendered([markdown])), tidy(html), markdown);
});

test("every example comes out the same character by character", () => {
  for (const { markdown } of [...EXAMPLES, ...GFM]) {
    assert.equal(exactHtml(rendered(markdown)), exactHtml(rendered([markdown])), markdown);
  }
});
