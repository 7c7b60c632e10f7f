/**
 * Many runs side by side, one line each: what became of them, how far they are, what they say now.
 *
 * It uses the stores of the views that it shows, so a run costs nothing twice, and it draws a few times
 * a second, however fast they stream.
 */

import type { Clock } from "../clock.ts";
import { create, icon, setAttribute, setHidden, setText } from "../dom.ts";
import { costWords } from "../cost.ts";
import { count, counted } from "../format.ts";
import { textTail } from "../patch.ts";
import type { Part } from "../patch.ts";
import { finite, label } from "../safety.ts";
import { isFinal } from "../states.ts";
import type { Store } from "../store.ts";
import { watchVisibility } from "../visibility.ts";
import { elapsedWords, rateWords, shownState, statusWords } from "../words.ts";

export interface BoardGiven {
  title: string;
  /** Calls back with each run's store, when it is there. */
  stores(found: (index: number, store: Store) => void): void;
  size: number;
  clock: Clock;
  /** Shows one run whole, until the signal aborts. */
  show(store: Store, el: HTMLElement, signal: AbortSignal): void;
  signal: AbortSignal;
}

const DRAW_EVERY_MS = 250;
const SORT_EVERY_MS = 1000;

/** What needs a look comes first. */
const STATE_ORDER = ["failed", "gone", "reconnecting", "streaming", "stopping", "paused", "connecting", "stopped", "finished", "idle"];
const SORTS = { order: "In order", state: "By state", progress: "By progress" } as const;
type SortKey = keyof typeof SORTS;

const FOLD = "M4 6l4 4 4-4";

export function mountBoard(given: BoardGiven): HTMLElement {
  return new Board(given).element;
}

class Board {
  readonly element: HTMLElement;
  readonly #given: BoardGiven;
  readonly #lines: Line[] = [];
  readonly #list = create("div", { class: "sw-boardrows", role: "list" });
  readonly #words = create("div", { class: "sw-facts" });
  readonly #stop = create("button", { class: "sw-stop", type: "button" }, "Stop all");
  readonly #sort = create("select", { "aria-label": "Sort the runs" });
  readonly #spoken = create("div", { class: "sw-spoken", role: "status" });
  readonly #stale = new Set<Line>();
  #seen = true;
  #drawing = false;
  #sortedAt = -Infinity;
  #over = false;

  constructor(given: BoardGiven) {
    this.#given = given;
    const { signal } = given;
    for (const [key, words] of Object.entries(SORTS)) this.#sort.append(create("option", { "data-value": key }, words));
    const heading = create("div", { class: "sw-heading" }, create("div", { class: "sw-title" }, given.title), this.#words);
    const header = create("div", { class: "sw-header" }, heading, create("div", { class: "sw-actions" }, this.#sort, this.#stop));
    this.element = create(
      "div",
      { class: "sw-view sw-board", role: "region", "aria-label": given.title, "data-lm-suppress-shortcuts": "true" },
      header,
      create("div", { class: "sw-hairline" }),
      this.#list,
      this.#spoken,
    );
    for (let at = 0; at < given.size; at += 1) {
      const line = new Line(at, (chosen) => this.#open(chosen), signal);
      this.#lines.push(line);
      this.#list.append(line.element);
    }
    this.#stop.addEventListener("click", () => this.#stopAll(), { signal });
    this.#sort.addEventListener("change", () => this.#reorder(true), { signal });
    given.stores((index, store) => this.#found(index, store));
    const changed = (seen: boolean): void => {
      this.#seen = seen;
      this.#look();
    };
    watchVisibility(this.element, changed, signal);
    this.#drawTotals();
    this.#tick();
  }

  #found(index: number, store: Store): void {
    const line = this.#lines[index]!;
    line.store = store;
    store.subscribe((changes) => {
      line.note(changes.parts, changes.reset);
      this.#later(line);
    }, this.#given.signal);
    line.note(store.document.parts.map(({ id }) => id), false);
    this.#later(line);
  }

  /** What is seen here is seen, also where its own view is not. */
  #look(): void {
    const { signal } = this.#given;
    for (const { store } of this.#lines) store?.lazy.get("rest")?.look(store, signal, this.#seen);
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
    this.#drawTotals();
    this.#look();
    this.#reorder(false);
  }

  /** Clocks go on also where nothing arrives. */
  #tick(): void {
    this.#given.clock.after(DRAW_EVERY_MS, () => {
      if (this.#given.signal.aborted) return;
      for (const line of this.#lines) line.tick();
      this.#tick();
    });
  }

  #drawTotals(): void {
    const stores = this.#lines.flatMap(({ store }) => store ?? []);
    const states = new Map<string, number>();
    for (const store of stores) {
      const state = statusWords(store).toLowerCase();
      states.set(state, (states.get(state) ?? 0) + 1);
    }
    const waiting = this.#lines.length - stores.length;
    if (waiting > 0) states.set("not here yet", waiting);
    const tokens = stores.reduce((sum, { status }) => sum + status.token_count, 0);
    const cost = stores.reduce((sum, { status }) => sum + (status.cost ?? 0), 0);
    const facts = [
      counted(this.#lines.length, "run"),
      [...states].map(([state, n]) => `${n} ${state}`).join(", "),
      tokens > 0 ? `${count(tokens)} tokens` : "",
      cost > 0 ? costWords({ ...stores.find(({ status }) => status.cost)!.status, cost, budget: null }) : "",
    ].filter(Boolean);
    if (this.#words.childElementCount !== facts.length) this.#words.replaceChildren(...facts.map(() => create("span")));
    for (const [at, words] of facts.entries()) setText(this.#words.children[at]!, words);
    const alive = stores.some(({ alive }) => alive);
    setHidden(this.#stop, !alive);
    setAttribute(this.element, "data-state", alive ? "streaming" : "finished");
    setAttribute(this.element, "data-live", alive ? "true" : null);
    if (this.#over === alive && stores.length > 0) {
      this.#over = !alive;
      if (this.#over) setText(this.#spoken, facts.join(", "));
    }
  }

  #stopAll(): void {
    for (const { store } of this.#lines) store?.stop();
  }

  /** Never while the reader's pointer or focus is on a line: it would go from under them. */
  #reorder(asked: boolean): void {
    const key = (this.#sort.selectedOptions[0]?.dataset["value"] ?? "order") as SortKey;
    const now = this.#given.clock.now();
    const busy = this.#list.matches(":hover") || this.#list.contains(document.activeElement);
    if (!asked && (key === "order" || busy || now - this.#sortedAt < SORT_EVERY_MS)) return;
    this.#sortedAt = now;
    const wanted = [...this.#lines].sort((a, b) => a.rank(key) - b.rank(key) || a.index - b.index);
    if (wanted.every((line, at) => this.#list.children[at] === line.element)) return;
    this.#list.append(...wanted.map(({ element }) => element));
  }

  /** One run is open at a time. */
  #open(chosen: Line): void {
    for (const line of this.#lines) if (line !== chosen) line.fold();
    chosen.toggle((store, el, signal) => this.#given.show(store, el, signal));
  }
}

/** One run. */
class Line {
  readonly index: number;
  readonly element: HTMLElement;
  store: Store | null = null;
  readonly #title = create("span", { class: "sw-name" });
  readonly #state = create("span", { class: "sw-word" });
  readonly #saying = create("span", { class: "sw-lastline" });
  readonly #facts = create("span", { class: "sw-amount" });
  readonly #elapsed = create("span", { class: "sw-time" });
  readonly #fill = create("div", { class: "sw-fill" });
  readonly #bar = create("div", { class: "sw-bar", role: "progressbar" }, this.#fill);
  readonly #stop = create("button", { class: "sw-iconic sw-stop", type: "button", "aria-label": "Stop", title: "Stop" });
  readonly #fold = create("button", { class: "sw-iconic", type: "button", "aria-expanded": "false" }, icon(FOLD));
  readonly #room = create("div", { class: "sw-room", hidden: "" });
  #newest: Part | null = null;
  #progress: Part | null = null;
  #over: AbortController | null = null;

  constructor(index: number, open: (line: Line) => void, signal: AbortSignal) {
    this.index = index;
    const name = create("div", { class: "sw-what" }, this.#title, this.#state);
    const numbers = create("div", { class: "sw-amounts" }, this.#facts, this.#elapsed);
    const row = create("div", { class: "sw-boardrow" }, create("span", { class: "sw-node" }), name, this.#bar, this.#saying, numbers, this.#stop, this.#fold);
    this.element = create("div", { role: "listitem", class: "sw-boardline" }, row, this.#room);
    this.#stop.addEventListener("click", () => this.store?.stop(), { signal });
    this.#fold.addEventListener("click", () => open(this), { signal });
    signal.addEventListener("abort", () => this.fold(), { once: true });
    setHidden(this.#stop, true);
    setHidden(this.#bar, true);
    setText(this.#title, `Run ${index + 1}`);
    setAttribute(this.#fold, "aria-label", "Open the run");
  }

  /** Remembers what is worth a word of the parts that changed; the last one holds. */
  note(ids: Iterable<string>, reset: boolean): void {
    if (reset) this.#newest = this.#progress = null;
    for (const id of ids) {
      const part = this.store?.document.byId.get(id);
      if (!part) continue;
      if (part.kind === "progress") this.#progress = part;
      if (["text", "step", "reasoning", "error"].includes(part.kind)) this.#newest = part;
    }
  }

  draw(): void {
    const { store } = this;
    if (!store) return;
    const { status } = store;
    const title = label(status.title) || `Run ${this.index + 1}`;
    setText(this.#title, title);
    setAttribute(this.#title, "title", title);
    setText(this.#state, statusWords(store));
    setAttribute(this.element, "data-state", shownState(store));
    setText(this.#saying, this.#words());
    const rate = store.alive ? rateWords(store) : "";
    const tokens = status.token_count > 0 ? `${count(status.token_count)} tokens` : "";
    setText(this.#facts, [tokens, rate, costWords(status)].filter(Boolean).join("  ·  "));
    setAttribute(this.#fold, "aria-label", `Open ${title}`);
    setAttribute(this.#stop, "aria-label", `Stop ${title}`);
    setHidden(this.#stop, !store.alive);
    this.#stop.disabled = status.state === "stopping" || store.stopping.phase === "sent" || store.stopping.phase === "heard";
    this.#drawBar(title);
    this.tick();
  }

  tick(): void {
    if (this.store) setText(this.#elapsed, elapsedWords(this.store.elapsed_s()));
  }

  rank(key: SortKey): number {
    if (!this.store || key === "order") return key === "order" ? this.index : STATE_ORDER.length;
    if (key === "state") return STATE_ORDER.indexOf(shownState(this.store));
    return isFinal(this.store.status.state) ? -1 : -(this.#ratio() ?? 0);
  }

  toggle(show: BoardGiven["show"]): void {
    if (this.#over || !this.store) return this.fold();
    this.#over = new AbortController();
    setHidden(this.#room, false);
    setAttribute(this.#fold, "aria-expanded", "true");
    show(this.store, this.#room, this.#over.signal);
  }

  fold(): void {
    this.#over?.abort();
    this.#over = null;
    this.#room.replaceChildren();
    setHidden(this.#room, true);
    setAttribute(this.#fold, "aria-expanded", "false");
  }

  #ratio(): number | null {
    const completed = finite(this.#progress?.fields["completed"]);
    const total = finite(this.#progress?.fields["total"]);
    return completed === null || total === null || total <= 0 ? null : Math.min(1, Math.max(0, completed / total));
  }

  #drawBar(title: string): void {
    const ratio = this.#ratio();
    setHidden(this.#bar, ratio === null);
    if (ratio === null) return;
    this.#fill.style.transform = `scaleX(${ratio})`;
    setAttribute(this.#bar, "aria-label", `Progress of ${title}`);
    setAttribute(this.#bar, "aria-valuemin", "0");
    setAttribute(this.#bar, "aria-valuemax", "100");
    setAttribute(this.#bar, "aria-valuenow", String(Math.floor(ratio * 100)));
  }

  /** At the end what happened, until then what is said now. */
  #words(): string {
    const { status } = this.store!;
    if (status.sentence) return label(status.sentence);
    const part = this.#newest;
    if (!part) return "";
    const text = part.kind === "step" ? part.fields["name"] : part.kind === "error" ? part.fields["message"] : lastLine(part);
    return label(text);
  }
}

const lastLine = (part: Part): string => textTail(part).trimEnd().split("\n").at(-1) ?? "";
