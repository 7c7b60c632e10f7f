/** How the runs of a board are named and ranked. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "./seeded.ts";
import { distinctNames } from "../src/board/sorting.ts";

const NAMES: readonly [titles: string[], names: string[]][] = [
  [["model, t = 0", "model, t = 1"], ["… 0", "… 1"]],
  [["gpt on set A", "claude on set A"], ["gpt", "claude"]],
  [["run small fast", "run large fast"], ["… small", "… large"]],
  [["one", "two"], ["one", "two"]],
  [["same", "same"], ["same", "same"]],
  [["a", "a b"], ["a", "a b"]],
  [["alone"], ["alone"]],
  [[], []],
];
for (const [titles, names] of NAMES) {
  test(`the names of ${JSON.stringify(titles)} are ${JSON.stringify(names)}`, () => assert.deepEqual(distinctNames(titles), names));
}

test("titles that differ have names that differ, and none is empty", () => {
  const title = fc.array(fc.constantFrom("a", "b", "c,"), { minLength: 1, maxLength: 5 }).map((words) => words.join(" "));
  fc.assert(
    fc.property(fc.array(title, { maxLength: 5 }), (titles) => {
      const names = distinctNames(titles);
      assert.equal(new Set(names).size, new Set(titles).size);
      assert.ok(names.every((name) => name !== ""));
    }),
  );
});
