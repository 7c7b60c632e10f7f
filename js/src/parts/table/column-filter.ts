/** The filter of one column as typed: `> 5`, `1..3`, `null`, `= word`, or contained text; pure. */

import type { Json } from "../../protocol/wire.ts";

export type CellTest = (cell: Json) => boolean;

const COMPARISONS: { readonly [sign: string]: (order: number) => boolean } = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
};

/** The test that `text` describes; null if it is empty. */
export function cellTest(text: string): CellTest | null {
  const wanted = text.trim();
  if (wanted === "") return null;
  if (wanted === "null") return (cell) => cell === null;
  const span = /^(-?[\d.]+(?:e-?\d+)?)\s*\.\.\s*(-?[\d.]+(?:e-?\d+)?)$/i.exec(wanted);
  if (span) return between(Number(span[1]), Number(span[2]));
  const [, sign, value] = /^(<=|>=|!=|<|>|=)\s*(.+)$/.exec(wanted) ?? [];
  if (sign && value) return compared(COMPARISONS[sign]!, value.toLowerCase(), sign === "!=");
  const part = wanted.toLowerCase();
  return (cell) => cell !== null && textOf(cell).includes(part);
}

const between = (least: number, most: number): CellTest => (cell) => typeof cell === "number" && cell >= least && cell <= most;

function compared(holds: (order: number) => boolean, value: string, orNull: boolean): CellTest {
  const number = Number(value);
  return (cell) => {
    if (cell === null) return orNull;
    if (typeof cell === "number") return !Number.isNaN(number) && holds(cell - number);
    const text = textOf(cell);
    return holds(text < value ? -1 : text > value ? 1 : 0);
  };
}

const textOf = (cell: Json): string => (typeof cell === "string" ? cell : (JSON.stringify(cell) ?? "")).toLowerCase();
