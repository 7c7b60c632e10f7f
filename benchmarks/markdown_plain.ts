/**
 * The limit: plain text, appended as fast as we know how. One block for each run of text up to a
 * blank line, at most about 2,000 characters; text nodes of 1,000; blocks in chunks and chunks in
 * groups, as the Markdown has them. This is how text was shown before there was Markdown.
 */

import { create, textNode } from "../js/src/base/dom.ts";

/** Blocks in one chunk. One level of thousands of blocks would be walked whole at each layout. */
const CHUNK_BLOCKS = 24;
/** Chunks in one group: the browser looks at each chunk of a level in every frame. */
const GROUP_CHUNKS = 16;
/** A block of more characters ends at its next line end, where no reader can see it. */
const BLOCK_CHARS = 2000;
/** A text node of more characters is followed by another: the browser shapes whole nodes anew. */
const NODE_CHARS = 1000;
/** A paragraph of more characters is broken where a line could end: its layout costs its length. */
const PARAGRAPH_CHARS = 16_000;
/** How far back a node's end is moved to fall between words. */
const WORD_CHARS = 100;

/**
 * Plain paragraphs: one block for each run of text up to a blank line, newlines kept in place and
 * shown by `white-space: pre-wrap`.
 */
export class PlainText {
  readonly #root: HTMLElement;
  #chunk: HTMLElement | null = null;
  #chunkBlocks = 0;
  #group: HTMLElement | null = null;
  #block: HTMLElement | null = null;
  #blockChars = 0;
  #node: Text | null = null;
  #nodeChars = 0;
  /** Line ends at the very end of the text so far; two of them make a blank line. */
  #lineEnds = 0;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  feed(text: string): void {
    let written = 0;
    let at = 0;
    while (at < text.length) {
      if (this.#lineEnds === 0) {
        at = text.indexOf("\n", at);
        if (at < 0) break;
      }
      at = this.#passLineEnds(text, at);
      if (at === text.length) break;
      const end = this.#endOfBlock(at - written);
      this.#lineEnds = 0;
      if (end === null) continue;
      this.#write(text.slice(written, at));
      written = at;
      this.#closeBlock(end);
    }
    this.#write(text.slice(written));
  }

  finish(): void {}

  dispose(): void {
    this.#root.replaceChildren();
  }

  /** Counts the line ends from `at` on; gives where they are over. */
  #passLineEnds(text: string, at: number): number {
    for (; at < text.length; at += 1) {
      const char = text[at];
      if (char === "\n") this.#lineEnds += 1;
      else if (char !== "\r") break;
    }
    return at;
  }

  /** Why the open block ends here, with `unwritten` characters still to go into it. */
  #endOfBlock(unwritten: number): "blank" | "long" | null {
    if (this.#lineEnds > 1) return "blank";
    return this.#blockChars + unwritten > BLOCK_CHARS ? "long" : null;
  }

  #write(text: string): void {
    let from = 0;
    while (from < text.length) {
      const room = NODE_CHARS - this.#nodeChars;
      if (room <= 0 || !this.#node) {
        this.#openNode();
        continue;
      }
      const to = wordEnd(text, from, from + room);
      const piece = text.slice(from, to);
      this.#node.appendData(piece);
      this.#nodeChars += to < text.length ? NODE_CHARS : piece.length; // a cut node is full
      this.#blockChars += piece.length;
      from = to;
    }
  }

  #openNode(): void {
    if (this.#blockChars >= PARAGRAPH_CHARS) this.#closeBlock("long");
    const block = this.#block ?? this.#openBlock();
    this.#node = textNode("");
    this.#nodeChars = 0;
    // A node of its own is not enough: neighbouring text nodes are shaped together.
    block.append(block.firstChild ? create("span", {}, this.#node) : this.#node);
  }

  #openBlock(): HTMLElement {
    if (!this.#chunk || this.#chunkBlocks === CHUNK_BLOCKS) {
      this.#chunk = create("div", { class: "sw-chunk" });
      this.#chunkBlocks = 0;
      if (!this.#group || this.#group.childElementCount === GROUP_CHUNKS) {
        this.#group = create("div", { class: "sw-chunk" });
        this.#root.append(this.#group);
      }
      this.#group.append(this.#chunk);
    }
    this.#chunkBlocks += 1;
    this.#block = create("div", { class: "sw-block" });
    this.#blockChars = 0;
    this.#chunk.append(this.#block);
    return this.#block;
  }

  #closeBlock(end: "blank" | "long"): void {
    if (end === "blank") this.#block?.classList.add("sw-closed");
    this.#block = this.#node = null;
  }
}

/** The place to cut `text` at or shortly before `limit`: between words, never inside a character. */
function wordEnd(text: string, from: number, limit: number): number {
  if (limit >= text.length) return text.length;
  const space = text.lastIndexOf(" ", limit - 1) + 1;
  if (space > from && space > limit - WORD_CHARS) return space;
  const code = text.charCodeAt(limit);
  const insidePair = code >= 0xdc00 && code <= 0xdfff;
  return insidePair ? limit + 1 : limit;
}
