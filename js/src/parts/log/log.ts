/** Log lines: the newest, filtered by minimum level and by a word, with a count of those left out. */

import { create, setAttribute, setText } from "../../base/dom.ts";
import { duration } from "../../words/format.ts";
import type { Part } from "../../protocol/patch.ts";
import type { Context, Mounted } from "../part-view.ts";
import { finite, label } from "../../base/safety.ts";
import type { Json } from "../../protocol/wire.ts";
import { listSpacer, RowWindow } from "../table/row-window.ts";
import * as english from "../../words/english.ts";

const LEVELS = ["debug", "info", "warning", "error", "critical"];
const NEAR_PX = 8;

export class Log implements Mounted {
  readonly element: HTMLElement;
  readonly #details: HTMLDetailsElement;
  readonly #last = create("span", { class: "sw-lastline" });
  readonly #facts = create("span", { class: "sw-word" });
  readonly #level = create("select", { "aria-label": english.MINIMUM_LEVEL });
  readonly #filter = create("input", { class: "sw-filter", type: "search", placeholder: english.FILTER, "aria-label": english.filterNamed(english.LOG) });
  readonly #scroller = create("div", { class: "sw-scroller", tabindex: "0", "aria-label": english.LOG, role: "log", "aria-busy": "true" });
  readonly #rows: RowWindow<HTMLElement>;
  #part: Part;
  /** Positions of the lines that pass the filter; only new lines are tested. */
  #passing: number[] = [];
  #looked = 0;
  #dropped = 0;
  #generation = 0;

  constructor(part: Part, context: Context) {
    this.#part = part;
    const { signal } = context;
    const summary = create("summary", {}, create("span", { class: "sw-name" }, english.LOG), this.#last, this.#facts);
    const body = create("div", { class: "sw-loglines" });
    this.#scroller.append(body);
    for (const level of LEVELS) this.#level.append(create("option", {}, level));
    const tools = create("div", { class: "sw-line" }, create("span", { class: "sw-tools" }, this.#level, this.#filter));
    this.#details = create("details", { class: "sw-part", "data-kind": "log" }, summary, tools, this.#scroller);
    this.element = this.#details;
    const maker = { make: makeLine, draw: (row: HTMLElement, index: number) => this.#drawLine(row, index) };
    this.#rows = new RowWindow(this.#scroller, body, maker, listSpacer, signal);
    const again = (): void => {
      this.#restart();
      this.#draw();
    };
    this.#level.addEventListener("change", again, { signal });
    this.#filter.addEventListener("input", again, { signal });
    this.#filter.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    }, { signal });
    this.#details.addEventListener("toggle", () => this.#draw(), { signal });
  }

  update(part: Part): void {
    this.#part = part;
    const list = this.#list;
    const newest = list.at(-1);
    const total = finite(part.fields["line_count"]) ?? list.length;
    setAttribute(this.element, "data-state", part.fields["state"] === "closed" ? "closed" : "open");
    setText(this.#last, Array.isArray(newest) ? label(newest[3]) : "");
    setAttribute(this.#last, "data-level", levelOf(newest));
    const rest = total - list.length;
    setText(this.#facts, rest > 0 ? english.latestLines(list.length, total) : english.logLines(total));
    this.#draw();
  }

  dispose(): void {}

  get #list(): readonly Json[] {
    return this.#part.items?.list ?? [];
  }

  #restart(): void {
    this.#passing = [];
    this.#looked = this.#dropped = this.#part.items?.dropped ?? 0;
  }

  /** A folded log costs nothing. */
  #draw(): void {
    if (!this.#details.open) return;
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.#sift();
    this.#rows.update(this.#passing.length);
    if (!atEnd) return;
    this.#rows.scrollTo(this.#scroller.scrollHeight);
    this.#rows.update(this.#passing.length);
  }

  /** Positions count from the first line ever, so that dropping old lines does not change them. */
  #sift(): void {
    const { dropped = 0, generation = 0 } = this.#part.items ?? {};
    if (generation !== this.#generation) this.#restart();
    this.#generation = generation;
    if (dropped !== this.#dropped) this.#passing = this.#passing.filter((at) => at >= dropped);
    this.#dropped = dropped;
    const least = LEVELS.indexOf(this.#level.value);
    const word = this.#filter.value.trim().toLowerCase();
    const list = this.#list;
    for (let at = Math.max(this.#looked, dropped); at < dropped + list.length; at += 1) {
      if (passes(list[at - dropped]!, least, word)) this.#passing.push(at);
    }
    this.#looked = dropped + list.length;
  }

  #drawLine(row: HTMLElement, index: number): void {
    const line = this.#list[this.#passing[index]! - this.#dropped];
    const [at_s, , logger, message] = Array.isArray(line) ? line : [];
    const [time, level, words] = [...row.children] as HTMLElement[];
    const seconds = finite(at_s);
    setAttribute(row, "data-level", levelOf(line));
    setText(time!, seconds === null ? "" : duration(seconds));
    setText(level!, levelOf(line));
    const from = label(logger, 60);
    const said = label(message, 1000);
    setText(words!, from && from !== "root" ? `${from}: ${said}` : said);
    setAttribute(words!, "title", said.length > 60 ? said : null);
  }
}

const makeLine = (): HTMLElement =>
  create("div", { class: "sw-logline" }, create("span", { class: "sw-time" }), create("span", { class: "sw-level" }), create("span", { class: "sw-words" }));

function levelOf(line: Json | undefined): string {
  const level = Array.isArray(line) ? line[1] : null;
  return typeof level === "string" && LEVELS.includes(level) ? level : "info";
}

function passes(line: Json, least: number, word: string): boolean {
  if (LEVELS.indexOf(levelOf(line)) < least) return false;
  return word === "" || (Array.isArray(line) && `${String(line[2])} ${String(line[3])}`.toLowerCase().includes(word));
}
