/**
 * Numbers over time as a line chart of our own: a few kilobytes, the host's colours, sharp at any size.
 *
 * The kernel thins the points, so all of them are drawn each time, at most a few times a second.
 */

import { create, setAttribute, setHidden, setShape, setText, shape } from "../dom.ts";
import { clockTime, duration, short } from "../format.ts";
import type { Part } from "../patch.ts";
import type { Context, Mounted } from "../renderers/renderer.ts";
import { finite, label } from "../safety.ts";
import type { Json } from "../wire.ts";
import { nice, place, rangeOf, ticks } from "./scale.ts";
import type { Range } from "./scale.ts";

const DRAW_EVERY_MS = 200;
const HEIGHT = 168;
const LEFT = 48;
const RIGHT = 12;
const TOP = 8;
const BOTTOM = 22;
const TICK_CHARS_PX = 72;
const MOST_SERIES = 8;

/** Points of one series, in the order of x. */
interface Line {
  name: string;
  xs: number[];
  ys: (number | null)[];
}

export class Metric implements Mounted {
  readonly element: HTMLElement;
  readonly #name = create("span", { class: "sw-name" });
  readonly #facts = create("span", { class: "sw-note" });
  readonly #log = create("button", { class: "sw-plain", type: "button", "aria-pressed": "false", title: "Logarithmic scale" }, "log");
  readonly #svg = shape("svg", { class: "sw-plot", height: HEIGHT, "aria-hidden": "true" });
  readonly #plot: HTMLElement;
  readonly #legend = create("div", { class: "sw-legend" });
  readonly #context: Context;
  #part: Part;
  #lines: Line[] = [];
  #x: Range = { min: 0, max: 1 };
  #y: Range = { min: 0, max: 1 };
  #width = 0;
  /** The x that is read off; null: the last values are shown. */
  #cursor: number | null = null;
  #drawnAt = -Infinity;
  #later = 0;
  readonly #sizes: ResizeObserver;

  constructor(part: Part, context: Context) {
    this.#part = part;
    this.#context = context;
    const { signal } = context;
    this.#plot = create("div", { class: "sw-chart", tabindex: "0", role: "img" });
    this.#plot.append(this.#svg);
    const line = create("div", { class: "sw-line" }, create("span", { class: "sw-what" }, this.#name, this.#facts), this.#log);
    this.element = create("div", { class: "sw-part", "data-kind": "metric" }, line, this.#plot, this.#legend);
    this.#log.addEventListener("click", () => this.#toggleLog(), { signal });
    this.#plot.addEventListener("pointermove", (event) => this.#pointed(event), { signal });
    this.#plot.addEventListener("pointerleave", () => this.#readAt(null), { signal });
    this.#plot.addEventListener("blur", () => this.#readAt(null), { signal });
    this.#plot.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#sizes = new ResizeObserver(([entry]) => this.#resized(entry!.contentRect.width));
    this.#sizes.observe(this.#plot);
  }

  update(part: Part): void {
    this.#part = part;
    const passed = performance.now() - this.#drawnAt;
    if (passed >= DRAW_EVERY_MS || part.fields["state"] === "closed") this.#draw();
    else this.#later ||= setTimeout(() => this.#draw(), DRAW_EVERY_MS - passed) as unknown as number;
  }

  dispose(): void {
    clearTimeout(this.#later);
    this.#sizes.disconnect();
  }

  get #isLog(): boolean {
    return this.#log.getAttribute("aria-pressed") === "true";
  }

  #resized(width: number): void {
    if (Math.abs(width - this.#width) < 1) return;
    this.#width = width;
    this.#draw();
  }

  #draw(): void {
    clearTimeout(this.#later);
    this.#later = 0;
    this.#drawnAt = performance.now();
    this.#lines = linesOf(this.#part);
    const { fields } = this.#part;
    setText(this.#name, label(fields["name"]) || "Metric");
    setHidden(this.#log, !this.#lines.some(({ ys }) => ys.some((y) => y !== null && y > 0)));
    this.#drawPlot();
    this.#drawLegend();
  }

  #drawPlot(): void {
    if (this.#width === 0) return;
    const log = this.#isLog;
    const inner = this.#width - LEFT - RIGHT;
    const wantedX = Math.max(2, Math.floor(inner / TICK_CHARS_PX));
    this.#x = rangeOf(this.#lines.flatMap(({ xs }) => xs), false);
    this.#y = nice(rangeOf(this.#lines.flatMap(({ ys }) => ys.filter((y) => y !== null)), log), 4, log);
    setShape(this.#svg, { viewBox: `0 0 ${this.#width} ${HEIGHT}`, width: this.#width });
    const marks: SVGElement[] = [];
    for (const tick of ticks(this.#y, 4, log)) {
      const y = this.#yOf(tick);
      marks.push(shape("line", { class: "sw-grid", x1: LEFT, x2: this.#width - RIGHT, y1: y, y2: y }));
      marks.push(shape("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" }, short(tick)));
    }
    const inSeconds = this.#part.fields["x_label"] === "s";
    for (const tick of ticks(this.#x, wantedX)) {
      const words = inSeconds ? clockTime(tick) : short(tick);
      marks.push(shape("text", { x: this.#xOf(tick), y: HEIGHT - 4, "text-anchor": "middle" }, words));
    }
    const paths = this.#lines.map((line, at) => shape("path", { class: "sw-series", "data-series": at, d: this.#pathOf(line) }));
    const dots = this.#lines.filter(({ xs }) => xs.length === 1).map((line) => this.#dot(line, 0));
    this.#svg.replaceChildren(...marks, ...paths, ...dots, ...this.#cursorMarks());
  }

  #pathOf({ xs, ys }: Line): string {
    let path = "";
    let pen = "M";
    for (const [at, x] of xs.entries()) {
      const y = ys[at]!;
      const py = y === null ? NaN : this.#yOf(y);
      if (Number.isNaN(py)) pen = "M"; // a gap
      else {
        path += `${pen}${this.#xOf(x).toFixed(1)} ${py.toFixed(1)}`;
        pen = "L";
      }
    }
    return path;
  }

  #cursorMarks(): SVGElement[] {
    if (this.#cursor === null) return [];
    const x = this.#xOf(this.#cursor);
    const rule = shape("line", { class: "sw-cursor", x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM });
    const dots = this.#lines.map((line) => this.#dot(line, nearest(line.xs, this.#cursor!)));
    return [rule, ...dots];
  }

  #dot(line: Line, at: number): SVGElement {
    const [x, y] = [line.xs[at], line.ys[at]];
    const cy = typeof y === "number" ? this.#yOf(y) : NaN;
    const series = this.#lines.indexOf(line);
    if (x === undefined || Number.isNaN(cy)) return shape("g");
    return shape("circle", { class: "sw-dot", "data-series": series, cx: this.#xOf(x), cy, r: 3.5 });
  }

  #xOf(x: number): number {
    return LEFT + place(x, this.#x, false) * (this.#width - LEFT - RIGHT);
  }

  #yOf(y: number): number {
    return HEIGHT - BOTTOM - place(y, this.#y, this.#isLog) * (HEIGHT - TOP - BOTTOM);
  }

  /** Under the chart: for each series its last value, or that at the cursor, with the least and the greatest. */
  #drawLegend(): void {
    const { fields } = this.#part;
    const alone = this.#lines.length === 1 && this.#lines[0]!.name === this.#name.textContent;
    const items = this.#lines.map((line, at) => {
      const value = this.#cursor === null ? numberAt(fields["last"], at) : (line.ys[nearest(line.xs, this.#cursor)] ?? null);
      const [min, max] = [numberAt(fields["min"], at), numberAt(fields["max"], at)];
      const range = min === null || max === null ? "" : `min ${short(min)}, max ${short(max)}`;
      return create(
        "span",
        { class: "sw-key", "data-series": String(at) },
        create("span", { class: "sw-swatch" }),
        create("span", { class: "sw-name" }, alone ? "" : line.name),
        create("span", { class: "sw-figure" }, value === null ? "–" : short(value)),
        create("span", { class: "sw-note" }, range),
      );
    });
    this.#legend.replaceChildren(...items);
    const points = finite(fields["point_count"]);
    const where = this.#cursor === null ? (points === null ? "" : `${points} points`) : this.#xWords(this.#cursor);
    setText(this.#facts, where);
    setAttribute(this.#plot, "aria-label", `${this.#name.textContent}: ${this.#words()}`);
  }

  #words(): string {
    const { fields } = this.#part;
    return this.#lines
      .map(({ name }, at) => {
        const said = (key: string): string => short(numberAt(fields[key], at) ?? NaN);
        return `${name} last ${said("last")}, least ${said("min")}, greatest ${said("max")}`;
      })
      .join("; ");
  }

  #xWords(x: number): string {
    return this.#part.fields["x_label"] === "s" ? `at ${duration(x)}` : `${label(this.#part.fields["x_label"], 40) || "step"} ${short(x)}`;
  }

  #toggleLog(): void {
    setAttribute(this.#log, "aria-pressed", String(!this.#isLog));
    this.#drawPlot();
  }

  #pointed(event: PointerEvent): void {
    const { left } = this.#plot.getBoundingClientRect();
    const share = (event.clientX - left - LEFT) / (this.#width - LEFT - RIGHT);
    if (share < -0.05 || share > 1.05) return this.#readAt(null);
    this.#readAt(this.#x.min + share * (this.#x.max - this.#x.min));
  }

  /** Reads off at the point nearest to `x`. */
  #readAt(x: number | null): void {
    const xs = this.#longest();
    const at = x === null || xs.length === 0 ? null : xs[nearest(xs, x)]!;
    if (at === this.#cursor) return;
    this.#cursor = at;
    this.#drawPlot();
    this.#drawLegend();
  }

  #longest(): number[] {
    return this.#lines.reduce<number[]>((most, { xs }) => (xs.length > most.length ? xs : most), []);
  }

  /** Left and right read off point by point, Home and End the first and the last; Escape ends it. */
  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const xs = this.#longest();
    const here = this.#cursor === null ? xs.length - 1 : nearest(xs, this.#cursor);
    const step = Math.max(1, Math.round(xs.length / 100));
    const to: { readonly [key: string]: number } = { ArrowLeft: here - step, ArrowRight: here + step, Home: 0, End: xs.length - 1 };
    const at = to[event.key];
    if (at !== undefined && xs.length > 0) {
      this.#readAt(xs[Math.max(0, Math.min(xs.length - 1, at))]!);
      this.#context.say(`${this.#xWords(this.#cursor!)}: ${this.#legend.textContent}`);
    } else if (event.key === "Escape" && this.#cursor !== null) this.#readAt(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function linesOf(part: Part): Line[] {
  const names = Array.isArray(part.fields["series"]) ? part.fields["series"] : [];
  const lines: Line[] = names.slice(0, MOST_SERIES).map((name) => ({ name: label(name, 80), xs: [], ys: [] }));
  for (const item of part.items?.list ?? []) {
    if (!Array.isArray(item)) continue;
    const line = typeof item[0] === "number" ? lines[item[0]] : undefined;
    const x = finite(item[1]);
    if (!line || x === null) continue;
    line.xs.push(x);
    line.ys.push(finite(item[2]));
  }
  return lines;
}

/** The place in `xs`, which grow, that is nearest to `x`. */
function nearest(xs: readonly number[], x: number): number {
  let [low, high] = [0, xs.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - xs[low - 1]! < xs[low]! - x ? low - 1 : low;
}

const numberAt = (list: Json | undefined, at: number): number | null =>
  Array.isArray(list) ? finite(list[at]) : null;
