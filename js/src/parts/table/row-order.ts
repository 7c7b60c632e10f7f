/**
 * The order in which rows are shown: as they arrived, or sorted and filtered; pure.
 *
 * New rows are merged in, so that they cost only their own sorting and one pass.
 */

import type { Json } from "../../protocol/wire.ts";
import type { CellTest } from "./column-filter.ts";

export interface Sort {
  column: number;
  descending: boolean;
}

/** Text is compared by its letters, and by the size of the numbers in it. */
type Key = number | string | null;

const FIRST_LETTERS = 200;

export class RowOrder {
  /** The sort keys, the most important first. */
  sorts: readonly Sort[] = [];
  /** Text that a cell of each row must contain, in lower case. */
  filter = "";
  /** The tests for the cells of columns. */
  readonly tests = new Map<number, CellTest>();
  /** The rows that were tested: a put replaces the entry, so comparing detects changes. */
  #seen: Json[] = [];
  #order: number[] = [];
  /** The sort keys of each row. */
  #keys: Key[][] = [];

  /** True if all rows are shown in order of arrival. */
  get plain(): boolean {
    return this.sorts.length === 0 && !this.filters;
  }

  /** True if rows may be left out. */
  get filters(): boolean {
    return this.filter !== "" || this.tests.size > 0;
  }

  /** Adds the new entries of `rows`. */
  update(rows: readonly Json[]): void {
    if (this.plain) return;
    const known = this.#seen.length;
    const same = known <= rows.length && this.#seen.every((row, at) => row === rows[at]);
    if (!same) this.restart();
    const fresh: number[] = [];
    for (let at = this.#seen.length; at < rows.length; at += 1) {
      const row = rows[at]!;
      this.#seen.push(row);
      this.#keys.push(this.sorts.map(({ column }) => keyOf(cellOf(row, column))));
      if (this.#passes(row)) fresh.push(at);
    }
    this.#merge(fresh);
  }

  /** Starts again with all rows: the sort, the filter or the rows have changed. */
  restart(): void {
    this.#seen = [];
    this.#order = [];
    this.#keys = [];
  }

  /** Number of shown rows, of `total`. */
  count(total: number): number {
    return this.plain ? total : this.#order.length;
  }

  /** The index among all rows of the row shown at `index`. */
  at(index: number): number {
    return this.plain ? index : (this.#order[index] ?? -1);
  }

  /** The displayed position of row `at` of all rows; -1 if it is not shown. */
  indexOf(at: number): number {
    return this.plain ? at : this.#order.indexOf(at);
  }

  #passes(row: Json): boolean {
    if (this.filter !== "" && !matches(row, this.filter)) return false;
    for (const [column, test] of this.tests) if (!test(cellOf(row, column))) return false;
    return true;
  }

  #before(a: number, b: number): number {
    const [keysA, keysB] = [this.#keys[a]!, this.#keys[b]!];
    for (const [at, { descending }] of this.sorts.entries()) {
      const order = compare(keysA[at]!, keysB[at]!, descending);
      if (order !== 0) return order;
    }
    return a - b;
  }

  #merge(fresh: number[]): void {
    if (this.sorts.length === 0) {
      for (const at of fresh) this.#order.push(at);
      return;
    }
    const before = (a: number, b: number): number => this.#before(a, b);
    fresh.sort(before);
    if (this.#order.length === 0) {
      this.#order = fresh;
      return;
    }
    if (fresh.length === 0) return;
    const merged: number[] = [];
    let next = 0;
    for (const at of this.#order) {
      while (next < fresh.length && before(fresh[next]!, at) < 0) merged.push(fresh[next++]!);
      merged.push(at);
    }
    while (next < fresh.length) merged.push(fresh[next++]!);
    this.#order = merged;
  }
}

export const cellOf = (row: Json | undefined, column: number): Json =>
  Array.isArray(row) ? (row[column] ?? null) : null;

const SPECIAL: { readonly [text: string]: number } = { NaN: NaN, Infinity, "-Infinity": -Infinity };

function keyOf(cell: Json): Key {
  if (typeof cell === "number") return cell;
  if (typeof cell === "boolean") return cell ? 1 : 0;
  if (typeof cell !== "string") return null;
  if (Object.hasOwn(SPECIAL, cell)) return SPECIAL[cell]!;
  return naturalKey(cell.slice(0, FIRST_LETTERS).toLowerCase());
}

/** First ascending, then descending, then the order of arrival; `add`: beside the other columns. */
export function nextSorts(sorts: readonly Sort[], column: number, add: boolean): readonly Sort[] {
  const sort = sorts.find((one) => one.column === column);
  if (sort?.descending) return add ? sorts.filter((one) => one !== sort) : [];
  return withSort(sorts, { column, descending: sort !== undefined }, add);
}

/** The sorts with one of a column in the place of its last; alone unless `add`. */
export function withSort(sorts: readonly Sort[], sort: Sort, add: boolean): readonly Sort[] {
  const others = add ? sorts : [];
  const known = others.some(({ column }) => column === sort.column);
  return known ? others.map((one) => (one.column === sort.column ? sort : one)) : [...others, sort];
}

/** Puts the length of each number before it, so that "run 9" sorts before "run 10". */
function naturalKey(text: string): string {
  return /\d/.test(text) ? text.replace(/\d+/g, sized) : text;
}

function sized(digits: string): string {
  const size = digits.replace(/^0+(?=\d)/, "");
  return String.fromCharCode(0x30 + Math.min(size.length, 40)) + size;
}

/** Numbers before text; null and values that are not numbers come last in both directions. */
function compare(a: Key, b: Key, descending: boolean): number {
  const [lastA, lastB] = [isLast(a), isLast(b)];
  if (lastA || lastB) return Number(lastA) - Number(lastB);
  const order = typeof a !== typeof b ? (typeof a === "number" ? -1 : 1) : a! < b! ? -1 : a! > b! ? 1 : 0;
  return descending ? -order : order;
}

const isLast = (key: Key): boolean => key === null || Number.isNaN(key);

function matches(row: Json, filter: string): boolean {
  return Array.isArray(row) && row.some((cell) => cell !== null && String(cell).toLowerCase().includes(filter));
}
