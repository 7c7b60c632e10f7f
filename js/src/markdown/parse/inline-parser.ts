/**
 * The inline phase: the text of one leaf to a tree of inline nodes. CommonMark 0.31.2, section 6,
 * with GFM's strikethrough and autolinks, footnote references, and math. Pure; linear in the text.
 *
 * A growing leaf is parsed repeatedly, so the parser also reports how far
 * its result is settled: `settled` has positions before which no text that is appended later can
 * change anything. Whether a position is settled depends on the text before it, and not on how the
 * text was cut.
 */

import { mailLocalPart, mayPrecede, scanAddress, scanMailDomain, schemeBefore } from "./autolink.ts";
import { Delimiters, closeOpeners, flanking, matchDelimiters } from "./delimiters.ts";
import type { Delimiter } from "./delimiters.ts";
import { after, before, closesDollar, codeText, isFormula, lastTicks, runLength, TICKS, wordStart } from "./inline-scanners.ts";
import { Inline, plainText } from "./inline-tree.ts";
import type { Reference } from "./references.ts";
import { LABEL_CHARS, MORE, decodeEntity, isEscapable, normalizeLabel, scanDestination, scanLabel, scanTitle, skipSpace } from "./scanners.ts";

/** The definitions that a leaf may refer to. The caller records labels that are not found. */
export interface Scope {
  reference(label: string): Reference | undefined;
  /** Whether a footnote of that label is defined. */
  note(label: string): boolean;
}

/** Whether the text is complete. */
export interface Growth {
  /** More lines may follow: open elements are closed at the end provisionally. */
  readonly open: boolean;
  /** The last line may grow: markup that touches its end is held back. */
  readonly edge: boolean;
}

export const WHOLE: Growth = { open: false, edge: false };

/** Nothing will change up to `at` in the text, and up to the node `last`. */
export interface Settled {
  readonly at: number;
  readonly last: Inline;
}

export interface Parsed {
  readonly root: Inline;
  readonly settled: readonly Settled[];
}

interface OpenTag {
  readonly name: string;
  readonly node: Inline;
  readonly delimiter: Delimiter | null;
  readonly at: number;
}

interface Bracket {
  readonly node: Inline;
  readonly prev: Bracket | null;
  readonly delimiter: Delimiter | null;
  /** Where the label begins. */
  readonly at: number;
  readonly image: boolean;
  /** A bracket follows it, so the text in between is not a label. */
  bracketAfter: boolean;
}

/** In a text without line ends, plain text is settled at a space after so many characters. */
const SETTLE_CHARS = 1000;
/** With more open runs, no text is settled. */
const OPENERS_COUNT = 8;
/** How far from the end an unfinished element is completed provisionally. */
const REACH_CHARS = 1000;
/** Longer formulas are text. */
const MATH_CHARS = 5000;

const PLAIN = /[\n\\`*_~[\]!<&$@]|:\/\/|www\./g;
const ENTITY = /&(?:#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z][a-z0-9]{1,31});/iy;
// oxlint-disable-next-line no-control-regex -- an address ends at a control character
const AUTOLINK = /<([A-Za-z][A-Za-z0-9.+-]{1,31}:[^\u0000- <>]*)>/y;
const MAIL = /<([a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*)>/y;
/** Tags without attributes that are elements; any other tag is text. */
const TAG = /<(?:(br) *\/?|(\/?)(sub|sup|kbd|mark|u|s|details|summary))>/iy;
/** Elements of tags within each other. */
const TAGS_COUNT = 20;
const HALF_AUTOLINK = /<[A-Za-z][A-Za-z0-9.+-]{1,31}:[^\s<>]*$/y;
/** Characters at the very end of a growing line that may become markup: they are held back. */
const HELD_END = /(?:!?\[|&#?\w{0,31}|<\/?[A-Za-z]{0,7} {0,2}\/?|[*_~`$\\<]+)$/;
/** Signs alone are not a formula: `\\[\\\\\\]` shows how brackets are escaped. */
const FORMULA = /[\p{L}\p{N}]/u;

/** Parses `source` from `from`, a settled position (or 0). */
export const parseInline = (source: string, scope: Scope, growth: Growth = WHOLE, from = 0): Parsed =>
  new InlineParser(source, scope, growth, from).parse();

class InlineParser {
  readonly #source: string;
  readonly #scope: Scope;
  readonly #growth: Growth;
  readonly #root = new Inline("root", "");
  readonly #delimiters = new Delimiters();
  readonly #settled: Settled[] = [];
  /** The end of the parsed text; the held-back text follows it. */
  readonly #stop: number;
  #pos: number;
  #settledAt: number;
  #brackets: Bracket | null = null;
  /** Where the label of the last link begins. */
  #lastLink = -1;
  /** Later text could complete something that was found. */
  #unsure = false;
  /** Runs of backticks: the last position of each length. */
  #ticks: Map<number, number> | null = null;
  /** Position of the next `$`, `$$`, `\)` and `\]` after the current one. */
  readonly #closers = new Map<string, { from: number; to: number }>();
  /** Autolinks, in reading order, with their positions. */
  readonly #autolinks: { at: number; node: Inline }[] = [];
  /** Elements of open tags. */
  #tags: OpenTag[] = [];
  /** The node that plain text is added to. */
  #plain: Inline | null = null;

  constructor(source: string, scope: Scope, growth: Growth, from: number) {
    this.#source = source;
    this.#scope = scope;
    this.#growth = growth;
    const held = growth.edge ? HELD_END.exec(source.slice(-200)) : null;
    this.#stop = Math.max(from, source.length - (held ? held[0].length : 0));
    this.#pos = this.#settledAt = from;
  }

  parse(): Parsed {
    while (this.#pos < this.#stop) this.#step();
    if (this.#growth.open) this.#hideBrackets();
    matchDelimiters(this.#delimiters, null);
    if (this.#growth.open) closeOpeners(this.#delimiters);
    return { root: this.#root, settled: this.#settled };
  }

  #step(): void {
    PLAIN.lastIndex = this.#pos;
    const special = PLAIN.exec(this.#source);
    const at = special && special.index < this.#stop ? special.index : this.#stop;
    if (at > this.#pos) this.#addPlain(at);
    if (at < this.#stop) this.#readSpecial(special![0]);
  }

  #readSpecial(found: string): void {
    switch (found) {
      case "\n":
        return this.#readLineEnd();
      case "\\":
        return this.#readBackslash();
      case "`":
        return this.#readCode();
      case "*":
      case "_":
      case "~":
        return this.#readDelimiter(found);
      case "[":
        return this.#openBracket(false);
      case "!":
        if (this.#source.charCodeAt(this.#pos + 1) === 91 && this.#pos + 1 < this.#stop) return this.#openBracket(true);
        return this.#literal(1);
      case "]":
        return this.#closeBracket();
      case "<":
        return this.#readAutolink();
      case "&":
        return this.#readEntity();
      case "$":
        return this.#readDollar();
      case "@":
        return this.#readMail();
      case "://":
        return this.#readAddress("");
      default:
        return this.#readAddress("http://");
    }
  }

  // Text

  #addText(text: string): void {
    if (this.#plain && this.#plain === this.#root.last) this.#plain.text += text;
    else this.#root.append((this.#plain = new Inline("text", text)));
  }

  #literal(length: number): void {
    const to = Math.min(this.#pos + length, this.#stop);
    this.#addText(this.#source.slice(this.#pos, to));
    this.#pos = to;
  }

  /** Plain text up to `to`; long runs are settled between words. */
  #addPlain(to: number): void {
    while (to - this.#settledAt > SETTLE_CHARS && this.#calm()) {
      const from = Math.max(this.#pos, this.#settledAt + SETTLE_CHARS);
      const space = wordStart(this.#source, from, to);
      if (space < 0) break;
      this.#literal(space - this.#pos);
      this.#settleHere();
    }
    let end = to;
    if (this.#source.charCodeAt(to) === 10) while (end > this.#pos && this.#source.charCodeAt(end - 1) === 32) end -= 1;
    if (end > this.#pos) this.#literal(end - this.#pos);
    this.#pos = to;
  }

  #readLineEnd(): void {
    const hard = this.#pos >= 2 && this.#source.startsWith("  ", this.#pos - 2);
    this.#pos += 1;
    if (hard) return this.#append(new Inline("break", ""));
    this.#addText("\n");
    if (this.#calm()) this.#settleHere();
  }

  /** True if nothing is open that later text could close. */
  #calm(): boolean {
    if (this.#unsure || this.#brackets || this.#tags.length > 0) return false;
    const list = this.#delimiters;
    if (list.count === 0) return true;
    matchDelimiters(list, null);
    if (list.count > OPENERS_COUNT) this.#unsure = true;
    return list.count === 0;
  }

  #settleHere(): void {
    this.#settledAt = this.#pos;
    this.#plain = null;
    if (this.#root.last) this.#settled.push({ at: this.#pos, last: this.#root.last });
  }

  #append(node: Inline): void {
    this.#root.append(node);
  }

  #readBackslash(): void {
    const next = this.#source.charAt(this.#pos + 1);
    if (next === "\n") {
      this.#pos += 2;
      this.#append(new Inline("break", ""));
    } else if (next === "(" || next === "[") {
      if (!this.#readMath(`\\${next}`, next === "(" ? "\\)" : "\\]", next === "[")) this.#escaped(next);
    } else if (next !== "" && isEscapable(next)) this.#escaped(next);
    else this.#literal(1);
  }

  #escaped(char: string): void {
    this.#addText(char);
    this.#pos += 2;
  }

  #readEntity(): void {
    ENTITY.lastIndex = this.#pos;
    const found = ENTITY.exec(this.#source)?.[0];
    if (!found) return this.#literal(1);
    this.#addText(decodeEntity(found));
    this.#pos += found.length;
  }

  // Code and math

  #readCode(): void {
    const length = runLength(this.#source, this.#pos);
    const from = this.#pos + length;
    const to = this.#closingTicks(length, from);
    if (to >= 0) {
      this.#append(new Inline("code", codeText(this.#source.slice(from, to))));
      this.#pos = to + length;
      return;
    }
    this.#unsure = true;
    const half = this.#growth.open && this.#stop - from < REACH_CHARS && from < this.#stop;
    if (!half) return this.#literal(length);
    this.#append(new Inline("code", codeText(this.#source.slice(from, this.#stop))));
    this.#pos = this.#stop;
  }

  /** Start of a run of exactly `length` backticks after `from`; -1 if there is none. */
  #closingTicks(length: number, from: number): number {
    this.#ticks ??= lastTicks(this.#source, this.#pos);
    if ((this.#ticks.get(length) ?? -1) < from) return -1;
    TICKS.lastIndex = from;
    for (let run = TICKS.exec(this.#source); run; run = TICKS.exec(this.#source)) {
      if (run[0].length === length) return run.index;
    }
    return -1;
  }

  #readDollar(): void {
    const length = runLength(this.#source, this.#pos);
    if (length > 2) return this.#literal(length); // `$$$` is a price
    const double = length === 2;
    const mark = double ? "$$" : "$";
    if (!this.#readMath(mark, mark, double)) this.#literal(mark.length);
  }

  /** A formula between the marks, if there is one. */
  #readMath(open: string, close: string, display: boolean): boolean {
    const from = this.#pos + open.length;
    const to = this.#closingMath(close, from);
    if (to === null) return false;
    const node = new Inline("math", this.#source.slice(from, to).trim());
    node.flag = display;
    this.#append(node);
    this.#pos = to + close.length;
    return true;
  }

  #closingMath(close: string, from: number): number | null {
    if (close === "$" && /[\s$]/.test(this.#source.charAt(from))) return null;
    const to = this.#nextCloser(close, from);
    if (to < 0) this.#unsure ||= this.#source.length - from <= MATH_CHARS;
    if (to < 0 || to - from > MATH_CHARS || !FORMULA.test(this.#source.slice(from, to))) return null;
    if (close === "$") return closesDollar(this.#source, from, to) ? to : null;
    return close !== "$$" || isFormula(this.#source.slice(from, to)) ? to : null;
  }

  /** The next position of `close` from `from`; -1 if there is none. No text is searched twice. */
  #nextCloser(close: string, from: number): number {
    const known = this.#closers.get(close);
    if (known && known.from <= from && (known.to < 0 || from <= known.to)) return known.to;
    let to = this.#source.indexOf(close, from);
    while (close === "$" && to > 0 && this.#source.charCodeAt(to - 1) === 92) to = this.#source.indexOf(close, to + 1);
    while (close === "$$" && to >= 0 && runLength(this.#source, to) > 2) {
      to = this.#source.indexOf(close, to + runLength(this.#source, to)); // `$$$` is a price
    }
    this.#closers.set(close, { from, to });
    return to;
  }

  // Emphasis

  #readDelimiter(char: string): void {
    const length = Math.min(runLength(this.#source, this.#pos), this.#stop - this.#pos);
    const node = new Inline("text", this.#source.slice(this.#pos, this.#pos + length));
    const { opens, closes } = flanking(char, before(this.#source, this.#pos), after(this.#source, this.#pos + length, this.#stop));
    // Two tildes strike; one is "about" or a range.
    const marks = (opens || closes) && (char !== "~" || length === 2);
    if (!marks) return this.#literal(length);
    this.#pos += length;
    this.#append(node);
    this.#delimiters.push(node, opens, closes);
  }

  // Links and images

  #openBracket(image: boolean): void {
    const length = image ? 2 : 1;
    const node = new Inline("text", this.#source.slice(this.#pos, this.#pos + length));
    this.#pos += length;
    this.#append(node);
    if (this.#brackets) this.#brackets.bracketAfter = true;
    this.#brackets = {
      node, image, prev: this.#brackets, delimiter: this.#delimiters.last, at: this.#pos, bracketAfter: false,
    };
  }

  #closeBracket(): void {
    const bracket = this.#brackets;
    if (!bracket) return this.#literal(1);
    const close = this.#pos;
    this.#pos += 1;
    if (!this.#isActive(bracket)) return this.#popAsText();
    const target = this.#findTarget(bracket, close);
    if (target === "note") return this.#makeNote(bracket, close);
    if (target === MORE) return this.#halfLink(bracket);
    if (target === null) {
      this.#pos = close + 1;
      return this.#popAsText();
    }
    this.#makeLink(bracket, target);
  }

  #popAsText(): void {
    this.#brackets = this.#brackets!.prev;
    this.#addText("]");
  }

  /** The target of the link; moves past it. "more": the text ends inside it. */
  #findTarget(bracket: Bracket, close: number): Reference | "note" | null | typeof MORE {
    const inline = this.#inlineTarget(close + 1);
    if (inline) {
      if (inline === MORE) this.#unsure = true;
      if (inline !== MORE || this.#growth.edge) return inline;
    }
    return this.#referenceTarget(bracket, close);
  }

  #inlineTarget(from: number): Reference | null | typeof MORE {
    if (this.#source.charCodeAt(from) !== 40) return null;
    const start = skipSpace(this.#source, from + 1);
    const destination = scanDestination(this.#source, start);
    if (destination === null || destination === MORE) return destination;
    let at = skipSpace(this.#source, destination.end);
    let title = "";
    if (at > destination.end) {
      const found = scanTitle(this.#source, at);
      if (found === MORE) return MORE;
      if (found) {
        title = found.value;
        at = skipSpace(this.#source, found.end);
      }
    }
    if (at >= this.#source.length) return MORE;
    if (this.#source.charCodeAt(at) !== 41) return null;
    this.#pos = at + 1;
    return { destination: destination.value, title };
  }

  #referenceTarget(bracket: Bracket, close: number): Reference | "note" | null | typeof MORE {
    const inner = this.#source.slice(bracket.at, Math.min(close, bracket.at + LABEL_CHARS + 1));
    const note = !bracket.image && inner.startsWith("^") && !bracket.bracketAfter;
    if (note && inner.length > 1 && this.#scope.note(normalizeLabel(inner.slice(1)))) return "note";
    const second = scanLabel(this.#source, close + 1);
    if (second === MORE) {
      this.#unsure = true;
      if (this.#growth.edge) return MORE;
    }
    let label = bracket.bracketAfter || inner.length > LABEL_CHARS ? "" : inner;
    if (second !== null && second !== MORE && second.value !== "") label = second.value;
    const name = normalizeLabel(label);
    const reference = name === "" ? undefined : this.#scope.reference(name);
    if (!reference) return null;
    if (second !== null && second !== MORE) this.#pos = second.end;
    return reference;
  }

  #makeLink(bracket: Bracket, { destination, title }: Reference): void {
    const node = new Inline(bracket.image ? "image" : "link", "");
    node.destination = destination;
    node.title = title;
    this.#enclose(bracket, node);
    if (bracket.image) {
      node.text = plainText(node);
      node.first = node.last = null;
    } else this.#lastLink = bracket.at;
  }

  /** No links in links: brackets before a link can only become images. */
  #isActive(bracket: Bracket): boolean {
    return bracket.image || bracket.at > this.#lastLink;
  }

  /** Moves the nodes after the bracket into `node`, with their emphasis matched. */
  #enclose(bracket: Bracket, node: Inline): void {
    while (this.#autolinks.length > 0 && this.#autolinks[this.#autolinks.length - 1]!.at >= bracket.at) {
      this.#autolinks.pop()!.node.kind = "text";
    }
    this.#tags = this.#tags.filter((tag) => tag.at < bracket.at);
    matchDelimiters(this.#delimiters, bracket.delimiter);
    this.#delimiters.cutTo(bracket.delimiter);
    node.adopt(bracket.node, null);
    bracket.node.unlink();
    this.#append(node);
    this.#brackets = bracket.prev;
  }

  #makeNote(bracket: Bracket, close: number): void {
    this.#delimiters.cutTo(bracket.delimiter);
    while (this.#root.last !== bracket.node) this.#root.last!.unlink();
    bracket.node.unlink();
    this.#brackets = bracket.prev;
    this.#append(new Inline("note", normalizeLabel(this.#source.slice(bracket.at + 1, close))));
  }

  /** A link whose target is incomplete is shown as its label. */
  #halfLink(bracket: Bracket): void {
    matchDelimiters(this.#delimiters, bracket.delimiter);
    this.#delimiters.cutTo(bracket.delimiter);
    bracket.node.unlink();
    this.#brackets = bracket.prev;
    this.#pos = this.#stop;
  }

  /** A bracket near the end that may become a link is not shown yet. */
  #hideBrackets(): void {
    if (!this.#growth.edge) return;
    for (let bracket = this.#brackets; bracket; bracket = bracket.prev) {
      if (this.#stop - bracket.at > REACH_CHARS) return;
      if (this.#isActive(bracket)) bracket.node.text = "";
    }
  }

  // Tags

  /** Reads a bare tag that is an element; false if there is none. */
  #readTag(): boolean {
    TAG.lastIndex = this.#pos;
    const tag = TAG.exec(this.#source);
    if (!tag || TAG.lastIndex > this.#stop) return false;
    const [text, lineBreak, slash, name = ""] = tag;
    if (lineBreak) this.#append(new Inline("break", ""));
    else if (slash) this.#closeTag(text, name.toLowerCase());
    else this.#openTag(text, name.toLowerCase());
    this.#pos += text.length;
    return true;
  }

  #openTag(text: string, name: string): void {
    const node = new Inline("text", text);
    this.#append(node);
    if (this.#tags.length >= TAGS_COUNT) return;
    this.#tags.push({ name, node, delimiter: this.#delimiters.last, at: this.#pos });
  }

  /** The nodes between the tags become their element; tags opened in between stay text. */
  #closeTag(text: string, name: string): void {
    const from = this.#brackets?.at ?? -1;
    const at = this.#tags.findLastIndex((tag) => tag.name === name && tag.at >= from);
    if (at < 0) return this.#append(new Inline("text", text));
    const { node, delimiter } = this.#tags[at]!;
    this.#tags.length = at;
    matchDelimiters(this.#delimiters, delimiter);
    this.#delimiters.cutTo(delimiter);
    const element = new Inline("tag", name);
    element.adopt(node, null);
    node.unlink();
    this.#append(element);
  }

  // Autolinks

  #readAutolink(): void {
    if (this.#readTag()) return;
    AUTOLINK.lastIndex = MAIL.lastIndex = HALF_AUTOLINK.lastIndex = this.#pos;
    const address = AUTOLINK.exec(this.#source);
    const mail = address ? null : MAIL.exec(this.#source);
    const found = address ?? mail;
    if (found) {
      this.#addLink((mail ? "mailto:" : "") + found[1]!, found[1]!);
      this.#pos += found[0].length;
    } else if (this.#growth.edge && HALF_AUTOLINK.test(this.#source)) {
      this.#pos += 1;
      this.#literal(this.#stop - this.#pos);
    } else this.#literal(1);
  }

  #addLink(destination: string, shown: string): void {
    const node = new Inline("link", shown);
    node.destination = destination;
    node.flag = true;
    this.#autolinks.push({ at: this.#pos, node });
    this.#append(node);
  }

  /** `://` after a scheme, or `www.`: shown as a link with the text that follows. */
  #readAddress(implied: string): void {
    const mark = implied === "" ? "://" : "www.";
    const last = this.#plain === this.#root.last ? this.#plain : null;
    const scheme = implied === "" && last ? schemeBefore(this.#source.slice(Math.max(0, this.#pos - 6), this.#pos)) : "";
    const allowed = implied === "" ? scheme !== "" : mayPrecede(before(this.#source, this.#pos));
    const found = allowed ? scanAddress(this.#source, implied === "" ? this.#pos + 3 : this.#pos) : null;
    if (!found) return this.#literal(mark.length);
    if (this.#growth.edge && found.reach >= this.#stop) return this.#literal(found.reach - this.#pos);
    const shown = scheme + (implied === "" ? mark : "") + found.value;
    if (last && scheme !== "") {
      last.text = last.text.slice(0, -scheme.length);
      if (last.text === "") this.#removePlain(last);
    }
    this.#addLink(implied + shown, shown);
    this.#pos = found.end;
  }

  #readMail(): void {
    const last = this.#plain === this.#root.last ? this.#plain : null;
    const local = last ? mailLocalPart(this.#source.slice(Math.max(0, this.#pos - last.text.length), this.#pos)) : "";
    const domain = local === "" ? null : scanMailDomain(this.#source, this.#pos);
    const escaped = this.#source.charAt(this.#pos - local.length - 1) === "\\";
    if (!last || !domain || escaped) return this.#literal(1);
    if (this.#growth.edge && domain.end >= this.#stop) return this.#literal(domain.end - this.#pos);
    last.text = last.text.slice(0, -local.length);
    if (last.text === "") this.#removePlain(last);
    this.#addLink(`mailto:${local}${domain.value}`, local + domain.value);
    this.#pos = domain.end;
  }

  #removePlain(node: Inline): void {
    node.unlink();
    this.#plain = null;
  }
}
