/** Under a chart: each series with its value, its range, and a switch. */

import { create, focusedIn, setAttribute } from "../../base/dom.ts";
import { finite } from "../../base/safety.ts";
import type { Part } from "../../protocol/patch.ts";
import type { Json } from "../../protocol/wire.ts";
import { short } from "../../words/format.ts";
import { nearest, seriesOf } from "./lines.ts";
import type { Line } from "./lines.ts";
import { COLOURS_COUNT } from "./plot.ts";
import * as english from "../../words/english.ts";

export class Legend {
  readonly element = create("div", { class: "sw-legend" });

  /** `toggle` switches a series on or off. */
  constructor(toggle: (series: number) => void) {
    this.element.addEventListener("click", ({ target }) => {
      const key = target instanceof Element ? target.closest("button") : null;
      if (key) toggle([...this.element.children].indexOf(key));
    });
  }

  /** `cursor`: the x whose values are shown; null: the last values. `alone`: the only series has the chart's name. */
  draw(part: Part, lines: readonly Line[], hidden: ReadonlySet<number>, cursor: number | null, alone: boolean): void {
    const focused = [...this.element.children].indexOf(focusedIn(this.element)!);
    const keys: HTMLElement[] = lines.map((line, at) => this.#key(part, line, at, { shown: !hidden.has(at), cursor, alone }));
    const more = seriesOf(part).length - lines.length;
    if (more > 0) keys.push(create("span", { class: "sw-note" }, english.moreSeries(more)));
    this.element.replaceChildren(...keys);
    if (focused >= 0) keys[focused]?.focus({ preventScroll: true });
  }

  #key({ fields }: Part, line: Line, at: number, { shown, cursor, alone }: { shown: boolean; cursor: number | null; alone: boolean }): HTMLElement {
    const value = cursor === null ? numberAt(fields["last"], at) : (line.ys[nearest(line.xs, cursor)] ?? null);
    const [min, max] = [numberAt(fields["min"], at), numberAt(fields["max"], at)];
    const range = min === null || max === null ? "" : english.rangeOf(min, max);
    const key = create(
      alone ? "span" : "button",
      { class: "sw-key", "data-series": String(at % COLOURS_COUNT) },
      create("span", { class: "sw-swatch" }),
      create("span", { class: "sw-name" }, alone ? "" : line.name),
      create("span", { class: "sw-figure" }, value === null ? "–" : short(value)),
      create("span", { class: "sw-note" }, range),
    );
    if (alone) return key;
    key.setAttribute("type", "button");
    setAttribute(key, "aria-pressed", String(shown));
    setAttribute(key, "title", shown ? english.hide(line.name) : english.show(line.name));
    return key;
  }
}

/** A description of the series, for people who cannot see the lines. */
export const seriesWords = ({ fields }: Part, lines: readonly Line[]): string =>
  lines
    .map(({ name }, at) => {
      const figure = (key: string): number => numberAt(fields[key], at) ?? NaN;
      return english.seriesInWords(name, figure("last"), english.rangeOf(figure("min"), figure("max")));
    })
    .join("; ");

const numberAt = (list: Json | undefined, at: number): number | null => (Array.isArray(list) ? finite(list[at]) : null);
