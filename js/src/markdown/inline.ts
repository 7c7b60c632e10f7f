/**
 * The inline phase: the text of one leaf to a tree of inline nodes. CommonMark 0.31.2, section 6,
 * with GFM's strikethrough and autolinks, footnote references, and math. Pure; linear in the text.
 *
 * The text of a leaf that still grows is parsed again and again, so the parser also tells how far
 * what it found is settled: `settled` holds places before which no text that is appended later can
 * change anything. A place is settled by what comes before it, so it does not depend on how the
 * text was cut.
 */

import { mailLocalPart, mayPrecede, scanAddress, scanMailDomain, schemeBefore } from "./autolink.ts";
import { Delimiters, closeOpeners, flanking, matchDelimiters } from "./delimiters.ts";
import type { Delimiter } from "./delimiters.ts";
import { decodeEntity } from "./entities.ts";
import { Inline, plainText } from "./node.ts";
import type { Reference } from "./references.ts";
import { LABEL_CHARS, MORE, isEscapable, normalizeLabel, scanDestination, scanLabel, scanTitle, skipSpace } from "./scan.ts";

/** What a leaf may refer to. A label that is not found is noted by the caller. */
export interface Scope {
  reference(label: string): Reference | undefined;
  /** Whether a footnote of that label is defined. */
  note(label: string): boolean;
}

/** How much of the text is there. */
export interface Growth {
  /** More lines may come: what is open is closed at the end, for now. */
  readonly open: boolean;
  /** The last line may still grow: what touches its end is held back. */
  readonly edge: boolean;
}

export const WHOLE: Growth = { open: false, edge: false };

/** Up to `at` in the text, and up to the node `last`, nothing will change. */
export interface Settled {
  readonly at: number;
  readonly last: Inline;
}

export interface Parsed {
  readonly root: Inline;
  readonly settled: readonly Settled[];
}

interface Bracket {
  readonly node: Inline;
  readonly prev: Bracket | null;
  readonly delimiter: Delimiter | null;
  /** Where the label begins. */
  readonly at: number;
  readonly image: boolean;
  /** A bracket came after it, so what is between is no label. */
  bracketAfter: boolean;
}

/** Plain text is settled, in a text without line ends, at a space after so many characters. */
const SETTLE_CHARS = 1000;
/** Runs that are still open, beyond which settling is given up. */
const OPENERS_COUNT = 8;
/** How far back from the end something half-open is completed for now. */
const REACH_CHARS = 1000;
/** Longer formulas are text. */
const MATH_CHARS = 5000;

const PLAIN = /[\n\\`*_~[\]!<&$@]|:\/\/|www\./g;
const ENTITY = /&(?:#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z][a-z0-9]{1,31});/iy;
// oxlint-disable-next-line no-control-regex -- an address ends at a control character
const AUTOLINK = /<([A-Za-z][A-Za-z0-9.+-]{1,31}:[^\u0000- <>]*)>/y;
const MAIL = /<([a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*)>/y;
const HALF_AUTOLINK = /<[A-Za-z][A-Za-z0-9.+-]{1,31}:[^\s<>]*$/y;
/** What at the very end of a growing line may become markup: it is held back. */
const HELD_END = /(?:!?\[|&#?\w{0,31}|[*_~`$\\<]+)$/;
const TICKS = /`+/g;
/** Signs alone are no formula: `\\[\\\\\\]` shows how brackets are escaped. */
const FORMULA = /[\p{L}\p{N}]/u;

/** Parses `source` from `from` on, a place that was settled before (or 0). */
export function parseInline(source: string, scope: Scope, growth: Growth = WHOLE, from = 0): Parsed {
  const root = new Inline("root", "");
  const delimiters = new Delimiters();
  const settled: Settled[] = [];
  const held = growth.edge ? HELD_END.exec(source.slice(-200)) : null;
  /** Where the text that is parsed ends; what is held back comes after it. */
  const stop = Math.max(from, source.length - (held ? held[0].length : 0));
  let pos = from;
  let settledAt = from;
  let brackets: Bracket | null = null;
  /** Where the label of the last link begins. */
  let lastLink = -1;
  /** Something was found that text still to come could complete. */
  let unsure = false;
  /** Runs of backticks: the last place of each length. */
  let ticks: Map<number, number> | null = null;
  /** Where the next `$`, `$$`, `\)` and `\]` is, seen from a place before it. */
  const closers = new Map<string, { from: number; to: number }>();
  /** Links that were found by themselves, in reading order, with their places. */
  const autolinks: { at: number; node: Inline }[] = [];
  /** The node that plain text is added to. */
  let plain: Inline | null = null;

  while (pos < stop) step();
  if (growth.open) hideBrackets();
  matchDelimiters(delimiters, null);
  if (growth.open) closeOpeners(delimiters);
  return { root, settled };

  function step(): void {
    PLAIN.lastIndex = pos;
    const special = PLAIN.exec(source);
    const at = special && special.index < stop ? special.index : stop;
    if (at > pos) addPlain(at);
    if (at < stop) readSpecial(special![0]);
  }

  function readSpecial(found: string): void {
    switch (found) {
      case "\n":
        return readLineEnd();
      case "\\":
        return readBackslash();
      case "`":
        return readCode();
      case "*":
      case "_":
      case "~":
        return readDelimiter(found);
      case "[":
        return openBracket(false);
      case "!":
        if (source.charCodeAt(pos + 1) === 91 && pos + 1 < stop) return openBracket(true);
        return literal(1);
      case "]":
        return closeBracket();
      case "<":
        return readAutolink();
      case "&":
        return readEntity();
      case "$":
        return readDollar();
      case "@":
        return readMail();
      case "://":
        return readAddress("");
      default:
        return readAddress("http://");
    }
  }

  // Text

  function addText(text: string): void {
    if (plain && plain === root.last) plain.text += text;
    else root.append((plain = new Inline("text", text)));
  }

  function literal(length: number): void {
    const to = Math.min(pos + length, stop);
    addText(source.slice(pos, to));
    pos = to;
  }

  /** Plain text up to `to`; long runs are settled between words. */
  function addPlain(to: number): void {
    while (to - settledAt > SETTLE_CHARS && calm()) {
      const from = Math.max(pos, settledAt + SETTLE_CHARS);
      const space = wordStart(source, from, to);
      if (space < 0) break;
      literal(space - pos);
      settleHere();
    }
    let end = to;
    if (source.charCodeAt(to) === 10) while (end > pos && source.charCodeAt(end - 1) === 32) end -= 1;
    if (end > pos) literal(end - pos);
    pos = to;
  }

  function readLineEnd(): void {
    const hard = pos >= 2 && source.startsWith("  ", pos - 2);
    pos += 1;
    if (hard) return append(new Inline("break", ""));
    addText("\n");
    if (calm()) settleHere();
  }

  /** Nothing is open that later text could close. */
  function calm(): boolean {
    if (unsure || brackets) return false;
    const list = delimiters;
    if (list.count === 0) return true;
    matchDelimiters(list, null);
    if (list.count > OPENERS_COUNT) unsure = true;
    return list.count === 0;
  }

  function settleHere(): void {
    settledAt = pos;
    plain = null;
    if (root.last) settled.push({ at: pos, last: root.last });
  }

  function append(node: Inline): void {
    root.append(node);
  }

  function readBackslash(): void {
    const next = source.charAt(pos + 1);
    if (next === "\n") {
      pos += 2;
      append(new Inline("break", ""));
    } else if (next === "(" || next === "[") {
      if (!readMath(`\\${next}`, next === "(" ? "\\)" : "\\]", next === "[")) escaped(next);
    } else if (next !== "" && isEscapable(next)) escaped(next);
    else literal(1);
  }

  function escaped(char: string): void {
    addText(char);
    pos += 2;
  }

  function readEntity(): void {
    ENTITY.lastIndex = pos;
    const found = ENTITY.exec(source)?.[0];
    if (!found) return literal(1);
    addText(decodeEntity(found));
    pos += found.length;
  }

  // Code and math

  function readCode(): void {
    const length = runLength(source, pos);
    const from = pos + length;
    const to = closingTicks(length, from);
    if (to >= 0) {
      append(new Inline("code", codeText(source.slice(from, to))));
      pos = to + length;
      return;
    }
    unsure = true;
    const half = growth.open && stop - from < REACH_CHARS && from < stop;
    if (!half) return literal(length);
    append(new Inline("code", codeText(source.slice(from, stop))));
    pos = stop;
  }

  /** Where a run of just `length` backticks begins after `from`; -1 if there is none. */
  function closingTicks(length: number, from: number): number {
    ticks ??= lastTicks(source, pos);
    if ((ticks.get(length) ?? -1) < from) return -1;
    TICKS.lastIndex = from;
    for (let run = TICKS.exec(source); run; run = TICKS.exec(source)) {
      if (run[0].length === length) return run.index;
    }
    return -1;
  }

  function readDollar(): void {
    const double = source.charAt(pos + 1) === "$";
    const mark = double ? "$$" : "$";
    if (!readMath(mark, mark, double)) literal(mark.length);
  }

  /** A formula between the marks, if there is one. */
  function readMath(open: string, close: string, display: boolean): boolean {
    const from = pos + open.length;
    const to = closingMath(close, from);
    if (to === null) return false;
    const node = new Inline("math", source.slice(from, to).trim());
    node.flag = display;
    append(node);
    pos = to + close.length;
    return true;
  }

  function closingMath(close: string, from: number): number | null {
    if (close === "$" && /[\s$]/.test(source.charAt(from))) return null;
    const to = nextCloser(close, from);
    if (to < 0) unsure ||= source.length - from <= MATH_CHARS;
    if (to < 0 || to - from > MATH_CHARS || !FORMULA.test(source.slice(from, to))) return null;
    return close !== "$" || closesDollar(source, from, to) ? to : null;
  }

  /** The next place of `close` from `from` on, -1 if there is none; no part of the text is searched twice. */
  function nextCloser(close: string, from: number): number {
    const known = closers.get(close);
    if (known && known.from <= from && (known.to < 0 || from <= known.to)) return known.to;
    let to = source.indexOf(close, from);
    while (close === "$" && to > 0 && source.charCodeAt(to - 1) === 92) to = source.indexOf(close, to + 1);
    closers.set(close, { from, to });
    return to;
  }

  // Emphasis

  function readDelimiter(char: string): void {
    const length = Math.min(runLength(source, pos), stop - pos);
    const node = new Inline("text", source.slice(pos, pos + length));
    const { opens, closes } = flanking(char, before(source, pos), after(source, pos + length, stop));
    const marks = (opens || closes) && (char !== "~" || length <= 2);
    if (!marks) return literal(length);
    pos += length;
    append(node);
    delimiters.push(node, opens, closes);
  }

  // Links and images

  function openBracket(image: boolean): void {
    const length = image ? 2 : 1;
    const node = new Inline("text", source.slice(pos, pos + length));
    pos += length;
    append(node);
    if (brackets) brackets.bracketAfter = true;
    brackets = {
      node, image, prev: brackets, delimiter: delimiters.last, at: pos, bracketAfter: false,
    };
  }

  function closeBracket(): void {
    const bracket = brackets;
    if (!bracket) return literal(1);
    const close = pos;
    pos += 1;
    if (!isActive(bracket)) return popAsText();
    const target = findTarget(bracket, close);
    if (target === "note") return makeNote(bracket, close);
    if (target === MORE) return halfLink(bracket);
    if (target === null) {
      pos = close + 1;
      return popAsText();
    }
    makeLink(bracket, target);
  }

  function popAsText(): void {
    brackets = brackets!.prev;
    addText("]");
  }

  /** Where the link goes; moves past it. "more": the text ends in the middle of it. */
  function findTarget(bracket: Bracket, close: number): Reference | "note" | null | typeof MORE {
    const inline = inlineTarget(close + 1);
    if (inline) {
      if (inline === MORE) unsure = true;
      if (inline !== MORE || growth.edge) return inline;
    }
    return referenceTarget(bracket, close);
  }

  function inlineTarget(from: number): Reference | null | typeof MORE {
    if (source.charCodeAt(from) !== 40) return null;
    const start = skipSpace(source, from + 1);
    const destination = scanDestination(source, start);
    if (destination === null || destination === MORE) return destination;
    let at = skipSpace(source, destination.end);
    let title = "";
    if (at > destination.end) {
      const found = scanTitle(source, at);
      if (found === MORE) return MORE;
      if (found) {
        title = found.value;
        at = skipSpace(source, found.end);
      }
    }
    if (at >= source.length) return MORE;
    if (source.charCodeAt(at) !== 41) return null;
    pos = at + 1;
    return { destination: destination.value, title };
  }

  function referenceTarget(bracket: Bracket, close: number): Reference | "note" | null | typeof MORE {
    const inner = source.slice(bracket.at, Math.min(close, bracket.at + LABEL_CHARS + 1));
    const note = !bracket.image && inner.startsWith("^") && !bracket.bracketAfter;
    if (note && inner.length > 1 && scope.note(normalizeLabel(inner.slice(1)))) return "note";
    const second = scanLabel(source, close + 1);
    if (second === MORE) {
      unsure = true;
      if (growth.edge) return MORE;
    }
    let label = bracket.bracketAfter || inner.length > LABEL_CHARS ? "" : inner;
    if (second !== null && second !== MORE && second.value !== "") label = second.value;
    const name = normalizeLabel(label);
    const reference = name === "" ? undefined : scope.reference(name);
    if (!reference) return null;
    if (second !== null && second !== MORE) pos = second.end;
    return reference;
  }

  function makeLink(bracket: Bracket, { destination, title }: Reference): void {
    const node = new Inline(bracket.image ? "image" : "link", "");
    node.destination = destination;
    node.title = title;
    enclose(bracket, node);
    if (bracket.image) {
      node.text = plainText(node);
      node.first = node.last = null;
    } else lastLink = bracket.at;
  }

  /** No links in links: what was open before a link can only become an image. */
  function isActive(bracket: Bracket): boolean {
    return bracket.image || bracket.at > lastLink;
  }

  /** Puts what follows the bracket into `node`, with its emphasis matched. */
  function enclose(bracket: Bracket, node: Inline): void {
    while (autolinks.length > 0 && autolinks[autolinks.length - 1]!.at >= bracket.at) {
      autolinks.pop()!.node.kind = "text";
    }
    matchDelimiters(delimiters, bracket.delimiter);
    delimiters.cutTo(bracket.delimiter);
    node.adopt(bracket.node, null);
    bracket.node.unlink();
    append(node);
    brackets = bracket.prev;
  }

  function makeNote(bracket: Bracket, close: number): void {
    delimiters.cutTo(bracket.delimiter);
    while (root.last !== bracket.node) root.last!.unlink();
    bracket.node.unlink();
    brackets = bracket.prev;
    append(new Inline("note", normalizeLabel(source.slice(bracket.at + 1, close))));
  }

  /** A link whose target is still coming is its label. */
  function halfLink(bracket: Bracket): void {
    matchDelimiters(delimiters, bracket.delimiter);
    delimiters.cutTo(bracket.delimiter);
    bracket.node.unlink();
    brackets = bracket.prev;
    pos = stop;
  }

  /** A bracket near the end that may become a link is not shown yet. */
  function hideBrackets(): void {
    if (!growth.edge) return;
    for (let bracket = brackets; bracket; bracket = bracket.prev) {
      if (stop - bracket.at > REACH_CHARS) return;
      if (isActive(bracket)) bracket.node.text = "";
    }
  }

  // Autolinks

  function readAutolink(): void {
    AUTOLINK.lastIndex = MAIL.lastIndex = HALF_AUTOLINK.lastIndex = pos;
    const address = AUTOLINK.exec(source);
    const mail = address ? null : MAIL.exec(source);
    const found = address ?? mail;
    if (found) {
      addLink((mail ? "mailto:" : "") + found[1]!, found[1]!);
      pos += found[0].length;
    } else if (growth.edge && HALF_AUTOLINK.test(source)) {
      pos += 1;
      literal(stop - pos);
    } else literal(1);
  }

  function addLink(destination: string, shown: string): void {
    const node = new Inline("link", shown);
    node.destination = destination;
    node.flag = true;
    autolinks.push({ at: pos, node });
    append(node);
  }

  /** `://` after a scheme, or `www.`: to be shown as a link with what follows. */
  function readAddress(implied: string): void {
    const mark = implied === "" ? "://" : "www.";
    const last = plain === root.last ? plain : null;
    const scheme = implied === "" && last ? schemeBefore(source.slice(Math.max(0, pos - 6), pos)) : "";
    const allowed = implied === "" ? scheme !== "" : mayPrecede(before(source, pos));
    const found = allowed ? scanAddress(source, implied === "" ? pos + 3 : pos) : null;
    if (!found) return literal(mark.length);
    if (growth.edge && found.reach >= stop) return literal(found.reach - pos);
    const shown = scheme + (implied === "" ? mark : "") + found.value;
    if (last && scheme !== "") {
      last.text = last.text.slice(0, -scheme.length);
      if (last.text === "") removePlain(last);
    }
    addLink(implied + shown, shown);
    pos = found.end;
  }

  function readMail(): void {
    const last = plain === root.last ? plain : null;
    const local = last ? mailLocalPart(source.slice(Math.max(0, pos - last.text.length), pos)) : "";
    const domain = local === "" ? null : scanMailDomain(source, pos);
    const escaped = source.charAt(pos - local.length - 1) === "\\";
    if (!last || !domain || escaped) return literal(1);
    if (growth.edge && domain.end >= stop) return literal(domain.end - pos);
    last.text = last.text.slice(0, -local.length);
    if (last.text === "") removePlain(last);
    addLink(`mailto:${local}${domain.value}`, local + domain.value);
    pos = domain.end;
  }

  function removePlain(node: Inline): void {
    node.unlink();
    plain = null;
  }
}

/** Code without the space at both ends, if there is more than space; line ends are spaces. */
function codeText(text: string): string {
  const line = text.replaceAll("\n", " ");
  const padded = line.length > 2 && line.startsWith(" ") && line.endsWith(" ") && line.trim() !== "";
  return padded ? line.slice(1, -1) : line;
}

function runLength(text: string, at: number): number {
  const code = text.charCodeAt(at);
  let end = at + 1;
  while (text.charCodeAt(end) === code) end += 1;
  return end - at;
}

function lastTicks(text: string, from: number): Map<number, number> {
  const last = new Map<number, number>();
  TICKS.lastIndex = from;
  for (let run = TICKS.exec(text); run; run = TICKS.exec(text)) last.set(run[0].length, run.index);
  return last;
}

/** Whether the dollar at `to` ends a formula; one before a digit is money. */
const closesDollar = (text: string, from: number, to: number): boolean =>
  to > from && !/\s/.test(text.charAt(to - 1)) && !/\d/.test(text.charAt(to + 1));

/** A place after a space and before another character, at `from` or later; -1 if none up to `to`. */
function wordStart(text: string, from: number, to: number): number {
  for (let space = text.indexOf(" ", from); space >= 0 && space + 1 < to; space = text.indexOf(" ", space + 1)) {
    if (text.charCodeAt(space + 1) !== 32) return space + 1;
  }
  return -1;
}

/** The whole character before `at`; "" at the start. */
function before(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(at - 2, at) : text.charAt(at - 1);
}

/** The whole character at `at`; "" at the end. */
function after(text: string, at: number, end: number): string {
  if (at >= end) return "";
  const high = text.charCodeAt(at);
  return high >= 0xd800 && high <= 0xdbff ? text.slice(at, at + 2) : text.charAt(at);
}
