/** The series of a metric as lines: lone points, the nearest point, and the file. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { csvOfLines, lonePoints, nearest } from "../src/parts/metric/lines.ts";

const lineOf = (ys: readonly (number | null)[]) => ({ name: "a", xs: ys.map((_, at) => at), ys: [...ys] });

const LONE: readonly [ys: (number | null)[], places: number[]][] = [
  [[1, 2, 3], []],
  [[1], [0]],
  [[null, 1, null, 2, 3], [1]],
  [[1, null, null, 4], [0, 3]],
  [[], []],
];
for (const [ys, places] of LONE) {
  test(`the lone points of ${JSON.stringify(ys)} are at ${JSON.stringify(places)}`, () => assert.deepEqual(lonePoints(lineOf(ys)), places));
}

test("the nearest of the points is found between them and beyond", () =>
  assert.deepEqual([-5, 1.4, 1.6, 99].map((x) => nearest([0, 1, 2], x)), [0, 1, 2, 2]));

test("a file quotes names and leaves gaps empty", () =>
  assert.equal(csvOfLines([{ name: 'a "b", c', xs: [1, 2], ys: [0.5, null] }], "step"), 'series,step,value\r\n"a ""b"", c",1,0.5\r\n"a ""b"", c",2,\r\n'));
