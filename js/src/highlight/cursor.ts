/** The state of a scanner: the piece, the position, the open regions, and the tokens so far. */

import { compile, DIGIT, WORD } from "./compiled.ts";
import type { Compiled } from "./compiled.ts";
import type { HighlightToken } from "./language.ts";
import type { Language, Region, TokenClass, Trait } from "./language.ts";

/** The end of the line-wise region in the piece, from a position in it; null: it continues. */
export type LineEnd = (code: string, at: number) => number | null;

export type Frame =
  | { readonly mode: "code"; depth: number }
  | { readonly mode: "region"; readonly region: Region; from: number; depth: number }
  | { readonly mode: "lines"; readonly end: LineEnd }
  | { readonly mode: "tag"; readonly closing: boolean; name: string }
  | { readonly mode: "text" }
  | { readonly mode: "embedded"; readonly end: string; readonly inner: Cursor };

export class Cursor {
  readonly language: Compiled;
  readonly stack: Frame[];
  code = "";
  at = 0;
  /** The last token can end an expression: a quote, a slash or a `<` after it is an operator. */
  value = false;
  /** Only blanks so far in this line. */
  fresh = true;
  /** The next name is that of a type. */
  typeNext = false;
  /** The end of the line-wise region that begins with the next line. */
  linesNext: LineEnd | null = null;
  /** No regular expression ends before this position. */
  noRegex = 0;
  /** Start of the text without a class that is not emitted yet. */
  #plain = 0;
  #tokens: [text: string, className: HighlightToken[1]][] = [];

  constructor(language: Language) {
    this.language = compile(language);
    this.stack = [this.has("markup") ? { mode: "text" } : { mode: "code", depth: 0 }];
  }

  has(trait: Trait): boolean {
    return this.language.traits.has(trait);
  }

  begin(code: string): void {
    this.code = code;
    this.at = this.#plain = this.noRegex = 0;
    this.#tokens = [];
  }

  /** The tokens since `begin`. */
  end(): HighlightToken[] {
    this.#flush(this.code.length);
    return this.#tokens;
  }

  /** Emits the text up to `to` in a class, and moves there. Neighbours of one class are joined. */
  give(to: number, is: TokenClass, from: number = this.at): void {
    const name = `sw-tok-${is}` as const;
    const text = this.code.slice(from, to);
    const last = this.#plain === from ? this.#tokens.at(-1) : undefined;
    if (last?.[1] === name) last[0] += text;
    else {
      this.#flush(from);
      if (text) this.#tokens.push([text, name]);
    }
    this.at = this.#plain = to;
  }

  /** Emits tokens whose joined texts are the text up to `to`. */
  take(tokens: readonly HighlightToken[], to: number): void {
    this.#flush(this.at);
    for (const [text, className] of tokens) this.#tokens.push([text, className]);
    this.at = this.#plain = to;
  }

  /** Begins `region` after its opening mark at this position; its token begins at `from`. */
  open(region: Region, from: number = this.at): void {
    this.at += region.open.length;
    this.stack.push({ mode: "region", region, from, depth: 1 });
  }

  /** The end of the word that begins at `from`. */
  wordEnd(from: number): number {
    const { code } = this;
    const { kinds } = this.language;
    let to = from + 1;
    for (; to < code.length; to += 1) {
      const char = code.charCodeAt(to);
      if (char < 128 && kinds[char] !== WORD && kinds[char] !== DIGIT) break;
    }
    return to;
  }

  /** The first position from `at` that is not a space. */
  pastSpaces(at: number): number {
    let to = at;
    while (this.code.charCodeAt(to) === 32) to += 1;
    return to;
  }

  /** The end of the match of `pattern` (sticky) at this position; -1 without a match. */
  match(pattern: RegExp): number {
    pattern.lastIndex = this.at;
    return pattern.test(this.code) ? pattern.lastIndex : -1;
  }

  #flush(to: number): void {
    if (to > this.#plain) this.#tokens.push([this.code.slice(this.#plain, to), null]);
    this.#plain = to;
  }
}
