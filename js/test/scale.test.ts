/** Ranges, ticks and places of a chart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "./seeded.ts";
import { nice, place, rangeOf, ticks } from "../src/parts/metric/scale.ts";
import type { Range } from "../src/parts/metric/scale.ts";

const TICKS: readonly [range: Range, wanted: number, log: boolean, ticks: number[]][] = [
  [{ min: 0, max: 1 }, 4, false, [0, 0.25, 0.5, 0.75, 1]],
  [{ min: 0, max: 100 }, 4, false, [0, 25, 50, 75, 100]],
  [{ min: -3, max: 7 }, 5, false, [-2, 0, 2, 4, 6]],
  [{ min: 0.1, max: 0.3 }, 2, false, [0.1, 0.2, 0.3]],
  [{ min: 1e-9, max: 5e-9 }, 4, false, [1e-9, 2e-9, 3e-9, 4e-9, 5e-9]],
  [{ min: 0.01, max: 1000 }, 6, true, [0.01, 0.1, 1, 10, 100, 1000]],
  [{ min: 1, max: 1e8 }, 4, true, [1, 100, 1e4, 1e6, 1e8]],
  [{ min: 2, max: 8 }, 3, true, [2, 4, 6, 8]],
];
for (const [range, wanted, log, expected] of TICKS) {
  test(`${range.min} to ${range.max}${log ? ", logarithmic," : ""} has the ticks ${expected.join(" ")}`, () => {
    assert.deepEqual(ticks(range, wanted, log), expected);
  });
}

const RANGES: readonly [values: number[], log: boolean, range: Range][] = [
  [[1, 3, 2], false, { min: 1, max: 3 }],
  [[], false, { min: 0, max: 1 }],
  [[5], false, { min: 4.5, max: 5.5 }],
  [[0, 0], false, { min: -1, max: 1 }],
  [[2.5e-323], false, { min: -1, max: 1 }],
  [[0, 5e-324], false, { min: -1, max: 1 }],
  [[5e-324, 10, 100], true, { min: 10, max: 100 }],
  [[NaN, Infinity, 2, 4], false, { min: 2, max: 4 }],
  [[-1, 0, 10, 100], true, { min: 10, max: 100 }],
  [[-1], true, { min: 0.1, max: 1 }],
  [[8e12, 8e12 + 2 ** -9], false, { min: 7.2e12, max: 8.8e12 + 2 ** -9 }],
];
for (const [values, log, range] of RANGES) {
  test(`the range of [${values.join(", ")}]${log ? ", logarithmic," : ""} is ${range.min} to ${range.max}`, () => {
    assert.deepEqual(rangeOf(values, log), range);
  });
}

test("whatever the numbers, ticks are few, in order and within the range, and the nice range holds it", () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 20 }), fc.boolean(), (values, log) => {
      const range = rangeOf(values, log);
      const found = ticks(range, 4, log);
      assert.ok(found.length <= 12, `${found.length} ticks`);
      assert.deepEqual(found, [...found].sort((a, b) => a - b));
      const width = range.max - range.min;
      assert.ok(found.every((tick) => tick >= range.min - width / 1e6 && tick <= range.max + width / 1e6));
      const wide = nice(range, 4, log);
      assert.ok(wide.min <= range.min + width / 1e6 && wide.max >= range.max - width / 1e6);
    }),
  );
});

test("what cannot be drawn has no place", () => {
  assert.equal(place(-1, { min: 1, max: 10 }, true), NaN);
  assert.equal(place(5, { min: 0, max: 10 }, false), 0.5);
  assert.ok(Math.abs(place(10, { min: 1, max: 100 }, true) - 0.5) < 1e-12);
});
