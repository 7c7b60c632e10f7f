/** One run of a board: a line with its status, and the whole view below when it is opened. */

import { create, icon, setAttribute, setHidden, setText } from "../base/dom.ts";
import { finite, label } from "../base/safety.ts";
import { textHead, textTail } from "../protocol/patch.ts";
import type { Part } from "../protocol/patch.ts";
import type { Store } from "../protocol/store.ts";
import type { RunModel } from "../protocol/stores.ts";
import { isFinal } from "../protocol/wire.ts";
import { asksReader, costWords, elapsedWords, endWords, rateWords, shownState, statusWords, tokensOut } from "../words/status-words.ts";
import { metricValues, rankOf } from "./sorting.ts";
import type { SortKey } from "./sorting.ts";
import * as english from "../words/english.ts";

const FOLD = "M4 6l4 4 4-4";
/** The text of a line for a run that has ended. */
const EXCERPT_CHARS = 300;

export class Line {
  readonly index: number;
  readonly element: HTMLElement;
  run: RunModel | null = null;
  readonly #title = create("span", { class: "sw-name" });
  readonly #state = create("span", { class: "sw-word" });
  readonly #saying = create("span", { class: "sw-lastline" });
  readonly #facts = create("span", { class: "sw-amount" });
  readonly #elapsed = create("span", { class: "sw-time" });
  readonly #fill = create("div", { class: "sw-fill" });
  readonly #bar = create("div", { class: "sw-bar", role: "progressbar" }, this.#fill);
  readonly #stop = create("button", { class: "sw-iconic sw-stop", type: "button", "aria-label": english.STOP, title: english.STOP });
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
    row.addEventListener("click", ({ target }) => {
      if (!(target as Element).closest("button, a") && document.getSelection()?.isCollapsed !== false) open(this);
    }, { signal });
    signal.addEventListener("abort", () => this.fold(), { once: true });
    setHidden(this.#stop, true);
    setHidden(this.#bar, true);
    setText(this.#title, english.runNumber(index + 1));
    setAttribute(this.#fold, "aria-label", english.OPEN_RUN);
  }

  get store(): Store | null {
    return this.run?.store ?? null;
  }

  /** Remembers the newest text of the changed parts for the line. */
  note(ids: Iterable<string>, reset: boolean): void {
    if (reset) this.#newest = this.#progress = null;
    for (const id of ids) {
      const part = this.store?.document.byId.get(id);
      if (!part) continue;
      if (part.kind === "progress") this.#progress = part;
      if (["text", "step", "reasoning", "error", "ask"].includes(part.kind)) this.#newest = part;
    }
  }

  draw(): void {
    const { store } = this;
    if (!store) return;
    const { status } = store;
    const { title } = this;
    setText(this.#state, statusWords(store));
    setAttribute(this.element, "data-state", shownState(store));
    setAttribute(this.element, "data-asks", asksReader(store) ? "true" : null);
    setText(this.#saying, this.#words());
    const rate = store.alive && !asksReader(store) ? rateWords(store) : "";
    const metrics = metricValues(store).slice(0, 1).map(({ name, value }) => english.named(name, value));
    setText(this.#facts, english.beside([...metrics, tokensOut(status), rate, costWords(status)]));
    setAttribute(this.#fold, "aria-label", english.openNamed(title));
    setAttribute(this.#stop, "aria-label", english.stopNamed(title));
    setHidden(this.#stop, !store.alive);
    this.#stop.disabled = status.state === "stopping" || store.stopping.phase === "sent" || store.stopping.phase === "heard";
    this.#drawBar(title);
    this.tick();
  }

  tick(): void {
    if (this.store) setText(this.#elapsed, elapsedWords(this.store.elapsed_s()));
  }

  /** The smallest comes first. */
  rank(key: SortKey): number {
    return this.store ? rankOf(key, this.store, this.#ratio()) : Infinity;
  }

  get title(): string {
    return label(this.store?.status.title) || english.runNumber(this.index + 1);
  }

  /** Shows the name, reduced to what differs from the other runs. */
  name(words: string): void {
    setText(this.#title, words);
    setAttribute(this.#title, "title", this.title);
  }

  get failed(): boolean {
    const { store } = this;
    return store !== null && ["failed", "incomplete"].includes(store.status.state) && store.status.can_retry === true;
  }

  toggle(): void {
    if (this.#over || !this.run) return this.fold();
    this.#over = new AbortController();
    setHidden(this.#room, false);
    setAttribute(this.#fold, "aria-expanded", "true");
    this.run.mount(this.#room, this.#over.signal);
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
    setAttribute(this.#bar, "aria-label", english.progressOf(title));
    setAttribute(this.#bar, "aria-valuemin", "0");
    setAttribute(this.#bar, "aria-valuemax", "100");
    setAttribute(this.#bar, "aria-valuenow", String(Math.floor(ratio * 100)));
  }

  /** The newest text; at the end the answer, or the error. */
  #words(): string {
    const store = this.store!;
    const { state } = store.status;
    const { parts } = store.document;
    if (state === "failed" || state === "incomplete") {
      const error = parts.findLast(({ kind }) => kind === "error");
      return label(error?.fields["message"], EXCERPT_CHARS);
    }
    if (state === "stopped") return endWords(store.status);
    if (isFinal(state)) {
      const answer = parts.findLast(({ kind }) => kind === "text");
      return answer ? label(textHead(answer, EXCERPT_CHARS).trim(), EXCERPT_CHARS) : "";
    }
    const part = this.#newest;
    if (!part) return "";
    if (part.kind === "ask") return label(part.fields["question"]);
    const text = part.kind === "step" ? part.fields["name"] : part.kind === "error" ? part.fields["message"] : lastLine(part);
    return label(text);
  }
}

const lastLine = (part: Part): string => textTail(part).trimEnd().split("\n").at(-1) ?? "";
