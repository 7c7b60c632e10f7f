/** Which steps of a list ran side by side: the same as by comparing each with each, in linear time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SideBySide } from "../src/document/side-by-side.ts";
import type { Part } from "../src/protocol/patch.ts";

const stepOf = (id: string, started_s: number, ended_s: number | null): Part => ({
  id, kind: "step", fields: { state: ended_s === null ? "running" : "done", started_s, ended_s }, pieces: [], generation: 0, items: null,
});

/** Adds the steps in order, each with its state of that time, and ends the open ones at their end. */
function found(spans: readonly [number, number][]): { ids: string[]; most_count: number } {
  const list = new SideBySide();
  const ids = new Set<string>();
  const open = new Map<number, Part>();
  spans.forEach(([started_s, ended_s], at) => {
    for (const [other, part] of open) {
      if (spans[other]![1] > started_s) continue;
      part.fields = { ...part.fields, state: "done", ended_s: spans[other]![1] };
      list.change(part);
      open.delete(other);
    }
    const step = stepOf(String(at), started_s, null);
    for (const id of list.add(step)) ids.add(id);
    open.set(at, step);
    void ended_s;
  });
  return { ids: [...ids].sort(), most_count: list.most_count };
}

function expected(spans: readonly [number, number][]): { ids: string[]; most_count: number } {
  const beside = spans.map(([started_s], at) => spans.flatMap(([, end_s], other) => (other < at && end_s > started_s ? [other] : [])));
  const ids = new Set(beside.flatMap((others, at) => (others.length > 0 ? [at, ...others] : [])).map(String));
  return { ids: [...ids].sort(), most_count: Math.max(0, ...beside.map((others) => others.length + 1)) };
}

const spans = fc
  .array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 20 })), { maxLength: 25 })
  .map((pairs) => pairs.sort(([one], [other]) => one - other).map(([start, length]): [number, number] => [start, start + length]));

test("steps that ran at the same time are found while they run", () => {
  fc.assert(fc.property(spans, (given) => assert.deepEqual(found(given), expected(given))));
});

test("steps that ran at the same time are found after their end", () => {
  fc.assert(fc.property(spans, (given) => {
    const list = new SideBySide();
    const ids = new Set(given.flatMap(([start, end], at) => list.add(stepOf(String(at), start, end))));
    assert.deepEqual({ ids: [...ids].sort(), most_count: list.most_count }, expected(given));
  }));
});

test("a removed step runs beside no other", () => {
  const list = new SideBySide();
  list.add(stepOf("a", 0, null));
  list.remove("a");
  assert.deepEqual(list.add(stepOf("b", 1, null)), []);
});

for (const [name, ended_s] of [["open", () => null], ["ended", (at: number) => 1e6 - at]] as const) {
  test(`100,000 steps within each other, all ${name}, take linear time`, () => {
    const list = new SideBySide();
    const began = performance.now();
    for (let at = 0; at < 100_000; at += 1) list.add(stepOf(String(at), at, ended_s(at)));
    assert.ok(performance.now() - began < 1000);
    assert.equal(list.most_count, 100_000);
  });
}
