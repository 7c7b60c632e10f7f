/** Rate and time left: known late rather than wrongly, and calm. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { clockTime, left, perSecond, short } from "../src/words/format.ts";
import { PaceMeter } from "../src/parts/progress/pace.ts";
import { RateHistory } from "../src/protocol/token-rate.ts";

/** Feeds a meter each tenth of a second; gives what it says then. */
function watch(at: (s: number) => number, until_s: number, total: number): { rate: number | null; left_s: number | null }[] {
  const meter = new PaceMeter();
  return Array.from({ length: until_s * 10 }, (_, n) => {
    const now_s = (n + 1) / 10;
    meter.add(now_s, at(now_s), 0);
    return { rate: meter.rate(), left_s: meter.left_s(now_s, at(now_s), total) };
  });
}

test("nothing is told in the first second", () => {
  assert.ok(watch((s) => s * 10, 1, 100).slice(0, 8).every(({ rate, left_s }) => rate === null && left_s === null));
});

test("a steady pace is told right, and the time left only falls", () => {
  const said = watch((s) => s * 10, 30, 400).slice(15);
  assert.ok(said.every(({ rate }) => Math.abs(rate! - 10) < 0.5));
  const lefts = said.map(({ left_s }) => left_s!);
  assert.ok(lefts.every((value, n) => n === 0 || value <= lefts[n - 1]!), lefts.join(" "));
  assert.ok(Math.abs(lefts.at(-1)! - 10) <= 2);
});

test("a pace that jumps each second between none and double changes what is told by little", () => {
  const jerky = (s: number): number => Math.floor(s) * 10;
  const said = watch(jerky, 40, 800).slice(100).map(({ left_s }) => left_s!);
  const rises = said.filter((value, n) => n > 0 && value > said[n - 1]!).length;
  assert.ok(rises <= 2, `it rose ${rises} times: ${[...new Set(said)].join(" ")}`);
});

test("a pace that halves is followed within some seconds", () => {
  const said = watch((s) => (s < 20 ? s * 10 : 200 + (s - 20) * 5), 45, 1000);
  assert.ok(said.at(-1)!.rate! < 6);
});

test("starting again from less forgets what was", () => {
  const meter = new PaceMeter();
  for (let n = 1; n <= 50; n += 1) meter.add(n / 10, n, 0);
  meter.add(5.1, 0, 5.1);
  assert.equal(meter.rate(), null);
});

const WORDS: readonly [said: string, words: string][] = [
  [perSecond(312.4), "312/s"], [perSecond(1.44), "1.4/s"], [perSecond(0.2), "12/min"], [perSecond(0.001), "3.6/h"],
  [left(8), "8 s"], [left(60), "1 min"], [left(75), "1 min 15 s"], [left(3660), "1 h 01 min"],
  [short(0.31415), "0.3142"], [short(48_120), "48.12k"], [short(0), "0"], [short(-3.2e6), "-3.2M"], [short(1.23e-7), "1.23e-7"], [short(2024), "2024"],
  [clockTime(40), "40 s"], [clockTime(80), "1:20"], [clockTime(3900), "1:05:00"],
];
for (const [said, words] of WORDS) test(`a number is said as ${words}`, () => assert.equal(said, words));

test("the history of a rate keeps the whole run in few spans and loses no token", () => {
  const history = new RateHistory();
  for (let n = 1; n <= 5000; n += 1) history.add(n / 10, n);
  const rates = history.rates();
  assert.ok(rates.length <= 48 && rates.length >= 24);
  assert.ok(rates.slice(1).every((rate) => Math.abs(rate - 10) < 0.5));
});
