/**
 * Many runs side by side, one line each: their status, progress and newest text.
 *
 * It uses the stores of the views that it shows, so a run is stored only once, and it draws a few times
 * a second, however fast they stream.
 */

import type { Clock } from "../base/clock.ts";
import { create, focusedIn, setAttribute, setHidden, setText } from "../base/dom.ts";
import { watchVisibility } from "../base/visibility.ts";
import type { RunModel } from "../protocol/stores.ts";
import { Confirm } from "../view/confirm.ts";
import { costWords, statusWords, tokensMade } from "../words/status-words.ts";
import { Line } from "./board-line.ts";
import { distinctNames, metricValues } from "./sorting.ts";
import type { SortKey } from "./sorting.ts";
import * as english from "../words/english.ts";

interface Given {
  title: string;
  /** Called with each run as soon as it is available. */
  runs(found: (index: number, run: RunModel) => void): void;
  size: number;
  clock: Clock;
  signal: AbortSignal;
}

const DRAW_EVERY_MS = 250;
const SORT_EVERY_MS = 1000;

/** Most runs that are shown side by side; more would be too narrow to read. */
const BESIDE_COUNT = 4;

export class Board {
  readonly element: HTMLElement;
  readonly #given: Given;
  readonly #lines: Line[] = [];
  readonly #list = create("div", { class: "sw-boardrows", role: "list" });
  readonly #words = create("div", { class: "sw-facts" });
  readonly #stop = create("button", { class: "sw-stop", type: "button" }, english.STOP_ALL);
  readonly #retry = create("button", { class: "sw-retry", type: "button", hidden: "" }, english.RETRY_FAILED);
  readonly #beside = create("button", { class: "sw-plain", type: "button", "aria-pressed": "false", title: english.sideBySideHint(BESIDE_COUNT) }, english.SIDE_BY_SIDE);
  readonly #sort = create("select", { "aria-label": english.SORT_RUNS });
  readonly #columns = create("div", { class: "sw-beside", hidden: "" });
  readonly #confirm = new Confirm();
  #columnsOver: AbortController | null = null;
  /** Names of metrics that can be sorted by. */
  readonly #metrics = new Set<string>();
  readonly #spoken = create("div", { class: "sw-spoken", role: "status" });
  readonly #stale = new Set<Line>();
  #seen = true;
  #drawing = false;
  #ticking = false;
  #sortedAt = -Infinity;
  #over = false;

  constructor(given: Given) {
    this.#given = given;
    const { signal } = given;
    for (const [key, words] of Object.entries(english.SORTS)) this.#sort.append(create("option", { "data-value": key }, words));
    const heading = create("div", { class: "sw-heading" }, create("div", { class: "sw-title" }, given.title), this.#words);
    const header = create("div", { class: "sw-header" }, heading, create("div", { class: "sw-actions" }, this.#beside, this.#sort, this.#retry, this.#stop));
    this.element = create(
      "div",
      { class: "sw-view sw-board", role: "region", "aria-label": given.title, "data-lm-suppress-shortcuts": "true" },
      header,
      this.#confirm.element,
      create("div", { class: "sw-hairline" }),
      this.#list,
      this.#columns,
      this.#spoken,
    );
    for (let at = 0; at < given.size; at += 1) {
      const line = new Line(at, (chosen) => this.#open(chosen), signal);
      this.#lines.push(line);
      this.#list.append(line.element);
    }
    this.#stop.addEventListener("click", () => this.#stopAll(), { signal });
    this.#retry.addEventListener("click", () => this.#retryFailed(), { signal });
    this.#beside.addEventListener("click", () => this.#showBeside(this.#columnsOver === null), { signal });
    signal.addEventListener("abort", () => this.#columnsOver?.abort(), { once: true });
    this.#sort.addEventListener("change", () => this.#reorder(true), { signal });
    given.runs((index, run) => this.#found(index, run));
    const changed = (seen: boolean): void => {
      this.#seen = seen;
      this.#look();
      this.#tick();
    };
    watchVisibility(this.element, changed, signal);
    this.#drawTotals();
    this.#tick();
  }

  #found(index: number, run: RunModel): void {
    const line = this.#lines[index]!;
    const { store } = (line.run = run);
    store.subscribe((changes) => {
      line.note(changes.parts, changes.reset);
      this.#later(line);
    }, this.#given.signal);
    line.note(store.document.parts.map(({ id }) => id), false);
    this.#later(line);
  }

  /** A run that is visible here counts as visible, even if its own view is not. */
  #look(): void {
    const { signal } = this.#given;
    for (const { store } of this.#lines) store?.sight.look(signal, this.#seen);
  }

  #later(line: Line): void {
    this.#stale.add(line);
    if (this.#drawing) return;
    this.#drawing = true;
    this.#given.clock.after(DRAW_EVERY_MS, () => this.#draw());
  }

  #draw(): void {
    this.#drawing = false;
    if (this.#given.signal.aborted) return;
    for (const line of this.#stale) line.draw();
    this.#stale.clear();
    this.#drawNames();
    this.#drawTotals();
    this.#offerMetrics();
    this.#look();
    this.#reorder(false);
    this.#tick();
  }

  /** Clocks advance even if nothing arrives, while a run is live and visible. */
  #tick(): void {
    if (this.#ticking || !this.#seen || !this.#lines.some(({ store }) => store?.alive)) return;
    this.#ticking = true;
    this.#given.clock.after(DRAW_EVERY_MS, () => {
      this.#ticking = false;
      if (this.#given.signal.aborted) return;
      for (const line of this.#lines) line.tick();
      this.#tick();
    });
  }

  #drawNames(): void {
    const names = distinctNames(this.#lines.map(({ title }) => title));
    for (const [at, line] of this.#lines.entries()) line.name(names[at]!);
  }

  /** Adds the metrics of the runs to the sort options. */
  #offerMetrics(): void {
    for (const { store } of this.#lines) {
      if (!store) continue;
      for (const { name } of metricValues(store)) {
        if (this.#metrics.has(name)) continue;
        this.#metrics.add(name);
        this.#sort.append(
          create("option", { "data-value": `metric:${name}` }, english.lowestFirst(name)),
          create("option", { "data-value": `metric-down:${name}` }, english.highestFirst(name)),
        );
      }
    }
  }

  #drawTotals(): void {
    const stores = this.#lines.flatMap(({ store }) => store ?? []);
    const states = new Map<string, number>();
    for (const store of stores) {
      const state = statusWords(store);
      states.set(state, (states.get(state) ?? 0) + 1);
    }
    const waiting = this.#lines.length - stores.length;
    if (waiting > 0) states.set(english.LOADING, waiting);
    const made = stores.map(({ status }) => tokensMade(status));
    const tokens = made.reduce((sum, { count }) => sum + count, 0);
    const reported = made.every(({ estimated }) => !estimated);
    const cost = stores.reduce((sum, { status }) => sum + (status.cost ?? 0), 0);
    const isEstimate = stores.some(({ status }) => status.cost_estimated);
    const facts = [
      english.runs(this.#lines.length),
      english.stateCounts(states),
      tokens > 0 ? english.tokens(tokens, !reported) : "",
      cost > 0 ? costWords({ ...stores.find(({ status }) => status.cost)!.status, cost, cost_estimated: isEstimate, budget: null }) : "",
    ].filter(Boolean);
    if (this.#words.childElementCount !== facts.length) this.#words.replaceChildren(...facts.map(() => create("span")));
    for (const [at, words] of facts.entries()) setText(this.#words.children[at]!, words);
    const alive = stores.some(({ alive }) => alive);
    setHidden(this.#stop, !alive);
    setHidden(this.#retry, !this.#lines.some(({ failed }) => failed));
    setAttribute(this.element, "data-state", alive ? "streaming" : "finished");
    setAttribute(this.element, "data-live", alive ? "true" : null);
    if (this.#over === alive && stores.length > 0) {
      this.#over = !alive;
      if (this.#over) setText(this.#spoken, english.spoken(facts));
    }
  }

  /** Asks for confirmation if the failed runs cost money. */
  #retryFailed(): void {
    const failed = this.#lines.filter((line) => line.failed);
    const retry = (): void => {
      for (const { store } of failed) store?.retry();
    };
    const cost = failed.reduce((sum, { store }) => sum + (store?.status.cost ?? 0), 0);
    if (cost <= 0) return retry();
    const paid = costWords({ ...failed.find(({ store }) => store?.status.cost)!.store!.status, cost, budget: null });
    this.#confirm.ask(english.retryFailedQuestion(failed.length, paid), english.RETRY, retry);
  }

  /** Shows the first runs, in their current order, as columns, or the lines again. */
  #showBeside(beside: boolean): void {
    this.#columnsOver?.abort();
    this.#columnsOver = beside ? new AbortController() : null;
    this.#columns.replaceChildren();
    setAttribute(this.#beside, "aria-pressed", String(beside));
    setHidden(this.#columns, !beside);
    setHidden(this.#list, beside);
    if (!this.#columnsOver) return;
    for (const line of this.#inOrder().slice(0, BESIDE_COUNT)) {
      const column = create("div", {});
      this.#columns.append(column);
      line.fold();
      line.run?.mount(column, this.#columnsOver.signal);
    }
  }

  #inOrder(): Line[] {
    return [...this.#list.children].map((element) => this.#lines.find((line) => line.element === element)!);
  }

  #stopAll(): void {
    for (const { store } of this.#lines) store?.stop();
  }

  /** Never while the pointer or the focus is on a line, which would move away from it. */
  #reorder(asked: boolean): void {
    const key = (this.#sort.selectedOptions[0]?.dataset["value"] ?? "order") as SortKey;
    const now = this.#given.clock.now();
    const busy = this.#list.matches(":hover") || this.#list.contains(focusedIn(this.#list));
    if (!asked && (key === "order" || busy || now - this.#sortedAt < SORT_EVERY_MS)) return;
    this.#sortedAt = now;
    const ranks = new Map(this.#lines.map((line) => [line, line.rank(key)]));
    const wanted = [...this.#lines].sort((a, b) => compared(ranks.get(a)!, ranks.get(b)!) || a.index - b.index);
    if (wanted.every((line, at) => this.#list.children[at] === line.element)) return;
    this.#list.append(...wanted.map(({ element }) => element));
    if (this.#columnsOver) this.#showBeside(true);
  }

  /** One run is open at a time. */
  #open(chosen: Line): void {
    for (const line of this.#lines) if (line !== chosen) line.fold();
    chosen.toggle();
  }
}

const compared = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);
