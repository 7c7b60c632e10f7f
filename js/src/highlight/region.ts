/** Strings, comments, and regions that end with a certain line. */

import type { Cursor, Frame, LineEnd } from "./cursor.ts";
import type { Region } from "./language.ts";
import { isKey } from "./names.ts";

type RegionFrame = Extract<Frame, { mode: "region" }>;

const NEWLINE = 10;
const DOLLAR = 36;
const BACKSLASH = 92;
const OPENING = 123;

/** Moves to the end of the region or the piece, or to the next interpolation. */
export function inRegion(cursor: Cursor, frame: RegionFrame): void {
  const { region } = frame;
  if (frame.from < 0) frame.from = cursor.at; // an interpolation has ended
  const plain = region.lines && !region.escapes && !region.nests;
  const end = plain ? indexAfter(cursor, region.close) : endOf(cursor, frame);
  if (end === null) {
    cursor.give(cursor.code.length, region.is, frame.from);
    frame.from = 0;
    if (!region.lines) cursor.stack.pop();
    return;
  }
  if (end < 0) return openHole(cursor, frame, -1 - end);
  cursor.stack.pop();
  cursor.value = region.is !== "comment" || cursor.value;
  const isName = region.is === "string" && isKey(cursor, end, false);
  cursor.give(end, isName ? "property" : region.is, frame.from);
}

function indexAfter({ code, at }: Cursor, mark: string): number | null {
  const found = code.indexOf(mark, at);
  return found < 0 ? null : found + mark.length;
}

/** The end of the region; null if beyond the piece; -1 - n if an interpolation begins at n. */
function endOf(cursor: Cursor, frame: RegionFrame): number | null {
  const { code } = cursor;
  const { open, close, lines, escapes, nests, holes } = frame.region;
  const [opening, closing] = [open.charCodeAt(0), close.charCodeAt(0)]; // NaN: none
  for (let at = cursor.at; at < code.length; at += 1) {
    const char = code.charCodeAt(at);
    if (char === NEWLINE && !lines) return at;
    if (char === BACKSLASH && escapes) {
      if (lines || code.charCodeAt(at + 1) !== NEWLINE) at += 1;
    } else if (char === closing && code.startsWith(close, at)) {
      frame.depth -= 1;
      if (frame.depth === 0) return at + close.length;
      at += close.length - 1;
    } else if (nests && char === opening && code.startsWith(open, at)) {
      frame.depth += 1;
      at += open.length - 1;
    } else if (holes && char === DOLLAR && code.charCodeAt(at + 1) === OPENING) return -1 - at;
  }
  return null;
}

function openHole(cursor: Cursor, frame: RegionFrame, at: number): void {
  cursor.give(at, frame.region.is, frame.from);
  cursor.give(at + 2, "operator");
  frame.from = -1;
  cursor.value = false;
  cursor.stack.push({ mode: "code", depth: 0 });
}

/** Moves to the end of the line-wise region, or of the piece. */
export function inLines(cursor: Cursor, lineEnd: LineEnd): void {
  const end = lineEnd(cursor.code, cursor.at);
  if (end !== null) cursor.stack.pop();
  cursor.give(end ?? cursor.code.length, "string");
}

/** A region of lines up to the first that `isLast`; includes that line if `whole`. */
export const linesUntil =
  (isLast: (line: string) => boolean, whole: boolean): LineEnd =>
  (code, at) => {
    for (let from = at; from < code.length; ) {
      const found = code.indexOf("\n", from);
      const to = found < 0 ? code.length : found;
      if (isLast(code.slice(from, to))) return whole ? to : from;
      from = to + 1;
    }
    return null;
  };

/** Begins the region at this position; false if there is none. */
export function opens(cursor: Cursor): boolean {
  for (const region of cursor.language.starts[cursor.code.charCodeAt(cursor.at)] ?? []) {
    if (!cursor.code.startsWith(region.open, cursor.at) || !mayBegin(cursor, region)) continue;
    cursor.fresh = false;
    cursor.open(region);
    return true;
  }
  return false;
}

function mayBegin({ at, code, fresh, value }: Cursor, region: Region): boolean {
  switch (region.at) {
    case undefined: return true;
    case "line": return fresh;
    case "column0": return at === 0 || code.charCodeAt(at - 1) === NEWLINE;
    case "operator": return !value;
    case "space": return at === 0 || code.charCodeAt(at - 1) <= 32;
  }
}
