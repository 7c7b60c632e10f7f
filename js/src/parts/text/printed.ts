/** Text without Markdown: the output of a program, or text that the user declared as plain. */

import { create } from "../../base/dom.ts";

/** Draws growing text. */
export interface TextEngine {
  feed(text: string): void;
  /** Ends the text. */
  finish(): void;
  dispose(): void;
}

/** Size of the blocks that are laid out separately: small enough for one frame, large enough to be few. */
const BLOCK_CHARS = 8000;
/** A growing text node is laid out as a whole, so a long line is divided into several. */
const NODE_CHARS = 2000;

/** Appends to the last text node of the last block; the work depends on the new text only. */
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
      // A block ends at a line end, so that no extra break appears between two blocks.
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
