/** The head of a view: title, state, times, rate, tokens, and what one can do. Never scrolls away. */

import { create, icon, setAttribute, setHidden, setText } from "./dom.ts";
import { COPY, MENU, PAUSE, RESUME, RETRY } from "./icons.ts";
import { label } from "./safety.ts";
import type { Spark } from "./spark.ts";
import type { Status } from "./wire.ts";
import type { Store } from "./store.ts";
import { elapsedWords, firstWords, rateWords, statusWords, tokenWords } from "./words.ts";

/** A rate that changes more often cannot be read. */
const RATE_EVERY_MS = 500;
/** With fewer counts of tokens there is no line to draw. */
const SPARK_COUNT = 10;

/** What the buttons do that is not the store's own. */
export interface Acts {
  copy(): void;
  /** Opens the menu below `button`. */
  menu(button: HTMLButtonElement): void;
}

export class Header {
  readonly element: HTMLElement;
  /** Where the timeline of the steps goes. */
  readonly strip = create("div", { class: "sw-strip", hidden: "" });
  readonly #store: Store;
  readonly #title = create("div", { class: "sw-title" });
  readonly #status = create("span", { class: "sw-status" });
  readonly #elapsed = create("span", { class: "sw-elapsed" });
  readonly #first = create("span", { class: "sw-first" });
  readonly #rate = create("span", { class: "sw-rate" });
  readonly #tokens = create("span", { class: "sw-tokens" });
  readonly #cost = create("span", { class: "sw-cost" });
  #spark: Spark | null = null;
  readonly #stop = create("button", { class: "sw-stop", type: "button" }, "Stop");
  readonly #pause = button("sw-pause", PAUSE, "Pause");
  readonly #retry = create("button", { class: "sw-retry", type: "button" }, icon(RETRY), "Retry");
  readonly #copy = button("sw-copy", COPY, "Copy as Markdown");
  readonly #menu = button("sw-more", MENU, "More");
  #rateAt = -Infinity;

  constructor(store: Store, acts: Acts, signal: AbortSignal) {
    this.#store = store;
    const rate = create("span", { class: "sw-pair" }, this.#rate);
    const facts = [this.#elapsed, this.#first, rate, this.#tokens, this.#cost];
    const line = create("div", { class: "sw-facts" }, this.#status, ...facts);
    const heading = create("div", { class: "sw-heading" }, this.#title, line);
    const buttons = [this.#pause, this.#stop, this.#retry, this.#copy, this.#menu];
    const actions = create("div", { class: "sw-actions" }, ...buttons);
    this.element = create("div", { class: "sw-header" }, heading, actions);
    setAttribute(this.#menu, "aria-haspopup", "menu");
    setAttribute(this.#menu, "aria-expanded", "false");
    const on = (element: HTMLElement, act: () => void): void =>
      element.addEventListener("click", act, { signal });
    on(this.#stop, () => store.stop());
    on(this.#pause, () => store.pause());
    on(this.#retry, () => store.retry());
    on(this.#copy, () => acts.copy());
    on(this.#menu, () => acts.menu(this.#menu));
  }

  get title(): string {
    return label(this.#store.status.title) || "Stream";
  }

  update(): void {
    const store = this.#store;
    const { status } = store;
    const { phase } = store.stopping;
    setText(this.#title, this.title);
    setAttribute(this.#title, "title", this.title);
    setText(this.#status, statusWords(store));
    this.#fact(this.#first, firstWords(status));
    this.#fact(this.#tokens, tokenWords(status));
    this.#drawCost(status);
    const there = store.link.state !== "gone";
    const live = store.alive && there;
    setHidden(this.#stop, !live);
    const asked = status.state === "stopping" || phase === "sent" || phase === "heard";
    if (this.#stop.disabled !== asked) this.#stop.disabled = asked;
    this.#updatePause(live && status.can_pause === true && !asked);
    setHidden(this.#retry, store.alive || !there || status.can_retry !== true);
    setHidden(this.#copy, store.document.parts.length === 0);
    this.#fact(this.#elapsed, elapsedWords(store.elapsed_s()));
    this.#updateRate();
  }

  #updateRate(): void {
    const now = performance.now();
    if (this.#store.alive && now - this.#rateAt < RATE_EVERY_MS) return;
    this.#rateAt = now;
    this.#fact(this.#rate, rateWords(this.#store));
    this.#drawSpark();
  }

  #drawCost(status: Status): void {
    if (typeof status.cost !== "number" && !status.budget) return setHidden(this.#cost, true);
    this.#fact(this.#cost, this.#store.lazy.get("rest")?.costWords(status) ?? "");
  }

  #updatePause(shown: boolean): void {
    const paused = this.#store.status.state === "paused";
    setHidden(this.#pause, !shown);
    const words = paused ? "Resume" : "Pause";
    if (this.#pause.title === words) return;
    setAttribute(this.#pause, "title", words);
    setAttribute(this.#pause, "aria-label", words);
    this.#pause.replaceChildren(icon(paused ? RESUME : PAUSE));
  }

  #fact(element: HTMLElement, words: string): void {
    setText(element, words);
    setHidden(element, words === "");
  }

  /** The token rate over the whole run: of one that has just begun there is nothing to draw. */
  #drawSpark(): void {
    const { counts, lazy } = this.#store;
    if (counts.list.length < SPARK_COUNT) return;
    const rest = lazy.get("rest");
    if (!rest) return;
    if (!this.#spark) {
      this.#rate.after((this.#spark = new rest.Spark()).element);
      rest.keepRoom(this.#status.parentElement!);
    }
    this.#spark.draw(counts.list);
  }
}

const button = (name: string, path: string, words: string): HTMLButtonElement =>
  create("button", { class: `sw-iconic ${name}`, type: "button", title: words, "aria-label": words }, icon(path));
