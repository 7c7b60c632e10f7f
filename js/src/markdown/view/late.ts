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
  #waiting = false;

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
    if (this.#view ?? this.#come()) return this.#view!.draw(block);
    setText(this.#plain, [block.header, ...block.lines].filter(Boolean).join("\n"));
    if (this.#waiting) return;
    this.#waiting = true;
    this.#drawing.late.add(() => {
      this.#waiting = false;
      this.draw(block);
    });
  }

  /** Makes the view, if that can be done now. */
  #come(): boolean {
    const blocks = this.#drawing.plugins.blocks?.();
    if (!blocks) return false;
    this.#view = this.#make(blocks);
    const { element } = this.#view;
    if (this.#plain.parentNode && element) this.#plain.replaceWith(element);
    else this.#plain.remove();
    return true;
  }
}
