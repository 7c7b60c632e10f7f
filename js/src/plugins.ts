/** What the Markdown engine gets from here: highlighting and formulas, each as soon as it has come. */

import { create } from "./dom.ts";
import type { Lazy } from "./lazy.ts";

/** Longest time in which formulas that waited are drawn before the page gets its turn. */
const SLICE_MS = 4;

interface Formula {
  readonly place: WeakRef<HTMLElement>;
  readonly tex: string;
  readonly display: boolean;
}

/** Draws formulas; while the part that can is on its way, their source. */
export class Formulas {
  readonly #lazy: Lazy;
  #waiting: Formula[] = [];

  constructor(lazy: Lazy) {
    this.#lazy = lazy;
  }

  /** An element for the formula, which is filled now or once the part has come. */
  readonly render = (tex: string, display: boolean): Element => {
    const place = create(display ? "div" : "span", { class: "sw-math" });
    if (!this.#fill(place, tex, display)) {
      place.append(create("code", {}, tex));
      this.#wait({ place: new WeakRef(place), tex, display });
    }
    return place;
  };

  #fill(place: HTMLElement, tex: string, display: boolean): boolean {
    const part = this.#lazy.get("math");
    const formula = part?.render(tex, display);
    if (formula) place.replaceChildren(formula);
    else if (part) place.replaceChildren(create("code", {}, tex));
    return part !== null;
  }

  #wait(formula: Formula): void {
    if (this.#waiting.length === 0) this.#lazy.whenCome(() => this.#drawWaiting());
    this.#waiting.push(formula);
    this.#lazy.want("math");
  }

  /** Those that were waiting, a few at a time. */
  #drawWaiting(): void {
    const until = performance.now() + SLICE_MS;
    while (this.#waiting.length > 0 && performance.now() < until) {
      const { place, tex, display } = this.#waiting.pop()!;
      const element = place.deref();
      if (element) this.#fill(element, tex, display);
    }
    if (this.#waiting.length > 0) setTimeout(() => this.#drawWaiting());
  }
}
