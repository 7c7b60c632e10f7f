/** Classifies words: keyword, call, type, name of a property. */

import type { Cursor } from "./cursor.ts";
import type { TokenClass } from "./language.ts";

const DOT = 46;
/** Keywords before the name of a type. */
const NAMES_TYPE = new Set(["class", "struct", "enum", "interface", "trait", "union"]);
/** In shells, words that no command follows. */
const NO_COMMAND_AFTER = new Set(["for", "in", "case", "select", "function", "return", "exit", "break"]);

/** Reads the word at this position. */
export function inWord(cursor: Cursor): void {
  const from = cursor.at;
  const to = cursor.wordEnd(from);
  const text = cursor.code.slice(from, to);
  if (cursor.language.prefixes && prefixed(cursor, text, to)) return;
  const is = cursor.has("commands") ? shellClass(cursor, text) : classOf(cursor, text, to);
  if (is) cursor.give(to, is);
  else cursor.at = to;
}

/** A string with a prefix of letters before its quote. */
function prefixed(cursor: Cursor, text: string, to: number): boolean {
  const { starts, prefixes } = cursor.language;
  if (text.length > 2) return false;
  const regions = starts[cursor.code.charCodeAt(to)];
  const region = regions?.find(({ open, is }) => is === "string" && cursor.code.startsWith(open, to));
  if (!region || [...text].some((letter) => !prefixes.includes(letter))) return false;
  const from = cursor.at;
  cursor.at = to;
  cursor.open(region, from);
  return true;
}

function classOf(cursor: Cursor, text: string, to: number): TokenClass | undefined {
  const is = isKey(cursor, to, true) ? "property" : (knownClass(cursor, text) ?? nameClass(cursor, text, to));
  cursor.typeNext = is === "keyword" && NAMES_TYPE.has(text);
  cursor.value = is !== "keyword" || text === "this" || text === "super";
  return is;
}

/** The class of a word in the tables; none for the name of an attribute, after a dot. */
function knownClass({ code, at, language }: Cursor, text: string): TokenClass | undefined {
  const isAttribute = code.charCodeAt(at - 1) === DOT && code.charCodeAt(at - 2) !== DOT;
  return isAttribute ? undefined : language.words.get(language.caseless ? text.toLowerCase() : text);
}

function nameClass(cursor: Cursor, text: string, to: number): TokenClass | undefined {
  const { code } = cursor;
  if (!cursor.language.names) return undefined;
  if (cursor.typeNext) return "type";
  if (code[cursor.pastSpaces(to)] === "(") return "function";
  if (cursor.has("macros") && code[to] === "!" && code[to + 1] !== "=") return "function";
  if (cursor.has("braced-keys")) return depthOf(cursor) === 0 ? "type" : undefined;
  return /^[A-Z]\w*[a-z]/.test(text.slice(0, 40)) ? "type" : undefined;
}

/** In shells: keywords, and words where a command is expected. */
function shellClass(cursor: Cursor, text: string): TokenClass | undefined {
  const expected = !cursor.value;
  const is = cursor.language.words.get(text);
  if (is === "keyword" && (expected || text === "in")) {
    cursor.value = NO_COMMAND_AFTER.has(text);
    return is;
  }
  if (text.startsWith("-")) cursor.value = true; // an option, as in `[ -f x ]`
  if (!expected || cursor.value) return undefined;
  cursor.value = !text.includes("="); // an assignment: the command may follow
  return cursor.value ? (is ?? "function") : undefined;
}

/** True if the word that ended at `end` is the name of a property. */
export function isKey(cursor: Cursor, end: number, isWord: boolean): boolean {
  const { key } = cursor.language;
  if (!key) return false;
  const mark = cursor.pastSpaces(end);
  if (cursor.code[mark] !== key) return false;
  if (cursor.has("braced-keys")) return isWord && depthOf(cursor) > 0;
  return key === "=" || !isWord || !(cursor.code.charCodeAt(mark + 1) > 32);
}

/** Number of open braces around this position. */
export function depthOf({ stack }: Cursor): number {
  const frame = stack.at(-1)!;
  return frame.mode === "code" ? frame.depth : 0;
}

/** Reads the number at this position, with its suffix or unit. */
export function inNumber(cursor: Cursor): void {
  const { code } = cursor;
  const isHex = (code.charCodeAt(cursor.at + 1) | 32) === 120;
  let to = cursor.at + 1;
  for (; to < code.length; to += 1) {
    const char = code.charCodeAt(to);
    if (isWordChar(char)) continue;
    if (char === DOT) {
      const next = code.charCodeAt(to + 1);
      if (next === DOT || (isWordChar(next) && !isDigit(next))) break; // a range; an attribute
    } else if ((char !== 43 && char !== 45) || isHex || (code.charCodeAt(to - 1) | 32) !== 101) break;
  }
  if (code[to] === "%" && cursor.has("braced-keys")) to += 1;
  cursor.value = true;
  cursor.give(to, "number");
}

export const isDigit = (char: number): boolean => char >= 48 && char <= 57;
const isWordChar = (char: number): boolean =>
  isDigit(char) || ((char | 32) >= 97 && (char | 32) <= 122) || char === 95;
