/** What draws some blocks comes when a text first has one: until then they are shown as they came. */

import { create, setText } from "../../dom.ts";
import type { Block } from "../block.ts";
import type { Blocks } from "../plugins.ts";
import type { Drawing, View } from "./drawing.ts";

/** A view that is made when its maker is there. */
export class LateView implements View {
  readonly key: string;
  readonly #drawing: Drawing;
  readonly #make: (blocks: Blocks) => View;
  readonly #plain = create("div", { class: "sw-waiting" });
  #view: View | null = null;
  /** What is drawn when the maker comes: the last that was to be, for a line that is tried makes another block each time. */
  #waiting: Block | null = null;

  constructor(key: string, drawing: Drawing, make: (blocks: Blocks) => View) {
    this.key = key;
    this.#drawing = drawing;
    this.#make = make;
    this.#come();
  }

  get element(): HTMLElement | null {
    return this.#view ? this.#view.element : this.#plain;
  }

  draw(block: Block): void {
    const view = this.#view ?? this.#come();
    if (view) {
      this.#waiting = null;
      return view.draw(block);
    }
    setText(this.#plain, [block.header, ...block.lines].filter(Boolean).join("\n"));
    if (!this.#waiting) this.#drawing.late.add(() => this.#drawWaiting());
    this.#waiting = block;
  }

  #drawWaiting(): void {
    const block = this.#waiting;
    this.#waiting = null;
    if (block) this.draw(block);
  }

  /** Makes the view, if that can be done now. */
  #come(): View | null {
    const blocks = this.#drawing.plugins.blocks?.();
    if (!blocks) return null;
    this.#view = this.#make(blocks);
    const { element } = this.#view;
    if (this.#plain.parentNode && element) this.#plain.replaceWith(element);
    else this.#plain.remove();
    return this.#view;
  }
}
