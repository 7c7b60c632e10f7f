/** The series of a metric as lines of points; pure. */

import { finite, label } from "../../base/safety.ts";
import type { Part } from "../../protocol/patch.ts";
import type { Json } from "../../protocol/wire.ts";

/** Most lines that are drawn; the legend counts the others. */
const MOST_SERIES = 64;

/** Points of one series, in the order of x; a y of null is a gap. */
export interface Line {
  readonly name: string;
  readonly xs: number[];
  readonly ys: (number | null)[];
}

export const seriesOf = ({ fields }: Part): readonly Json[] => (Array.isArray(fields["series"]) ? fields["series"] : []);

export function linesOf(part: Part): Line[] {
  const names = seriesOf(part);
  const lines: Line[] = names.slice(0, MOST_SERIES).map((name) => ({ name: label(name, 80), xs: [], ys: [] }));
  for (const item of part.items?.list ?? []) {
    if (!Array.isArray(item)) continue;
    const line = typeof item[0] === "number" ? lines[item[0]] : undefined;
    const x = finite(item[1]);
    if (!line || x === null) continue;
    line.xs.push(x);
    line.ys.push(finite(item[2]));
  }
  return lines;
}

/** The index in `xs`, which increase, that is nearest to `x`. */
export function nearest(xs: readonly number[], x: number): number {
  let [low, high] = [0, xs.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - xs[low - 1]! < xs[low]! - x ? low - 1 : low;
}

/** The xs of the line with the most points, which the cursor follows. */
export const longestXs = (lines: readonly Line[]): readonly number[] =>
  lines.reduce<readonly number[]>((most, { xs }) => (xs.length > most.length ? xs : most), []);

/** Indices of points between two gaps, which no line connects. */
export function lonePoints({ ys }: Line): number[] {
  const places: number[] = [];
  const isGap = (y: number | null | undefined): boolean => y === null || y === undefined;
  for (const [at, y] of ys.entries()) if (!isGap(y) && isGap(ys[at - 1]) && isGap(ys[at + 1])) places.push(at);
  return places;
}

/** The points as rows of series, x and y. */
export function csvOfLines(lines: readonly Line[], xLabel: string): string {
  const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = lines.flatMap(({ name, xs, ys }) => xs.map((x, at) => `${quoted(name)},${x},${ys[at] ?? ""}\r\n`));
  return `series,${quoted(xLabel)},value\r\n${rows.join("")}`;
}
