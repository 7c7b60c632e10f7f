/**
 * Emphasis: runs of `*`, `_` and `~`, matched by the rules of CommonMark 0.31.2, section 6.2, and
 * of GFM's strikethrough. Every run is visited a bounded number of times.
 */

import { Inline } from "./inline-tree.ts";

/** Deepest nesting of elements; deeper ones are left out, their text stays. */
export const NESTING_DEPTH = 100;

const SPACE = /^[\s\u0085]?$/u;
const PUNCTUATION = /^[\p{P}\p{S}]$/u;
/** Letters and punctuation of Chinese, Japanese and Korean: written without spaces between words. */
const CJK =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u3000-\u303f\u30fb\u30fc\u3200-\u33ff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6]$/u;

export interface Delimiter {
  readonly node: Inline;
  /** Grows in reading order. */
  readonly id: number;
  readonly char: string;
  readonly length: number;
  /** Remaining length of the run. */
  count: number;
  readonly opens: boolean;
  readonly closes: boolean;
  /** Nesting depth of the elements that begin after it. */
  depth: number;
  prev: Delimiter | null;
  next: Delimiter | null;
}

/** The unmatched runs, in reading order. */
export class Delimiters {
  first: Delimiter | null = null;
  last: Delimiter | null = null;
  count = 0;
  #ids = 0;

  push(node: Inline, opens: boolean, closes: boolean): void {
    const { length } = node.text;
    this.#ids += 1;
    const delimiter: Delimiter = {
      node, id: this.#ids, char: node.text.charAt(0), length, count: length, opens, closes, depth: 0, prev: this.last, next: null,
    };
    if (this.last) this.last.next = delimiter;
    else this.first = delimiter;
    this.last = delimiter;
    this.count += 1;
  }

  remove(delimiter: Delimiter): void {
    const { prev, next } = delimiter;
    if (prev) prev.next = next;
    else this.first = next;
    if (next) next.prev = prev;
    else this.last = prev;
    if (prev) prev.depth = Math.max(prev.depth, delimiter.depth);
    this.count -= 1;
  }

  /** Removes it with its node: all of the run was used. */
  drop(delimiter: Delimiter): void {
    delimiter.node.unlink();
    this.remove(delimiter);
  }

  /** Forgets the runs after `bottom`. */
  cutTo(bottom: Delimiter | null): void {
    while (this.last !== bottom) this.remove(this.last!);
  }
}

/**
 * Whether a run between two characters can open and close; "" is the end of the text.
 *
 * With the CJK-friendly amendment: punctuation of these scripts does not prevent emphasis, and one of their characters
 * beside other punctuation counts as a space does. Source: github.com/tats-u/markdown-cjk-friendly.
 */
export function flanking(char: string, before: string, after: string): { opens: boolean; closes: boolean } {
  const spaceAfter = SPACE.test(after);
  const spaceBefore = SPACE.test(before);
  const [cjkBefore, cjkAfter] = [CJK.test(before), CJK.test(after)];
  const markAfter = !cjkAfter && PUNCTUATION.test(after);
  const markBefore = !cjkBefore && PUNCTUATION.test(before);
  const left = !spaceAfter && (!markAfter || spaceBefore || markBefore || cjkBefore);
  const right = !spaceBefore && (!markBefore || spaceAfter || markAfter || cjkAfter);
  if (char !== "_") return { opens: left, closes: right };
  return { opens: left && (!right || markBefore), closes: right && (!left || markAfter) };
}

/** Matches all closers after `bottom`; openers stay in the list for later closers. */
export function matchDelimiters(list: Delimiters, bottom: Delimiter | null): void {
  const floors = new Map<string, number>();
  let closer = firstAfter(list, bottom);
  while (closer) {
    if (!closer.closes) {
      closer = closer.next;
      continue;
    }
    const kind: string = closer.char + (closer.char === "~" ? closer.length : `${closer.opens}${closer.length % 3}`);
    const opener = openerOf(closer, floors.get(kind) ?? 0, bottom);
    if (opener) {
      closer = wrap(list, opener, closer);
      continue;
    }
    floors.set(kind, closer.prev?.id ?? 0);
    const { next } = closer as Delimiter;
    if (!closer.opens) list.remove(closer);
    closer = next;
  }
}

function firstAfter(list: Delimiters, bottom: Delimiter | null): Delimiter | null {
  return bottom ? bottom.next : list.first;
}

function openerOf(closer: Delimiter, floor: number, bottom: Delimiter | null): Delimiter | null {
  for (let opener = closer.prev; opener && opener !== bottom && opener.id > floor; opener = opener.prev) {
    if (opener.char === closer.char && opener.opens && fits(opener, closer)) return opener;
  }
  return null;
}

function fits(opener: Delimiter, closer: Delimiter): boolean {
  if (closer.char === "~") return opener.length === closer.length;
  const odd = (closer.opens || opener.closes) && (opener.length + closer.length) % 3 === 0;
  return !odd || (closer.length % 3 === 0 && opener.length % 3 === 0);
}

/** Wraps the nodes between the two; returns the closer to continue with. */
function wrap(list: Delimiters, opener: Delimiter, closer: Delimiter): Delimiter | null {
  while (closer.prev !== opener) list.remove(closer.prev!); // they can no longer match
  const used = opener.char === "~" ? opener.count : opener.count >= 2 && closer.count >= 2 ? 2 : 1;
  enclose(opener, closer.node, used);
  closer.count -= used;
  closer.node.text = closer.node.text.slice(used);
  if (opener.count === 0) list.drop(opener);
  if (closer.count > 0) return closer;
  const { next } = closer;
  list.drop(closer);
  return next;
}

/** Moves the nodes after the opener, up to `to`, into an element, unless it would be too deep. */
function enclose(opener: Delimiter, to: Inline | null, used: number): void {
  opener.node.text = opener.node.text.slice(used);
  opener.count -= used;
  if (opener.depth >= NESTING_DEPTH) return;
  opener.depth += 1;
  const element = new Inline(opener.char === "~" ? "del" : used === 2 ? "strong" : "em", "");
  element.adopt(opener.node, to);
  opener.node.insertAfter(element);
}

/** Closes the open runs as if their closers were at the end, for growing text. */
export function closeOpeners(list: Delimiters): void {
  for (let opener = list.last; opener && opener.depth < NESTING_DEPTH; opener = list.last) {
    while (opener.opens && opener.count > 0 && opener.node.next && opener.depth < NESTING_DEPTH) {
      enclose(opener, null, opener.char === "~" ? opener.count : Math.min(opener.count, 2));
    }
    if (opener.opens && opener.count > 0 && !opener.node.next) opener.count = 0; // a lone marker waits
    if (opener.count === 0) list.drop(opener);
    else list.remove(opener);
  }
}
