/**
 * Numbers over time as a line chart: a few kilobytes, the host's colours, sharp at any size.
 *
 * The kernel thins the points, so all of them are drawn each time, at most a few times a second.
 */

import { create, icon, setAttribute, setHidden, setText } from "../../base/dom.ts";
import { saveFile } from "../../base/files.ts";
import type { SavedFile } from "../../base/files.ts";
import { SAVE } from "../../base/icons.ts";
import { openMenu } from "../../base/menu.ts";
import { finite, label } from "../../base/safety.ts";
import type { Part } from "../../protocol/patch.ts";
import type { Context, Mounted } from "../part-view.ts";
import { pngFile, svgFile } from "./chart-export.ts";
import { Legend, seriesWords } from "./legend.ts";
import { csvOfLines, linesOf, longestXs, nearest } from "./lines.ts";
import type { Line } from "./lines.ts";
import { Plot } from "./plot.ts";
import type { Range } from "./scale.ts";
import * as english from "../../words/english.ts";

/** Charts are drawn this far outside of the visible area. */
const NEAR = "400px";
const DRAW_EVERY_MS = 200;
/** A shorter drag counts as a click. */
const DRAG_PX = 8;
/** Zoom factor of a key. */
const ZOOM_BY = 2;

export class Metric implements Mounted {
  readonly element: HTMLElement;
  readonly #name = create("span", { class: "sw-name" });
  readonly #facts = create("span", { class: "sw-note" });
  readonly #logX = logButton(english.LOG_X);
  readonly #logY = logButton(english.LOG_Y);
  readonly #reset = create("button", { class: "sw-plain", type: "button", hidden: "" }, english.RESET_ZOOM);
  readonly #save = create("button", { class: "sw-iconic", type: "button", title: english.DOWNLOAD, "aria-label": english.DOWNLOAD, "aria-haspopup": "menu" }, icon(SAVE));
  readonly #drawing = new Plot();
  readonly #plot: HTMLElement;
  readonly #legend = new Legend((series) => this.#toggle(series));
  readonly #hidden = new Set<number>();
  readonly #context: Context;
  #part: Part;
  #lines: Line[] = [];
  #zoom: Range | null = null;
  #width = 0;
  #near = false;
  #stale = false;
  /** The x whose values are shown; null: the last values. */
  #cursor: number | null = null;
  /** Where a drag began, in CSS pixels. */
  #dragFrom: number | null = null;
  #drawnAt = -Infinity;
  #later = 0;
  readonly #sizes: ResizeObserver;

  constructor(part: Part, context: Context) {
    this.#part = part;
    this.#context = context;
    const { signal } = context;
    this.#plot = create("div", { class: "sw-chart", tabindex: "0", role: "img" });
    this.#plot.append(this.#drawing.element);
    const what = create("span", { class: "sw-what" }, this.#name, this.#facts);
    const tools = create("span", { class: "sw-tools" }, this.#reset, this.#logX, this.#logY, this.#save);
    this.element = create("div", { class: "sw-part", "data-kind": "metric" }, create("div", { class: "sw-line" }, what, tools), this.#plot, this.#legend.element);
    for (const log of [this.#logX, this.#logY]) log.addEventListener("click", () => this.#toggleLog(log), { signal });
    this.#reset.addEventListener("click", () => this.#setZoom(null), { signal });
    this.#save.addEventListener("click", () => this.#openMenu(), { signal });
    this.#listen(signal);
    this.#sizes = new ResizeObserver(([entry]) => this.#resized(entry!.contentRect.width));
    this.#sizes.observe(this.#plot);
    const sight = new IntersectionObserver((entries) => this.#sighted(entries.at(-1)!.isIntersecting), { rootMargin: NEAR });
    sight.observe(this.#plot);
    signal.addEventListener("abort", () => sight.disconnect(), { once: true });
    addEventListener("beforeprint", () => this.#sighted(true), { signal });
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

  #listen(signal: AbortSignal): void {
    const on = { signal };
    this.#plot.addEventListener("pointerdown", (event) => this.#pressed(event), on);
    this.#plot.addEventListener("pointermove", (event) => this.#pointed(event), on);
    this.#plot.addEventListener("pointerup", (event) => this.#released(event), on);
    this.#plot.addEventListener("pointercancel", () => this.#endDrag(), on);
    // A lifted finger leaves the chart: its values stay until the next tap.
    this.#plot.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && this.#dragFrom === null && this.#readAt(null), on);
    this.#plot.addEventListener("dblclick", () => this.#setZoom(null), on);
    this.#plot.addEventListener("blur", () => this.#readAt(null), on);
    this.#plot.addEventListener("keydown", (event) => this.#key(event), on);
  }

  /** A chart outside the visible area is drawn when it comes near, so hundreds of them cost nothing. */
  #sighted(near: boolean): void {
    this.#near = near;
    if (near && this.#stale) this.#drawPlot();
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
    setText(this.#name, label(this.#part.fields["name"]) || english.METRIC);
    setHidden(this.#logY, !this.#lines.some(({ ys }) => ys.some((y) => y !== null && y > 0)));
    setHidden(this.#logX, !this.#lines.some(({ xs }) => (xs.at(-1) ?? 0) > 0));
    this.#drawPlot();
    this.#drawLegend();
  }

  #drawPlot(): void {
    this.#stale = !this.#near;
    if (this.#width === 0 || !this.#near) return;
    const [logX, logY] = [isPressed(this.#logX), isPressed(this.#logY)];
    this.#drawing.draw({ lines: this.#lines, hidden: this.#hidden, width: this.#width, logX, logY, zoom: this.#zoom, xLabel: this.#xLabel, yLabel: this.#yLabel });
    this.#drawing.cursor(this.#cursor);
  }

  #drawLegend(): void {
    const { fields } = this.#part;
    const alone = this.#lines.length === 1 && this.#lines[0]!.name === this.#name.textContent;
    this.#legend.draw(this.#part, this.#lines, this.#hidden, this.#cursor, alone);
    const points = finite(fields["point_count"]);
    const where = this.#cursor === null ? (points === null ? "" : english.points(points)) : this.#xWords(this.#cursor);
    setText(this.#facts, where);
    setAttribute(this.#plot, "aria-label", english.chartInWords(this.#name.textContent, seriesWords(this.#part, this.#lines)));
  }

  get #xLabel(): string {
    return label(this.#part.fields["x_label"], 40);
  }

  /** That of the series where there is one, else of the chart. */
  get #yLabel(): string {
    return this.#lines.length === 1 ? this.#lines[0]!.name : (this.#name.textContent ?? "");
  }

  #xWords(x: number): string {
    return this.#xLabel === "s" ? english.atTime(x) : english.atX(this.#xLabel, x);
  }

  #toggleLog(button: HTMLButtonElement): void {
    setAttribute(button, "aria-pressed", String(!isPressed(button)));
    this.#setZoom(null);
  }

  #toggle(series: number): void {
    if (!this.#hidden.delete(series)) this.#hidden.add(series);
    this.#drawPlot();
    this.#drawLegend();
  }

  #setZoom(zoom: Range | null): void {
    this.#zoom = zoom;
    setHidden(this.#reset, zoom === null);
    this.#drawPlot();
  }

  #pxOf(event: PointerEvent): number {
    return event.clientX - this.#plot.getBoundingClientRect().left;
  }

  #pressed(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#dragFrom = this.#pxOf(event);
    this.#plot.setPointerCapture(event.pointerId);
    this.#readAt(this.#drawing.xAt(this.#dragFrom));
  }

  #pointed(event: PointerEvent): void {
    const px = this.#pxOf(event);
    if (this.#dragFrom !== null && Math.abs(px - this.#dragFrom) > DRAG_PX) this.#drawing.choosing(this.#dragFrom, px);
    else this.#readAt(this.#drawing.xAt(px));
  }

  #released(event: PointerEvent): void {
    const [from, to] = [this.#dragFrom, this.#pxOf(event)];
    this.#endDrag();
    if (from === null || Math.abs(to - from) <= DRAG_PX) return;
    const { x } = this.#drawing;
    const ends = [this.#drawing.xAt(from) ?? x.min, this.#drawing.xAt(to) ?? x.max];
    this.#setZoom({ min: Math.min(...ends), max: Math.max(...ends) });
  }

  #endDrag(): void {
    this.#dragFrom = null;
    this.#drawing.cursor(this.#cursor);
  }

  /** Shows the values at the point nearest to `x`. */
  #readAt(x: number | null): void {
    const xs = longestXs(this.#lines);
    const at = x === null || xs.length === 0 ? null : xs[nearest(xs, x)]!;
    if (at === this.#cursor) return;
    this.#cursor = at;
    this.#drawing.cursor(at);
    this.#drawLegend();
  }

  /**
   * Left and right move point by point, Home and End to the first and the last, Escape ends reading; plus and
   * minus zoom around the current point, 0 shows all.
   */
  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const xs = longestXs(this.#lines);
    const here = this.#cursor === null ? xs.length - 1 : nearest(xs, this.#cursor);
    const step = Math.max(1, Math.round(xs.length / 100));
    const to: { readonly [key: string]: number } = { ArrowLeft: here - step, ArrowRight: here + step, Home: 0, End: xs.length - 1 };
    const at = to[event.key];
    if (at !== undefined && xs.length > 0) {
      this.#readAt(xs[Math.max(0, Math.min(xs.length - 1, at))]!);
      this.#context.answer(english.chartInWords(this.#xWords(this.#cursor!), this.#legend.element.textContent));
    } else if (event.key === "Escape" && this.#cursor !== null) this.#readAt(null);
    else if (event.key === "+" || event.key === "-") this.#zoomBy(event.key === "+" ? 1 / ZOOM_BY : ZOOM_BY);
    else if (event.key === "0") this.#setZoom(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #zoomBy(factor: number): void {
    const { min, max } = this.#drawing.x;
    const middle = this.#cursor ?? (min + max) / 2;
    const zoom = { min: middle - (middle - min) * factor, max: middle + (max - middle) * factor };
    const xs = longestXs(this.#lines);
    const all = zoom.min <= (xs[0] ?? 0) && zoom.max >= (xs.at(-1) ?? 0);
    if (zoom.max > zoom.min) this.#setZoom(all ? null : zoom);
  }

  #openMenu(): void {
    const name = this.#name.textContent || english.CHART;
    const [view, plot] = [this.element.closest<HTMLElement>(".sw-view"), this.#drawing.element];
    if (!view) return;
    const background = getComputedStyle(view).backgroundColor;
    const csv = (): SavedFile => ({ name: `${name}.csv`, mime: "text/csv", bytes: new TextEncoder().encode(csvOfLines(this.#lines, this.#xLabel || english.X_COLUMN)) });
    const png = async (): Promise<void> => {
      const file = await pngFile(plot, name, background);
      if (file) saveFile(file);
      else this.#context.answer(english.NO_PNG);
    };
    const items = [
      { words: english.DOWNLOAD_PNG, act: () => void png() },
      { words: english.DOWNLOAD_SVG, act: () => saveFile(svgFile(plot, name, background)) },
      { words: english.DOWNLOAD_CSV, act: () => saveFile(csv()) },
    ];
    openMenu({ view, button: this.#save, label: english.downloadNamed(name), items });
  }
}

const isPressed = (button: HTMLElement): boolean => button.getAttribute("aria-pressed") === "true";

const logButton = (words: string): HTMLButtonElement =>
  create("button", { class: "sw-plain", type: "button", "aria-pressed": "false", title: english.LOG_SCALE }, words);
