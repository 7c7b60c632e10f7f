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

/** Parses `text` from `from` on, a place that was settled before (or 0). */
export function parseInline(text: string, scope: Scope, growth: Growth = WHOLE, from = 0): Parsed {
  return new InlineParser(text, scope, growth, from).parse();
}

class InlineParser {
  readonly #text: string;
  readonly #scope: Scope;
  readonly #growth: Growth;
  readonly #root = new Inline("root", "");
  readonly #delimiters = new Delimiters();
  readonly #settled: Settled[] = [];
  /** Where the text that is parsed ends; what is held back comes after it. */
  readonly #end: number;
  #at: number;
  #settledAt: number;
  #brackets: Bracket | null = null;
  /** Where the label of the last link begins. */
  #lastLink = -1;
  /** Something was found that text still to come could complete. */
  #unsure = false;
  /** Runs of backticks: the last place of each length. */
  #lastTicks: Map<number, number> | null = null;
  /** Where the next `$`, `$$`, `\)` and `\]` is, seen from a place before it. */
  readonly #closers = new Map<string, { from: number; to: number }>();
  /** Links that were found by themselves, in reading order, with their places. */
  #autolinks: { at: number; node: Inline }[] = [];
  /** The node that plain text is added to. */
  #plain: Inline | null = null;

  constructor(text: string, scope: Scope, growth: Growth, from: number) {
    this.#text = text;
    this.#scope = scope;
    this.#growth = growth;
    this.#at = this.#settledAt = from;
    const held = growth.edge ? HELD_END.exec(text.slice(-200)) : null;
    this.#end = Math.max(from, text.length - (held ? held[0].length : 0));
  }

  parse(): Parsed {
    while (this.#at < this.#end) this.#step();
    if (this.#growth.open) this.#hideBrackets();
    matchDelimiters(this.#delimiters, null);
    if (this.#growth.open) closeOpeners(this.#delimiters);
    return { root: this.#root, settled: this.#settled };
  }

  #step(): void {
    PLAIN.lastIndex = this.#at;
    const special = PLAIN.exec(this.#text);
    const at = special && special.index < this.#end ? special.index : this.#end;
    if (at > this.#at) this.#addPlain(at);
    if (at < this.#end) this.#special(special![0]);
  }

  #special(found: string): void {
    switch (found) {
      case "\n":
        return this.#lineEnd();
      case "\\":
        return this.#backslash();
      case "`":
        return this.#code();
      case "*":
      case "_":
      case "~":
        return this.#delimiter(found);
      case "[":
        return this.#openBracket(false);
      case "!":
        if (this.#text.charCodeAt(this.#at + 1) === 91 && this.#at + 1 < this.#end) return this.#openBracket(true);
        return this.#literal(1);
      case "]":
        return this.#closeBracket();
      case "<":
        return this.#autolink();
      case "&":
        return this.#entity();
      case "$":
        return this.#dollar();
      case "@":
        return this.#mail();
      case "://":
        return this.#address("");
      default:
        return this.#address("http://");
    }
  }

  // Text

  #addText(text: string): void {
    if (this.#plain && this.#plain === this.#root.last) this.#plain.text += text;
    else this.#root.append((this.#plain = new Inline("text", text)));
  }

  #literal(length: number): void {
    const to = Math.min(this.#at + length, this.#end);
    this.#addText(this.#text.slice(this.#at, to));
    this.#at = to;
  }

  /** Plain text up to `to`; long runs are settled between words. */
  #addPlain(to: number): void {
    while (to - this.#settledAt > SETTLE_CHARS && this.#calm()) {
      const from = Math.max(this.#at, this.#settledAt + SETTLE_CHARS);
      const space = wordStart(this.#text, from, to);
      if (space < 0) break;
      this.#literal(space - this.#at);
      this.#settle();
    }
    let end = to;
    if (this.#text.charCodeAt(to) === 10) while (end > this.#at && this.#text.charCodeAt(end - 1) === 32) end -= 1;
    if (end > this.#at) this.#literal(end - this.#at);
    this.#at = to;
  }

  #lineEnd(): void {
    const hard = this.#at >= 2 && this.#text.startsWith("  ", this.#at - 2);
    this.#at += 1;
    if (hard) return this.#append(new Inline("break", ""));
    this.#addText("\n");
    if (this.#calm()) this.#settle();
  }

  /** Nothing is open that later text could close. */
  #calm(): boolean {
    if (this.#unsure || this.#brackets) return false;
    const list = this.#delimiters;
    if (list.count === 0) return true;
    matchDelimiters(list, null);
    if (list.count > OPENERS_COUNT) this.#unsure = true;
    return list.count === 0;
  }

  #settle(): void {
    this.#settledAt = this.#at;
    this.#plain = null;
    if (this.#root.last) this.#settled.push({ at: this.#at, last: this.#root.last });
  }

  #append(node: Inline): void {
    this.#root.append(node);
  }

  #backslash(): void {
    const next = this.#text.charAt(this.#at + 1);
    if (next === "\n") {
      this.#at += 2;
      this.#append(new Inline("break", ""));
    } else if (next === "(" || next === "[") {
      if (!this.#math(`\\${next}`, next === "(" ? "\\)" : "\\]", next === "[")) this.#escaped(next);
    } else if (next !== "" && isEscapable(next)) this.#escaped(next);
    else this.#literal(1);
  }

  #escaped(char: string): void {
    this.#addText(char);
    this.#at += 2;
  }

  #entity(): void {
    ENTITY.lastIndex = this.#at;
    const found = ENTITY.exec(this.#text)?.[0];
    if (!found) return this.#literal(1);
    this.#addText(decodeEntity(found));
    this.#at += found.length;
  }

  // Code and math

  #code(): void {
    const length = runLength(this.#text, this.#at);
    const from = this.#at + length;
    const to = this.#closingTicks(length, from);
    if (to >= 0) {
      this.#append(new Inline("code", codeText(this.#text.slice(from, to))));
      this.#at = to + length;
      return;
    }
    this.#unsure = true;
    const half = this.#growth.open && this.#end - from < REACH_CHARS && from < this.#end;
    if (!half) return this.#literal(length);
    this.#append(new Inline("code", codeText(this.#text.slice(from, this.#end))));
    this.#at = this.#end;
  }

  /** Where a run of just `length` backticks begins after `from`; -1 if there is none. */
  #closingTicks(length: number, from: number): number {
    this.#lastTicks ??= lastTicks(this.#text, this.#at);
    if ((this.#lastTicks.get(length) ?? -1) < from) return -1;
    TICKS.lastIndex = from;
    for (let run = TICKS.exec(this.#text); run; run = TICKS.exec(this.#text)) {
      if (run[0].length === length) return run.index;
    }
    return -1;
  }

  #dollar(): void {
    const double = this.#text.charAt(this.#at + 1) === "$";
    const mark = double ? "$$" : "$";
    if (!this.#math(mark, mark, double)) this.#literal(mark.length);
  }

  /** A formula between the marks, if there is one. */
  #math(open: string, close: string, display: boolean): boolean {
    const from = this.#at + open.length;
    const to = this.#closingMath(close, from);
    if (to === null) return false;
    const node = new Inline("math", this.#text.slice(from, to).trim());
    node.flag = display;
    this.#append(node);
    this.#at = to + close.length;
    return true;
  }

  #closingMath(close: string, from: number): number | null {
    if (close === "$" && /[\s$]/.test(this.#text.charAt(from))) return null;
    const to = this.#nextCloser(close, from);
    if (to < 0) this.#unsure ||= this.#text.length - from <= MATH_CHARS;
    if (to < 0 || to - from > MATH_CHARS || !FORMULA.test(this.#text.slice(from, to))) return null;
    return close !== "$" || closesDollar(this.#text, from, to) ? to : null;
  }

  /** The next place of `close` from `from` on, -1 if there is none; no part of the text is searched twice. */
  #nextCloser(close: string, from: number): number {
    const known = this.#closers.get(close);
    if (known && known.from <= from && (known.to < 0 || from <= known.to)) return known.to;
    let to = this.#text.indexOf(close, from);
    while (close === "$" && to > 0 && this.#text.charCodeAt(to - 1) === 92) to = this.#text.indexOf(close, to + 1);
    this.#closers.set(close, { from, to });
    return to;
  }

  // Emphasis

  #delimiter(char: string): void {
    const length = Math.min(runLength(this.#text, this.#at), this.#end - this.#at);
    const node = new Inline("text", this.#text.slice(this.#at, this.#at + length));
    const { opens, closes } = flanking(char, before(this.#text, this.#at), after(this.#text, this.#at + length, this.#end));
    const marks = (opens || closes) && (char !== "~" || length <= 2);
    if (!marks) return this.#literal(length);
    this.#at += length;
    this.#append(node);
    this.#delimiters.push(node, opens, closes);
  }

  // Links and images

  #openBracket(image: boolean): void {
    const length = image ? 2 : 1;
    const node = new Inline("text", this.#text.slice(this.#at, this.#at + length));
    this.#at += length;
    this.#append(node);
    if (this.#brackets) this.#brackets.bracketAfter = true;
    this.#brackets = {
      node, image, prev: this.#brackets, delimiter: this.#delimiters.last, at: this.#at, bracketAfter: false,
    };
  }

  #closeBracket(): void {
    const bracket = this.#brackets;
    if (!bracket) return this.#literal(1);
    const close = this.#at;
    this.#at += 1;
    if (!this.#isActive(bracket)) return this.#popAsText();
    const target = this.#target(bracket, close);
    if (target === "note") return this.#footnote(bracket, close);
    if (target === MORE) return this.#halfLink(bracket);
    if (target === null) {
      this.#at = close + 1;
      return this.#popAsText();
    }
    this.#link(bracket, target);
  }

  #popAsText(): void {
    this.#brackets = this.#brackets!.prev;
    this.#addText("]");
  }

  /** Where the link goes; moves past it. "more": the text ends in the middle of it. */
  #target(bracket: Bracket, close: number): Reference | "note" | null | typeof MORE {
    const inline = this.#inlineTarget(close + 1);
    if (inline) {
      if (inline === MORE) this.#unsure = true;
      if (inline !== MORE || this.#growth.edge) return inline;
    }
    return this.#referenceTarget(bracket, close);
  }

  #inlineTarget(from: number): Reference | null | typeof MORE {
    if (this.#text.charCodeAt(from) !== 40) return null;
    const start = skipSpace(this.#text, from + 1);
    const destination = scanDestination(this.#text, start);
    if (destination === null || destination === MORE) return destination;
    let at = skipSpace(this.#text, destination.end);
    let title = "";
    if (at > destination.end) {
      const found = scanTitle(this.#text, at);
      if (found === MORE) return MORE;
      if (found) {
        title = found.value;
        at = skipSpace(this.#text, found.end);
      }
    }
    if (at >= this.#text.length) return MORE;
    if (this.#text.charCodeAt(at) !== 41) return null;
    this.#at = at + 1;
    return { destination: destination.value, title };
  }

  #referenceTarget(bracket: Bracket, close: number): Reference | "note" | null | typeof MORE {
    const inner = this.#text.slice(bracket.at, Math.min(close, bracket.at + LABEL_CHARS + 1));
    const note = !bracket.image && inner.startsWith("^") && !bracket.bracketAfter;
    if (note && inner.length > 1 && this.#scope.note(normalizeLabel(inner.slice(1)))) return "note";
    const second = scanLabel(this.#text, close + 1);
    if (second === MORE) {
      this.#unsure = true;
      if (this.#growth.edge) return MORE;
    }
    let label = bracket.bracketAfter || inner.length > LABEL_CHARS ? "" : inner;
    if (second !== null && second !== MORE && second.value !== "") label = second.value;
    const name = normalizeLabel(label);
    const reference = name === "" ? undefined : this.#scope.reference(name);
    if (!reference) return null;
    if (second !== null && second !== MORE) this.#at = second.end;
    return reference;
  }

  #link(bracket: Bracket, { destination, title }: Reference): void {
    const node = new Inline(bracket.image ? "image" : "link", "");
    node.destination = destination;
    node.title = title;
    this.#enclose(bracket, node);
    if (bracket.image) {
      node.text = plainText(node);
      node.first = node.last = null;
    } else this.#lastLink = bracket.at;
  }

  /** No links in links: what was open before a link can only become an image. */
  #isActive(bracket: Bracket): boolean {
    return bracket.image || bracket.at > this.#lastLink;
  }

  /** Puts what follows the bracket into `node`, with its emphasis matched. */
  #enclose(bracket: Bracket, node: Inline): void {
    while (this.#autolinks.length > 0 && this.#autolinks[this.#autolinks.length - 1]!.at >= bracket.at) {
      this.#autolinks.pop()!.node.kind = "text";
    }
    matchDelimiters(this.#delimiters, bracket.delimiter);
    this.#delimiters.cutTo(bracket.delimiter);
    node.adopt(bracket.node, null);
    bracket.node.unlink();
    this.#append(node);
    this.#brackets = bracket.prev;
  }

  #footnote(bracket: Bracket, close: number): void {
    this.#delimiters.cutTo(bracket.delimiter);
    while (this.#root.last !== bracket.node) this.#root.last!.unlink();
    bracket.node.unlink();
    this.#brackets = bracket.prev;
    this.#append(new Inline("note", normalizeLabel(this.#text.slice(bracket.at + 1, close))));
  }

  /** A link whose target is still coming is its label. */
  #halfLink(bracket: Bracket): void {
    matchDelimiters(this.#delimiters, bracket.delimiter);
    this.#delimiters.cutTo(bracket.delimiter);
    bracket.node.unlink();
    this.#brackets = bracket.prev;
    this.#at = this.#end;
  }

  /** A bracket near the end that may become a link is not shown yet. */
  #hideBrackets(): void {
    if (!this.#growth.edge) return;
    for (let bracket = this.#brackets; bracket; bracket = bracket.prev) {
      if (this.#end - bracket.at > REACH_CHARS) return;
      if (this.#isActive(bracket)) bracket.node.text = "";
    }
  }

  // Autolinks

  #autolink(): void {
    AUTOLINK.lastIndex = MAIL.lastIndex = HALF_AUTOLINK.lastIndex = this.#at;
    const address = AUTOLINK.exec(this.#text);
    const mail = address ? null : MAIL.exec(this.#text);
    const found = address ?? mail;
    if (found) {
      this.#addLink((mail ? "mailto:" : "") + found[1]!, found[1]!);
      this.#at += found[0].length;
    } else if (this.#growth.edge && HALF_AUTOLINK.test(this.#text)) {
      this.#at += 1;
      this.#literal(this.#end - this.#at);
    } else this.#literal(1);
  }

  #addLink(destination: string, shown: string): void {
    const node = new Inline("link", shown);
    node.destination = destination;
    node.flag = true;
    this.#autolinks.push({ at: this.#at, node });
    this.#append(node);
  }

  /** `://` after a scheme, or `www.`: to be shown as a link with what follows. */
  #address(implied: string): void {
    const mark = implied === "" ? "://" : "www.";
    const last = this.#plain === this.#root.last ? this.#plain : null;
    const scheme = implied === "" && last ? schemeBefore(this.#text.slice(Math.max(0, this.#at - 6), this.#at)) : "";
    const allowed = implied === "" ? scheme !== "" : mayPrecede(before(this.#text, this.#at));
    const found = allowed ? scanAddress(this.#text, implied === "" ? this.#at + 3 : this.#at) : null;
    if (!found) return this.#literal(mark.length);
    if (this.#growth.edge && found.reach >= this.#end) return this.#literal(found.reach - this.#at);
    const shown = scheme + (implied === "" ? mark : "") + found.value;
    if (last && scheme !== "") {
      last.text = last.text.slice(0, -scheme.length);
      if (last.text === "") this.#removePlain(last);
    }
    this.#addLink(implied + shown, shown);
    this.#at = found.end;
  }

  #mail(): void {
    const last = this.#plain === this.#root.last ? this.#plain : null;
    const local = last ? mailLocalPart(this.#text.slice(Math.max(0, this.#at - last.text.length), this.#at)) : "";
    const domain = local === "" ? null : scanMailDomain(this.#text, this.#at);
    const escaped = this.#text.charAt(this.#at - local.length - 1) === "\\";
    if (!last || !domain || escaped) return this.#literal(1);
    if (this.#growth.edge && domain.end >= this.#end) return this.#literal(domain.end - this.#at);
    last.text = last.text.slice(0, -local.length);
    if (last.text === "") this.#removePlain(last);
    this.#addLink(`mailto:${local}${domain.value}`, local + domain.value);
    this.#at = domain.end;
  }

  #removePlain(node: Inline): void {
    node.unlink();
    this.#plain = null;
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
