/** The token rate over the whole run as a small line, in proportion to its highest. */

import { setShape, shape } from "../base/dom.ts";

const WIDTH = 48;
const HEIGHT = 14;

export class Spark {
  readonly element: SVGElement;
  readonly #line = shape("path", { class: "sw-sparkline" });

  constructor() {
    const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "sw-spark", "aria-hidden": "true" };
    this.element = shape("svg", box, this.#line);
  }

  /** Draws `rates`, in tokens per second, of equal spans of time. */
  draw(rates: readonly number[]): void {
    const most = Math.max(...rates, 0);
    const enough = rates.length > 3 && most > 0;
    this.element.classList.toggle("sw-none", !enough);
    if (!enough) return;
    const step = WIDTH / (rates.length - 1);
    const at = (rate: number): string => (HEIGHT - 1 - (rate / most) * (HEIGHT - 2)).toFixed(1);
    setShape(this.#line, { d: `M${rates.map((rate, n) => `${(n * step).toFixed(1)} ${at(rate)}`).join("L")}` });
  }
}
