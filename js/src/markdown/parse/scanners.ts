/** Syntax that definitions and inline links share: labels, destinations, titles, escapes. */

import { namedCharacter } from "../../base/dom.ts";

/** The longest label between brackets. CommonMark 0.31.2, section 4.7. */
export const LABEL_CHARS = 999;
/** Deeper parentheses are not a destination, as in cmark. */
const PARENTHESES_DEPTH = 32;

const ESCAPABLE = /[!-/:-@[-`{-~]/;
const UNESCAPE = /\\[!-/:-@[-`{-~]|&(?:#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z][a-z0-9]{1,31});/gi;

/** The result of a scan: its value and its end. */
export interface Found {
  readonly value: string;
  readonly end: number;
}

/** The text ended before the result was certain. */
export const MORE = "more";

export const isEscapable = (char: string): boolean => ESCAPABLE.test(char);

/** `text` with backslash escapes and entities replaced. */
export function unescapeText(text: string): string {
  if (!text.includes("\\") && !text.includes("&")) return text;
  return text.replace(UNESCAPE, (match) => (match.startsWith("\\") ? match.charAt(1) : decodeEntity(match)));
}

/** A normalised label: case and runs of white space do not matter. */
export const normalizeLabel = (label: string): string =>
  label.trim().replace(/[ \t\r\n]+/g, " ").toLowerCase().toUpperCase();

/** The position after spaces, tabs and at most one line end. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  let lineEnds = 0;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10) {
      lineEnds += 1;
      if (lineEnds > 1) break;
    } else if (code !== 32 && code !== 9) break;
  }
  return at;
}

/** A link destination at `from`; null if there is none. */
export function scanDestination(text: string, from: number): Found | null | typeof MORE {
  if (text.charCodeAt(from) === 60) return scanPointed(text, from);
  let depth = 0;
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92 && isEscapable(text.charAt(at + 1))) at += 1;
    else if (code === 40) {
      depth += 1;
      if (depth > PARENTHESES_DEPTH) return null;
    } else if (code === 41) {
      if (depth === 0) break;
      depth -= 1;
    } else if (code <= 32 || code === 127) break;
  }
  if (at >= text.length && depth > 0) return MORE;
  if (depth > 0) return null;
  return { value: unescapeText(text.slice(from, at)), end: at };
}

function scanPointed(text: string, from: number): Found | null | typeof MORE {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 62) return { value: unescapeText(text.slice(from + 1, at)), end: at + 1 };
    if (code === 10 || code === 60) return null;
    if (code === 92) at += 1;
  }
  return MORE;
}

/** A title in quotes or parentheses at `from`; null if there is none. */
export function scanTitle(text: string, from: number): Found | null | typeof MORE {
  const open = text.charAt(from);
  const close = open === "(" ? ")" : open;
  if (open !== '"' && open !== "'" && open !== "(") return null;
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === close) return { value: unescapeText(text.slice(from + 1, at)), end: at + 1 };
    if (char === "(" && open === "(") return null;
    if (char === "\\") at += 1;
  }
  return MORE;
}

/** A label in brackets at `from`, without the brackets; null if there is none. */
export function scanLabel(text: string, from: number): Found | null | typeof MORE {
  if (text.charCodeAt(from) !== 91) return null;
  const limit = Math.min(text.length, from + LABEL_CHARS + 2);
  for (let at = from + 1; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 93) return { value: text.slice(from + 1, at), end: at + 1 };
    if (code === 91) return null;
    if (code === 92) at += 1;
  }
  return limit === text.length ? MORE : null;
}

const REPLACEMENT = "\ufffd";

/** The character for `reference` (`&...;`); the reference itself if it is unknown. */
export function decodeEntity(reference: string): string {
  if (reference.charAt(1) !== "#") return namedCharacter(reference) ?? reference;
  const hexadecimal = /^&#x/i.test(reference);
  const code = Number.parseInt(reference.slice(hexadecimal ? 3 : 2), hexadecimal ? 16 : 10);
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return code === 0 || code > 0x10ffff || surrogate ? REPLACEMENT : String.fromCodePoint(code);
}
