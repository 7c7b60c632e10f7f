/** Rows that are sorted and filtered while they stream: as if all had been there from the start. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "./seeded.ts";
import { RowOrder } from "../src/parts/table/row-order.ts";
import type { Sort } from "../src/parts/table/row-order.ts";
import type { Json } from "../src/protocol/wire.ts";

const shown = (order: RowOrder, rows: readonly Json[]): number[] =>
  Array.from({ length: order.count(rows.length) }, (_, index) => order.at(index));

function orderOf(sort: Sort | null, filter: string): RowOrder {
  const order = new RowOrder();
  order.sorts = sort ? [sort] : [];
  order.filter = filter;
  return order;
}

const TABLE: readonly [rows: Json[], sort: Sort | null, filter: string, wanted: number[]][] = [
  [[[3], [1], [2]], null, "", [0, 1, 2]],
  [[[3], [1], [2]], { column: 0, descending: false }, "", [1, 2, 0]],
  [[[3], [1], [2]], { column: 0, descending: true }, "", [0, 2, 1]],
  [[["b"], ["A"], ["a"]], { column: 0, descending: false }, "", [1, 2, 0]],
  [[[null], [2], ["NaN"], [1]], { column: 0, descending: false }, "", [3, 1, 0, 2]],
  [[[null], [2], ["NaN"], [1]], { column: 0, descending: true }, "", [1, 3, 0, 2]],
  [[["Infinity"], [2], ["-Infinity"]], { column: 0, descending: false }, "", [2, 1, 0]],
  [[[true], [false]], { column: 0, descending: false }, "", [1, 0]],
  [[["x"], [2]], { column: 0, descending: false }, "", [1, 0]],
  [[[1], []], { column: 0, descending: false }, "", [0, 1]],
  [[["Alpha", 1], ["beta", 21], [null, 3]], null, "a", [0, 1]],
  [[["Alpha", 1], ["beta", 21], [null, 3]], null, "1", [0, 1]],
  [[["Alpha", 1], ["beta", 21], [null, 3]], { column: 1, descending: true }, "a", [1, 0]],
  [[["run 10"], ["run 9"], ["run 09b"], ["run 2"]], { column: 0, descending: false }, "", [3, 1, 2, 0]],
  [[["x"]], null, "null", []],
];
for (const [rows, sort, filter, wanted] of TABLE) {
  test(`${JSON.stringify(rows)} by ${JSON.stringify(sort)} with "${filter}" is ${JSON.stringify(wanted)}`, () => {
    const order = orderOf(sort, filter);
    order.update(rows);
    assert.deepEqual(shown(order, rows), wanted);
  });
}

test("rows that come in pieces, and rows that are replaced, are ordered as if all had come at once", () => {
  const cell = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(null, "a", "B", "NaN", true));
  const rows = fc.array(fc.array(cell, { minLength: 0, maxLength: 2 }), { maxLength: 40 });
  const sort = fc.option(fc.record({ column: fc.nat(1), descending: fc.boolean() }));
  fc.assert(
    fc.property(rows, sort, fc.constantFrom("", "a", "1"), fc.nat(40), fc.nat(40), (all, by, filter, cut, put) => {
      const streamed = orderOf(by, filter);
      const list: Json[] = all.slice(0, cut);
      streamed.update(list);
      list.push(...all.slice(cut));
      streamed.update(list);
      if (put < list.length) list[put] = ["a", 1];
      streamed.update(list);
      const once = orderOf(by, filter);
      once.update(list);
      assert.deepEqual(shown(streamed, list), shown(once, list));
    }),
  );
});
