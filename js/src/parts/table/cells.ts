/** Formats the cells of a table by the type of their column; null is shown as null. */

import { aim, bareLink, create, setAttribute, setText } from "../../base/dom.ts";
import { addressOf, finite, label } from "../../base/safety.ts";
import type { Options } from "../../markdown/engine.ts";
import type { Json } from "../../protocol/wire.ts";
import { decimal } from "../../words/format.ts";
import { drawLine } from "../text/inline-line.ts";

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
}

const MOST_COLUMNS = 100;
/** More decimals do not help to compare rows; the record has them all. */
const MOST_DECIMALS = 4;
/** Smaller numbers would look like zeros: their column is written with exponents. */
const LEAST_FIXED = 0.5 * 10 ** -MOST_DECIMALS;
/** Decimals of a column that is written with exponents. */
const EXPONENTS = -1;
/** Numbers with fewer digits, such as years, are written without grouping. */
const GROUPED_FROM = 10_000;
/** Larger numbers are written with an exponent, as JavaScript writes them. */
const MOST_EXACT = 1e21;
const LEAST_CHARS = 3;
const MOST_CHARS = 48;
/** A letter of running text is narrower than the digit that the unit `ch` is. */
const LETTER_CH = 0.88;

export function columnsOf(value: Json | undefined): Column[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST_COLUMNS).map((one) => {
    const { name, type, unit } = (one ?? {}) as { [key: string]: Json };
    return { name: label(name) || "–", type: label(type, 20), unit: label(unit, 40) };
  });
}

export const isNumeric = ({ type }: Column): boolean => type === "number" || type === "integer";

/** How the columns are drawn, from the first rows. */
export interface Shape {
  /** Width of each column's words, in the unit `ch`. */
  chars: number[];
  /** Decimals that the numbers of each column are shown with; -1: three digits and an exponent. */
  decimals: number[];
}

export function shapeOf(columns: readonly Column[], rows: readonly Json[]): Shape {
  const decimals = columns.map((column, at) => (column.type === "number" ? decimalsOf(rows, at) : 0));
  const chars = columns.map((column, at) => {
    const head = column.name.length + (column.unit ? column.unit.length + 1 : 0);
    const cells = rows.map((row) => cellText(Array.isArray(row) ? row[at] : null, column, decimals[at]!).length);
    const letter = isNumeric(column) || column.type.startsWith("date") ? 1 : LETTER_CH;
    return Math.min(MOST_CHARS, Math.max(LEAST_CHARS, head, ...cells)) * letter;
  });
  return { chars, decimals };
}

function decimalsOf(rows: readonly Json[], at: number): number {
  let most = 0;
  for (const row of rows) {
    const value = Array.isArray(row) ? row[at] : null;
    if (typeof value === "number" && value !== 0 && Math.abs(value) < LEAST_FIXED) return EXPONENTS;
    const text = String(Array.isArray(row) ? (row[at] ?? "") : "");
    const dot = text.indexOf(".");
    if (dot >= 0 && !text.includes("e")) most = Math.max(most, text.length - dot - 1);
  }
  return Math.min(most, MOST_DECIMALS);
}

export function cellText(value: Json | undefined, { type }: Column, decimals: number): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return numberText(value, type, decimals);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value !== "string") return JSON.stringify(value);
  if (type === "datetime") return value.replace("T", " ").replace(/\.0+(?=$|Z|[+-])/, "");
  if (type === "link") return addressOf(value) ? value.replace(/^https?:\/\/(www\.)?/i, "") : value;
  return value.length > 300 ? `${value.slice(0, 299)}…` : value;
}

function numberText(value: number, type: string, decimals: number): string {
  const size = Math.abs(value);
  if (type === "integer" || (Number.isInteger(value) && decimals === 0)) return size < MOST_EXACT ? decimal(value, 0, size >= GROUPED_FROM) : String(value);
  if (decimals === EXPONENTS) return value.toExponential(2).replace("e+", "e");
  if (size !== 0 && (size >= 1e12 || size < 0.5 * 10 ** -decimals)) return value.toPrecision(3);
  return decimal(value, decimals, size >= GROUPED_FROM);
}

/** An empty cell of its column. */
export function makeCell(column: Column): HTMLElement {
  const cell = create("td", { "data-type": column.type, "data-align": isNumeric(column) ? "end" : "start" });
  if (column.type === "link") cell.append(bareLink({ tabindex: "-1" }));
  return cell;
}

export interface Draw {
  readonly decimals: number;
  readonly markdown: Options;
}

export function drawCell(cell: HTMLElement, value: Json | undefined, column: Column, { decimals, markdown }: Draw): void {
  const text = cellText(value, column, decimals);
  setAttribute(cell, "data-value", value === null || value === undefined ? "null" : null);
  if (column.type === "markdown" && typeof value === "string") return drawLine(cell, text, markdown);
  if (column.type !== "link") return setText(cell, text);
  const link = cell.firstElementChild as HTMLAnchorElement;
  setText(link, text);
  aim(link, addressOf(value));
}

/** The cell in full, for reading. */
export function fullText(value: Json | undefined): string {
  if (value === null || value === undefined) return "null";
  if (finite(value) !== null) return String(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
