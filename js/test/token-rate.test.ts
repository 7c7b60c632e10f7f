/** The rate is that of the last two seconds, and a silence counts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { count, duration, span } from "../src/words/format.ts";
import { RateMeter } from "../src/protocol/token-rate.ts";

test("a steady stream has its own rate", () => {
  const rate = new RateMeter();
  for (let n = 0; n <= 100; n += 1) rate.add(n * 0.1, n * 5);
  assert.ok(Math.abs(rate.over(10)! - 50) < 3);
});

test("a rate is not told from too little, and falls to nothing in a silence", () => {
  const rate = new RateMeter();
  rate.add(0, 0);
  rate.add(0.1, 40);
  assert.equal(rate.over(0.1), null);
  assert.equal(rate.over(1), 40);
  assert.ok(rate.over(10)! < 1);
});

test("numbers and times in words", () => {
  assert.deepEqual([0, 12.44, 59.94, 59.97, 125, 3720].map(duration), ["0.0 s", "12.4 s", "59.9 s", "1 min 00 s", "2 min 05 s", "1 h 02 min"]);
  assert.deepEqual([0, 0.0062, 0.9994, 0.9999, 1.239].map(span), ["< 1 ms", "6 ms", "999 ms", "1.00 s", "1.24 s"]);
  assert.equal(count(1204), "1,204");
});
