/** The drawing of a chart: axes, lines, and a separate layer that follows the pointer. */

import { setShape, shape } from "../../base/dom.ts";
import * as english from "../../words/english.ts";
import { clockTime, short } from "../../words/format.ts";
import { lonePoints, nearest } from "./lines.ts";
import type { Line } from "./lines.ts";
import { nice, place, rangeOf, ticks } from "./scale.ts";
import type { Range } from "./scale.ts";

export const HEIGHT = 216;
const LEFT = 48;
const RIGHT = 12;
const TOP = 24;
const BOTTOM = 36;
const TICK_CHARS_PX = 72;
const TICKS_Y = 4;
/** Colours repeat after so many series, with thinner lines. */
export const COLOURS_COUNT = 8;

export interface PlotFacts {
  readonly lines: readonly Line[];
  /** Series that the reader has switched off. */
  readonly hidden: ReadonlySet<number>;
  readonly width: number;
  readonly logX: boolean;
  readonly logY: boolean;
  /** The part of the x axis that is shown; null: all of it. */
  readonly zoom: Range | null;
  readonly xLabel: string;
  /** Title of the y axis, above it. */
  readonly yLabel: string;
}

export class Plot {
  readonly element = shape("svg", { class: "sw-plot", height: HEIGHT, "aria-hidden": "true" });
  readonly #marks = shape("g");
  readonly #layer = shape("g");
  #facts: PlotFacts | null = null;
  #x: Range = { min: 0, max: 1 };
  #y: Range = { min: 0, max: 1 };

  constructor() {
    this.element.append(this.#marks, this.#layer);
  }

  draw(facts: PlotFacts): void {
    this.#facts = facts;
    const { lines, hidden, width, logX, logY, zoom } = facts;
    const drawn = lines.filter((_, at) => !hidden.has(at));
    this.#x = zoom ?? rangeOf(drawn.flatMap(({ xs }) => xs), logX);
    this.#y = nice(rangeOf(drawn.flatMap((line) => this.#ysInSight(line)), logY), TICKS_Y, logY);
    setShape(this.element, { viewBox: `0 0 ${width} ${HEIGHT}`, width });
    const shapes = lines.flatMap((line, at) => (hidden.has(at) ? [] : this.#shapesOf(line, at)));
    this.#marks.replaceChildren(...this.#axes(facts), ...shapes);
  }

  /** Draws the reading at `x`, or nothing for null; the lines below are not redrawn. */
  cursor(x: number | null): void {
    const facts = this.#facts;
    if (x === null || !facts) return this.#layer.replaceChildren();
    const px = this.#xOf(x);
    const rule = shape("line", { class: "sw-cursor", x1: px, x2: px, y1: TOP, y2: HEIGHT - BOTTOM });
    const dots = facts.lines.flatMap((line, at) => (facts.hidden.has(at) || line.xs.length === 0 ? [] : this.#dot(line, nearest(line.xs, x), at, 3.5)));
    this.#layer.replaceChildren(rule, ...dots);
  }

  /** Draws the selected range of the axis, between two positions in CSS pixels. */
  choosing(from_px: number, to_px: number): void {
    const [x, to] = [Math.max(LEFT, Math.min(from_px, to_px)), Math.min(this.#right, Math.max(from_px, to_px))];
    this.#layer.replaceChildren(shape("rect", { class: "sw-zoom", x, y: TOP, width: Math.max(0, to - x), height: HEIGHT - TOP - BOTTOM }));
  }

  /** The x at a position in CSS pixels; null outside of the axis. */
  xAt(px: number): number | null {
    const share = (px - LEFT) / (this.#right - LEFT);
    if (!(share >= -0.05 && share <= 1.05)) return null;
    const { min, max } = this.#x;
    const within = Math.min(1, Math.max(0, share));
    return this.#facts?.logX ? min * (max / min) ** within : min + within * (max - min);
  }

  get x(): Range {
    return this.#x;
  }

  get #right(): number {
    return (this.#facts?.width ?? 0) - RIGHT;
  }

  #ysInSight({ xs, ys }: Line): number[] {
    const { zoom } = this.#facts!;
    return ys.filter((y, at): y is number => y !== null && (!zoom || (xs[at]! >= zoom.min && xs[at]! <= zoom.max)));
  }

  #axes({ logX, logY, width, xLabel, yLabel }: PlotFacts): SVGElement[] {
    const marks: SVGElement[] = [];
    for (const tick of ticks(this.#y, TICKS_Y, logY)) {
      const y = this.#yOf(tick);
      marks.push(shape("line", { class: "sw-grid", x1: LEFT, x2: this.#right, y1: y, y2: y }));
      marks.push(shape("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" }, short(tick)));
    }
    const wanted = Math.max(2, Math.floor((width - LEFT - RIGHT) / TICK_CHARS_PX));
    for (const tick of ticks(this.#x, wanted, logX)) {
      const words = xLabel === "s" ? clockTime(tick) : short(tick);
      marks.push(shape("text", { x: this.#xOf(tick), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, words));
    }
    const title = xLabel === "s" ? english.X_TIME : xLabel || english.X_COLUMN;
    marks.push(shape("text", { class: "sw-axistitle", x: this.#right, y: HEIGHT - 3, "text-anchor": "end" }, title));
    marks.push(shape("text", { class: "sw-axistitle", x: 0, y: 11 }, yLabel));
    return marks;
  }

  #shapesOf(line: Line, at: number): SVGElement[] {
    const name = at < COLOURS_COUNT ? "sw-series" : "sw-series sw-again";
    const path = shape("path", { class: name, "data-series": at % COLOURS_COUNT, d: this.#pathOf(line) });
    return [path, ...lonePoints(line).flatMap((place_) => this.#dot(line, place_, at, 2.25))];
  }

  #pathOf({ xs, ys }: Line): string {
    let path = "";
    let pen = "M";
    for (const [at, x] of xs.entries()) {
      const y = ys[at]!;
      const [px, py] = [this.#xOf(x), y === null ? NaN : this.#yOf(y)];
      if (Number.isNaN(py) || Number.isNaN(px) || !this.#inSight(x)) pen = "M"; // a gap
      else {
        path += `${pen}${px.toFixed(1)} ${py.toFixed(1)}`;
        pen = "L";
      }
    }
    return path;
  }

  #dot(line: Line, at: number, series: number, r: number): SVGElement[] {
    const [x, y] = [line.xs[at], line.ys[at]];
    if (x === undefined || typeof y !== "number" || !this.#inSight(x)) return [];
    const [cx, cy] = [this.#xOf(x), this.#yOf(y)];
    if (Number.isNaN(cx) || Number.isNaN(cy)) return [];
    return [shape("circle", { class: "sw-dot", "data-series": series % COLOURS_COUNT, cx, cy, r })];
  }

  #inSight(x: number): boolean {
    const zoom = this.#facts?.zoom;
    return !zoom || (x >= zoom.min && x <= zoom.max);
  }

  #xOf(x: number): number {
    return LEFT + place(x, this.#x, this.#facts?.logX ?? false) * (this.#right - LEFT);
  }

  #yOf(y: number): number {
    return HEIGHT - BOTTOM - place(y, this.#y, this.#facts?.logY ?? false) * (HEIGHT - TOP - BOTTOM);
  }
}
