/** A paragraph that grows without end is taken up again when it has grown by a part, and nothing of it is kept back for long. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { MarkdownEngine } from "../src/markdown/engine.ts";
import { exactHtml } from "./markdown/html.ts";
import { rendered } from "./markdown/rendered.ts";
import { newRoot } from "./markdown/tiny-dom.ts";

const LONG = "a *long* line ".repeat(2000);
const MS = 100;

function setUp(): { engine: MarkdownEngine; root: HTMLElement; shown: () => string } {
  const root = newRoot();
  return { engine: new MarkdownEngine(root), root, shown: () => root.textContent ?? "" };
}

test("a long line that goes on is shown ten times a second, also when nothing follows", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, shown } = setUp();
  engine.feed(LONG);
  assert.ok(shown().endsWith("long line"));
  for (const word of ["one ", "two ", "three"]) engine.feed(word);
  assert.ok(shown().endsWith("long line"));
  context.mock.timers.tick(MS);
  assert.ok(shown().endsWith("line one two three"));
  context.mock.timers.tick(10 * MS);
  engine.feed(" four");
  assert.ok(shown().endsWith("three four"), "after a pause it is shown at once");
});

for (const [name, end] of [["line", " "], ["paragraph of lines", "\n"]] as const) {
  test(`a long ${name} that grows fast is shown as it grows`, () => {
    const { engine, shown } = setUp();
    engine.feed(LONG.replaceAll("line ", `line${end}`));
    let draws_count = 0;
    let before = shown();
    for (let at = 0; at < 400; at += 1) {
      engine.feed(`fifty more characters, as they come in one frame.${end}`);
      if (shown() !== before) draws_count += 1;
      before = shown();
    }
    assert.ok(draws_count > 20 && draws_count < 60, `${draws_count} times`);
  });
}

test("many short paragraphs, items and lines of code are not held back", () => {
  const { engine, shown } = setUp();
  const long = LONG.replaceAll("line ", "line\n\n") + LONG.replace(/\S+ line /g, "- item\n") + `\`\`\`\n${LONG.replaceAll("line ", "line\n")}`;
  engine.feed(`${long}\`\`\`\n\n`);
  for (const word of ["one ", "two ", "three "]) {
    engine.feed(word);
    assert.ok(shown().trimEnd().endsWith(word.trim()), word);
  }
});

test("what follows a long line is shown at once", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, shown } = setUp();
  engine.feed(LONG);
  engine.feed("its end\n\nNext");
  assert.ok(shown().endsWith("its endNext"));
  context.mock.timers.tick(MS);
  assert.ok(shown().endsWith("its endNext"));
});

test("a long line is whole at the end, whenever that comes", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, root } = setUp();
  for (const piece of [LONG, "*one", "* two"]) engine.feed(piece);
  engine.finish();
  engine.settle();
  const whole = exactHtml(rendered([`${LONG}*one* two`], {}));
  assert.equal(exactHtml(root as never), whole);
  context.mock.timers.tick(MS);
  assert.equal(exactHtml(root as never), whole);
});

test("nothing is drawn into what was given up", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { engine, shown } = setUp();
  engine.feed(LONG);
  engine.feed("more");
  engine.dispose();
  context.mock.timers.tick(MS);
  assert.equal(shown(), "");
});
