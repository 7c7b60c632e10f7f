/** The token rate over the whole run as a small line, in proportion to its highest. */

import { setShape, shape } from "./dom.ts";
import { RateHistory } from "./rate-history.ts";

const WIDTH = 48;
const HEIGHT = 14;

export class Spark {
  readonly element: SVGElement;
  readonly #line = shape("path", { class: "sw-sparkline" });
  #history = new RateHistory();
  #added_count = 0;

  constructor() {
    const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "sw-spark", "aria-hidden": "true" };
    this.element = shape("svg", box, this.#line);
  }

  /** Draws `counts`: after so many seconds so many tokens had come. Only ever appended to, or begun anew. */
  draw(counts: readonly (readonly [at_s: number, count: number])[]): void {
    if (counts.length < this.#added_count) {
      this.#history = new RateHistory();
      this.#added_count = 0;
    }
    for (; this.#added_count < counts.length; this.#added_count += 1) this.#history.add(...counts[this.#added_count]!);
    const rates = this.#history.rates();
    const most = Math.max(...rates, 0);
    const enough = rates.length > 3 && most > 0;
    this.element.classList.toggle("sw-none", !enough);
    if (!enough) return;
    const step = WIDTH / (rates.length - 1);
    const at = (rate: number): string => (HEIGHT - 1 - (rate / most) * (HEIGHT - 2)).toFixed(1);
    setShape(this.#line, { d: `M${rates.map((rate, n) => `${(n * step).toFixed(1)} ${at(rate)}`).join("L")}` });
  }
}
