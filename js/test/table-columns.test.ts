/** The columns of a table: laid out, filtered, walked through and copied; numbers in one precision. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "./seeded.ts";
import { moved, rangeBetween, tsvOf } from "../src/parts/table/cell-range.ts";
import type { Cell } from "../src/parts/table/cell-range.ts";
import { cellText, shapeOf } from "../src/parts/table/cells.ts";
import { cellTest } from "../src/parts/table/column-filter.ts";
import { ColumnLayout } from "../src/parts/table/column-layout.ts";
import { RowOrder } from "../src/parts/table/row-order.ts";
import type { Json } from "../src/protocol/wire.ts";

const FILTERS: readonly [text: string, passes: Json[], fails: Json[]][] = [
  ["ab", ["cab", "AB"], ["a", null, 1]],
  ["12", [12, 312, "x12"], [21, null]],
  ["> 5", [6, 5.1], [5, 4, null]],
  ["<=2", [2, -1], [3, null]],
  ["1..3", [1, 2.5, 3], [0, 4, null, "2"]],
  ["-2 .. -1", [-2, -1.5], [0]],
  ["= word", ["word", "WORD"], ["words", null]],
  ["!=2", [3, null], [2]],
  [">= 2024-05", ["2024-05-01", "2025"], ["2024-04-30", null]],
  ["null", [null], [0, "", "null"]],
  [">", ["a>b"], ["ab"]],
];
for (const [text, passes, fails] of FILTERS) {
  test(`the filter "${text}" passes ${JSON.stringify(passes)} and not ${JSON.stringify(fails)}`, () => {
    const filter = cellTest(text)!;
    assert.deepEqual([passes.map(filter), fails.map(filter)], [passes.map(() => true), fails.map(() => false)]);
  });
}

test("an empty filter is none", () => assert.equal(cellTest("  "), null));

test("columns are moved, hidden and pinned, and each is shown once at most", () => {
  const act = fc.record({ what: fc.constantFrom("move", "hide", "pin", "unpin", "show", "grow"), column: fc.nat(7), by: fc.constantFrom(-1 as const, 1 as const) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const layout = new ColumnLayout();
      let count = 4;
      layout.take(count);
      for (const { what, column, by } of acts) {
        if (what === "grow") layout.take((count = Math.min(8, count + 1)));
        else if (what === "show") layout.showAll();
        else if (column < count && what === "move") layout.move(column, by);
        else if (column < count && what === "hide") layout.hide(column);
        else if (column < count) layout.setPinned(column, what === "pin");
        const { shown } = layout;
        assert.equal(new Set(shown).size, shown.length);
        assert.ok(shown.length >= 1 && shown.length === count - layout.hidden_count, JSON.stringify(shown));
        const firstFree = shown.findIndex((one) => !layout.isPinned(one));
        assert.ok(shown.every((one, at) => firstFree < 0 || at < firstFree || !layout.isPinned(one)));
      }
    }),
  );
});

test("a column moves by one place, and not out of the pinned ones", () => {
  const layout = new ColumnLayout();
  layout.take(3);
  layout.move(0, 1);
  assert.deepEqual(layout.shown, [1, 0, 2]);
  layout.setPinned(2, true);
  layout.move(2, 1);
  assert.deepEqual(layout.shown, [2, 1, 0]);
});

test("a width stays within bounds, and null forgets it", () => {
  const layout = new ColumnLayout();
  layout.resize(0, 3);
  assert.equal(layout.width_px(0), 48);
  layout.resize(0, null);
  assert.equal(layout.width_px(0), null);
});

const SIZE = { rows: 10, columns: 3, page: 4 };
const MOVES: readonly [from: Cell | null, key: string, far: boolean, to: Cell | null][] = [
  [null, "ArrowDown", false, { row: 0, column: 0 }],
  [{ row: 0, column: 0 }, "ArrowUp", false, { row: 0, column: 0 }],
  [{ row: 2, column: 1 }, "ArrowRight", false, { row: 2, column: 2 }],
  [{ row: 2, column: 1 }, "ArrowDown", true, { row: 9, column: 1 }],
  [{ row: 2, column: 1 }, "End", false, { row: 2, column: 2 }],
  [{ row: 2, column: 1 }, "End", true, { row: 9, column: 2 }],
  [{ row: 2, column: 1 }, "Home", true, { row: 0, column: 0 }],
  [{ row: 8, column: 1 }, "PageDown", false, { row: 9, column: 1 }],
  [{ row: 8, column: 1 }, "x", false, null],
];
for (const [from, key, far, to] of MOVES) {
  test(`${far ? "Ctrl+" : ""}${key} from ${JSON.stringify(from)} is ${JSON.stringify(to)}`, () => assert.deepEqual(moved(from, key, far, SIZE), to));
}

test("a range holds both of its corners", () =>
  assert.deepEqual(rangeBetween({ row: 3, column: 0 }, { row: 1, column: 2 }), { top: 1, bottom: 3, left: 0, right: 2 }));

test("copied cells have no tab or line end in them", () => assert.equal(tsvOf([["a\tb", "c"], ["d\r\ne", ""]]), "a b\tc\nd e\t"));

test("rows are sorted by several columns, and filtered by several", () => {
  const rows: Json[] = [["b", 1], ["a", 2], ["a", 1], ["b", 9]];
  const order = new RowOrder();
  order.sorts = [{ column: 0, descending: false }, { column: 1, descending: true }];
  order.update(rows);
  assert.deepEqual([0, 1, 2, 3].map((at) => order.at(at)), [1, 2, 3, 0]);
  order.restart();
  order.tests.set(0, cellTest("b")!);
  order.tests.set(1, cellTest("> 1")!);
  order.update(rows);
  assert.deepEqual([order.count(4), order.at(0)], [1, 3]);
});

const NUMBERS: readonly [values: number[], type: string, shown: string[]][] = [
  [[0.1, 0.00001, 1e-9], "number", ["1.00e-1", "1.00e-5", "1.00e-9"]],
  [[1.5, 2.25], "number", ["1.50", "2.25"]],
  [[12345.5, 3], "number", ["12,345.5", "3.0"]],
  [[2011, 1234567, -12345], "integer", ["2011", "1,234,567", "-12,345"]],
  [[1234567.1234], "number", ["1,234,567.1234"]],
];
for (const [values, type, shown] of NUMBERS) {
  test(`a column of ${values.join(", ")} is shown as ${shown.join(" | ")}`, () => {
    const column = { name: "x", type, unit: "" };
    const { decimals } = shapeOf([column], values.map((value) => [value]));
    assert.deepEqual(values.map((value) => cellText(value, column, decimals[0]!)), shown);
  });
}
