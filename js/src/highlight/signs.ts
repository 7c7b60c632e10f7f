/** Signs with a meaning in some languages only. */

import type { Cursor } from "./cursor.ts";
import { openTag } from "./markup.ts";
import { depthOf } from "./names.ts";
import { linesUntil } from "./region.ts";
import type { TokenClass } from "./language.ts";

const NEWLINE = 10;
const BACKSLASH = 92;
const SLASH = 47;
const [OPEN_SET, CLOSE_SET] = [91, 93];

/** Reads the sign at this position, with the text that belongs to it; false for an ordinary one. */
export function special(cursor: Cursor): boolean {
  switch (cursor.code[cursor.at]) {
    case "@": return cursor.has("at-rules") && named(cursor, "builtin");
    case ".": return cursor.has("braced-keys") && depthOf(cursor) === 0 && named(cursor, "type");
    case "#": return hash(cursor);
    case "$": return cursor.has("commands") && variable(cursor);
    case "'": return cursor.has("chars") && character(cursor);
    case "/": return cursor.has("regex") && !cursor.value && regex(cursor);
    case "<": return cursor.has("jsx") ? !cursor.value && openTag(cursor) : cursor.has("commands") && hereDocument(cursor);
    case "|":
    case ">": return cursor.has("block-scalars") && !cursor.value && blockScalar(cursor);
    default: return false;
  }
}

/** A sign and the name after it. */
function named(cursor: Cursor, is: TokenClass): boolean {
  const to = cursor.wordEnd(cursor.at);
  if (to === cursor.at + 1) return false;
  cursor.value = is === "number";
  cursor.give(to, is);
  return true;
}

function hash(cursor: Cursor): boolean {
  if (cursor.has("braced-keys")) return named(cursor, depthOf(cursor) > 0 ? "number" : "type");
  if (!cursor.has("directives") || !cursor.fresh || !named(cursor, "keyword")) return false;
  const end = cursor.match(/[ \t]+<[^<>\n]{1,200}>/y); // the file of an #include
  if (end > 0) cursor.give(end, "string");
  return true;
}

/** `$name`, `${name}`, `$1`, `$?`. */
function variable(cursor: Cursor): boolean {
  const end = cursor.match(/\$(?:\w+|\{[^{}\n]{0,200}\}|[?#$!*@-])/y);
  if (end < 0) return false;
  cursor.value = true;
  cursor.give(end, "builtin");
  return true;
}

/** Rust: a character in quotes, or the name of a lifetime. */
function character(cursor: Cursor): boolean {
  let end = cursor.match(/'(?:\\(?:u\{\w{0,8}\}|x..|.)|[^'\\\n])'/uy);
  const is = end < 0 ? "type" : "string";
  if (end < 0) end = cursor.match(/'[A-Za-z_]\w*/y);
  if (end < 0) return false;
  cursor.value = true;
  cursor.give(end, is);
  return true;
}

function regex(cursor: Cursor): boolean {
  const { code } = cursor;
  if (cursor.at < cursor.noRegex) return false;
  let inSet = false;
  let at = cursor.at + 1;
  for (; at < code.length; at += 1) {
    const char = code.charCodeAt(at);
    if (char === NEWLINE) break;
    if (char === BACKSLASH && code.charCodeAt(at + 1) !== NEWLINE) at += 1;
    else if (char === OPEN_SET) inSet = true;
    else if (char === CLOSE_SET) inSet = false;
    else if (char === SLASH && !inSet) {
      cursor.value = true;
      cursor.give(cursor.wordEnd(at), "string"); // with its flags
      return true;
    }
  }
  cursor.noRegex = at; // not searched again in this line: each slash would cost the rest of it
  return false;
}

/** `<<WORD`: the lines after this one, up to WORD alone in its line, are text. */
function hereDocument(cursor: Cursor): boolean {
  const found = /<<-?[ \t]{0,8}(["']?)([A-Za-z_]\w{0,80})\1/y;
  const end = cursor.code[cursor.at + 2] === "<" ? -1 : cursor.match(found);
  if (end < 0) return false;
  const mark = cursor.code.slice(cursor.at, end).replace(/[^\w]+/g, "");
  cursor.linesNext = linesUntil((line) => line.trim() === mark, true);
  cursor.value = true;
  cursor.give(end, "operator");
  return true;
}

/** YAML's `|` and `>` at a line end: the following lines with more indentation are text. */
function blockScalar(cursor: Cursor): boolean {
  const end = cursor.match(/[|>][-+0-9]{0,2}[ \t]{0,80}(?=\n|$)/y);
  if (end < 0) return false;
  const { code, at } = cursor;
  const indent = indentOf(code, code.lastIndexOf("\n", at) + 1);
  cursor.linesNext = linesUntil((line) => line.trim() !== "" && indentOf(line, 0) <= indent, false);
  cursor.give(end, "operator");
  return true;
}

function indentOf(code: string, from: number): number {
  let at = from;
  while (code.charCodeAt(at) === 32) at += 1;
  return at - from;
}
