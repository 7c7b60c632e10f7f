/**
 * The order in which rows are shown: as they came, or sorted and filtered; pure.
 *
 * New rows are merged in, so that a stream of them costs their own sorting and one walk.
 */

import type { Json } from "../wire.ts";

export interface Sort {
  column: number;
  descending: boolean;
}

type Key = number | string | null;

const FIRST_LETTERS = 200;

export class RowOrder {
  sort: Sort | null = null;
  filter = "";
  /** The rows that were looked at: a put replaces the entry, so comparing tells. */
  #seen: Json[] = [];
  #order: number[] = [];
  #keys: Key[] = [];

  /** Whether rows are shown as they came, all of them. */
  get plain(): boolean {
    return this.sort === null && this.filter === "";
  }

  /** Takes up what is new in `rows`. */
  update(rows: readonly Json[]): void {
    if (this.plain) return;
    const known = this.#seen.length;
    const same = known <= rows.length && this.#seen.every((row, at) => row === rows[at]);
    if (!same) this.restart();
    const fresh: number[] = [];
    for (let at = this.#seen.length; at < rows.length; at += 1) {
      const row = rows[at]!;
      this.#seen.push(row);
      this.#keys.push(this.sort ? keyOf(cellOf(row, this.sort.column)) : null);
      if (this.filter === "" || matches(row, this.filter)) fresh.push(at);
    }
    this.#merge(fresh);
  }

  /** Looks at all rows again: the sort, the filter or the rows are others. */
  restart(): void {
    this.#seen = [];
    this.#order = [];
    this.#keys = [];
  }

  /** How many rows are shown, of `total`. */
  count(total: number): number {
    return this.plain ? total : this.#order.length;
  }

  /** The place among all rows of the row that is shown at `index`. */
  at(index: number): number {
    return this.plain ? index : (this.#order[index] ?? -1);
  }

  #merge(fresh: number[]): void {
    if (!this.sort) {
      for (const at of fresh) this.#order.push(at);
      return;
    }
    const { descending } = this.sort;
    const keys = this.#keys;
    const before = (a: number, b: number): number => compare(keys[a]!, keys[b]!, descending) || a - b;
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
  return cell.slice(0, FIRST_LETTERS).toLowerCase();
}

/** Numbers before text; what is null or no number comes last, whichever way the sort goes. */
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
