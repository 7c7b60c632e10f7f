/** The cost of a live run in the header, and a bar that shows how much of its budget is used. */

import { create, setHidden, setText } from "../base/dom.ts";
import type { Status } from "../protocol/wire.ts";
import { costWords, usedShare } from "../words/status-words.ts";

export class Cost {
  readonly element = create("span", { class: "sw-cost sw-pair", hidden: "" });
  readonly #words = create("span");
  readonly #fill = create("span");
  /** For the eye only: the words beside it say the same. */
  readonly #bar = create("span", { class: "sw-used", "aria-hidden": "true", hidden: "" }, this.#fill);

  constructor() {
    this.element.append(this.#words, this.#bar);
  }

  /** Shows the cost of a live run; null: there is none to show. */
  update(status: Status | null): void {
    const words = status === null ? "" : costWords(status);
    setText(this.#words, words);
    setHidden(this.element, words === "");
    const used = status === null ? null : usedShare(status);
    setHidden(this.#bar, used === null);
    if (used === null) return;
    this.#fill.style.inlineSize = `${(used.share * 100).toFixed(1)}%`;
    this.#bar.classList.toggle("sw-high", used.isHigh);
  }
}
