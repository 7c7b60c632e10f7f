/** Small scanners of the inline phase: runs, code, the characters around a position. */

/** A run of backticks. */
export const TICKS = /`+/g;

/** Code without the space at both ends, unless it is all space; line ends become spaces. */
export function codeText(text: string): string {
  const line = text.replaceAll("\n", " ");
  const padded = line.length > 2 && line.startsWith(" ") && line.endsWith(" ") && line.trim() !== "";
  return padded ? line.slice(1, -1) : line;
}

export function runLength(text: string, at: number): number {
  const code = text.charCodeAt(at);
  let end = at + 1;
  while (text.charCodeAt(end) === code) end += 1;
  return end - at;
}

export function lastTicks(text: string, from: number): Map<number, number> {
  const last = new Map<number, number>();
  TICKS.lastIndex = from;
  for (let run = TICKS.exec(text); run; run = TICKS.exec(text)) last.set(run[0].length, run.index);
  return last;
}

/** True if the dollar sign at `to` ends a formula; before a digit it is a price. */
export const closesDollar = (text: string, from: number, to: number): boolean =>
  to > from && !/\s/.test(text.charAt(to - 1)) && !/\d/.test(text.charAt(to + 1));

/** True if the text between two `$$` is a formula, not text between prices: beside spaces it needs a TeX sign. */
export const isFormula = (text: string): boolean => !/^\s|\s$/.test(text) || /[\\^_={}+<>|]/.test(text) || text.includes("\n");

/** A position after a space and before another character, at `from` or later; -1 if there is none up to `to`. */
export function wordStart(text: string, from: number, to: number): number {
  for (let space = text.indexOf(" ", from); space >= 0 && space + 1 < to; space = text.indexOf(" ", space + 1)) {
    if (text.charCodeAt(space + 1) !== 32) return space + 1;
  }
  return -1;
}

/** The whole character before `at`; "" at the start. */
export function before(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(at - 2, at) : text.charAt(at - 1);
}

/** The whole character at `at`; "" at the end. */
export function after(text: string, at: number, end: number): string {
  if (at >= end) return "";
  const high = text.charCodeAt(at);
  return high >= 0xd800 && high <= 0xdbff ? text.slice(at, at + 2) : text.charAt(at);
}
