/** Text as it is: what a program prints, or what the user says is no Markdown. */

import { create } from "../../base/dom.ts";

/** Sets growing text as elements. */
export interface TextEngine {
  feed(text: string): void;
  /** No more text will come. */
  finish(): void;
  dispose(): void;
}

/** Layout is done block by block: short enough to lay out in a frame, long enough to be few. */
const BLOCK_CHARS = 8000;
/** A text node that grows is laid out anew as a whole, so a long line is cut into several. */
const NODE_CHARS = 2000;

/** Appends to the last text node of the last block; the work depends on what is new. */
export class PlainEngine implements TextEngine {
  readonly #root: HTMLElement;
  #block: HTMLElement | null = null;
  #blockChars = 0;
  #node: Text | null = null;

  constructor(root: HTMLElement) {
    this.#root = create("pre", { class: "sw-printed", dir: "auto" });
    root.append(this.#root);
  }

  feed(text: string): void {
    let from = 0;
    while (from < text.length) {
      // A block ends with a line, so that the break between two blocks is that line's own.
      const end = this.#blockChars >= BLOCK_CHARS ? text.indexOf("\n", from) + 1 : 0;
      const to = end || Math.min(text.length, from + BLOCK_CHARS);
      this.#append(text.slice(from, to));
      if (end) this.#block = null;
      from = to;
    }
  }

  finish(): void {}

  /** The next engine begins empty, when the text was replaced. */
  dispose(): void {
    this.#root.remove();
  }

  #append(text: string): void {
    if (!this.#block) {
      this.#block = create("div", { class: "sw-printed-block" });
      this.#root.append(this.#block);
      this.#blockChars = 0;
      this.#node = null;
    }
    if (!this.#node || this.#node.length + text.length > NODE_CHARS) {
      this.#node = document.createTextNode(text);
      this.#block.append(this.#node);
    } else {
      this.#node.appendData(text);
    }
    this.#blockChars += text.length;
  }
}
