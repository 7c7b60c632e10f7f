/**
 * The scanner: one pass over the characters, each looked at a bounded number of times.
 *
 * A stack of frames is its state: in code, in a region, in a tag, in the text between tags. It
 * is kept from one piece to the next, so code may arrive in pieces; each ends at a line end, or the code
 * has ended.
 */

import { BLANK, DIGIT, OPERATOR, WORD } from "./compiled.ts";
import type { Cursor } from "./cursor.ts";
import type { HighlightToken } from "./language.ts";
import { inEmbedded, inTag, inText } from "./markup.ts";
import { inNumber, inWord, isDigit } from "./names.ts";
import { inLines, inRegion, opens } from "./region.ts";
import { special } from "./signs.ts";

const NEWLINE = 10;
const MINUS = 45;
const BACKSLASH = 92;

/** The tokens of the next piece; their texts, joined, are the piece. */
export function scan(cursor: Cursor, code: string): HighlightToken[] {
  cursor.begin(code);
  while (cursor.at < code.length) step(cursor);
  return cursor.end();
}

function step(cursor: Cursor): void {
  const frame = cursor.stack.at(-1)!;
  switch (frame.mode) {
    case "code": return inCode(cursor, frame);
    case "region": return inRegion(cursor, frame);
    case "lines": return inLines(cursor, frame.end);
    case "tag": return inTag(cursor, frame);
    case "text": return inText(cursor);
    case "embedded": return inEmbedded(cursor, frame, scan);
  }
}

/** Continues in code until another frame begins or this one ends. */
function inCode(cursor: Cursor, frame: { depth: number }): void {
  const { code, stack } = cursor;
  const { kinds, starts } = cursor.language;
  const level = stack.length;
  while (cursor.at < code.length && stack.length === level) {
    const char = code.charCodeAt(cursor.at);
    if (char === NEWLINE) {
      lineEnd(cursor);
      continue;
    }
    if (starts[char] && opens(cursor)) continue;
    const kind = char < 128 ? kinds[char] : WORD;
    if (kind === BLANK) cursor.at += 1;
    else {
      // in languages where a minus belongs to words, it also begins numbers
      const isNumber = kind === DIGIT || (char === MINUS && kind === WORD && isDigit(code.charCodeAt(cursor.at + 1)));
      if (isNumber) inNumber(cursor);
      else if (kind === WORD) inWord(cursor);
      else if (!special(cursor)) sign(cursor, frame, kind === OPERATOR);
      cursor.fresh = false;
    }
  }
}

function lineEnd(cursor: Cursor): void {
  const { code, at } = cursor;
  const goesOn = code.charCodeAt(at - 1) === BACKSLASH;
  if (cursor.has("block-scalars") || (cursor.has("commands") && !goesOn)) cursor.value = false;
  cursor.at += 1;
  cursor.fresh = true;
  if (cursor.linesNext) cursor.stack.push({ mode: "lines", end: cursor.linesNext });
  cursor.linesNext = null;
}

/** A bracket, a comma, an operator. */
function sign(cursor: Cursor, frame: { depth: number }, isOperator: boolean): void {
  const { at, stack } = cursor;
  const char = cursor.code[at]!;
  cursor.value = char === ")" || char === "]" || char === "}" || (cursor.has("commands") && (char === "<" || char === ">"));
  if (char === "{") frame.depth += 1;
  else if (char === "}" && frame.depth > 0) frame.depth -= 1;
  else if (char === "}" && stack.length > 1) {
    stack.pop(); // the end of an interpolation
    return cursor.give(at + 1, "operator");
  }
  if (isOperator) cursor.give(at + 1, "operator");
  else cursor.at += 1;
}
