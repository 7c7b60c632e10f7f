/** Formulas on lines of their own. */

import { create } from "../../base/dom.ts";
import type { Block } from "../parse/block.ts";
import type { Drawing, View } from "./drawing.ts";
import { makeMath } from "./inline-dom.ts";

/** The source is shown while it grows. */
export class MathView implements View {
  readonly element = create("div", { class: "sw-formula" });
  readonly key = "math";
  readonly #drawing: Drawing;

  constructor(drawing: Drawing) {
    this.#drawing = drawing;
  }

  draw(block: Block): void {
    const text = block.lines.join("\n").trim();
    const done = !block.open && text.length > 2 && text.endsWith(block.closer);
    const tex = (done ? text.slice(2, -2) : text.slice(2)).trim();
    const shown = done
      ? makeMath(tex, true, this.#drawing)
      : create("code", { class: "sw-math-source" }, tex);
    this.element.replaceChildren(shown);
  }
}
