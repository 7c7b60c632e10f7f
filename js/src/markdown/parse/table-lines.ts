/** GFM tables: the delimiter row and the cells of a row. */

import type { Align, Block } from "./block.ts";

/** Wider tables are text. */
export const COLUMNS_COUNT = 200;
/** A longer line is not a delimiter row. */
const DELIMITER_CHARS = 4000;

const DELIMITER_ROW = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** The alignment of each column in the delimiter row `line`; null if it is not one. */
export function delimiterRow(line: string): Align[] | null {
  const first = line.charAt(0);
  if (first !== "|" && first !== "-" && first !== ":") return null;
  if (line.length > DELIMITER_CHARS || !/[|:]/.test(line) || !DELIMITER_ROW.test(line)) return null;
  const cells = cellsOf(line);
  return cells.length > COLUMNS_COUNT ? null : cells.map(alignOf);
}

function alignOf(cell: string): Align {
  const left = cell.startsWith(":");
  const right = cell.endsWith(":");
  if (left && right) return "center";
  return left ? "left" : right ? "right" : null;
}

/** The cells of a row, trimmed; `\|` is a bar inside a cell. At most one more than may be shown. */
export function cellsOf(row: string): string[] {
  const cells: string[] = [];
  const line = row.trim();
  let from = line.startsWith("|") ? 1 : 0;
  let escaped = false;
  for (let at = from; at < line.length && cells.length <= COLUMNS_COUNT; at += 1) {
    const char = line.charCodeAt(at);
    if (char === 92) {
      if (line.charCodeAt(at + 1) === 124) escaped = true;
      at += 1;
    } else if (char === 124) {
      cells.push(cell(line.slice(from, at), escaped));
      from = at + 1;
      escaped = false;
    }
  }
  if (from < line.length) cells.push(cell(line.slice(from), escaped));
  return cells;
}

function cell(text: string, escaped: boolean): string {
  const trimmed = text.trim();
  return escaped ? trimmed.replaceAll("\\|", "|") : trimmed;
}

/** The first line of a paragraph that may be the header of a table; the next line decides. */
export const isTableHead = (block: Block): boolean =>
  block.open && block.lines.length === 1 && /^\|.*[^|\s]/.test(block.lines[0]!);
