/** The head of a view: title, state, times, rate, and the stop button. Never scrolls away. */

import { create, setAttribute, setHidden, setText } from "./dom.ts";
import { label } from "./safety.ts";
import type { Store } from "./store.ts";
import { elapsedWords, firstWords, rateWords, statusWords } from "./words.ts";

/** A rate that changes more often cannot be read. */
const RATE_EVERY_MS = 500;

export class Header {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #title = create("div", { class: "sw-title" });
  readonly #status = create("span", { class: "sw-status" });
  readonly #elapsed = create("span", { class: "sw-elapsed" });
  readonly #first = create("span", { class: "sw-first" });
  readonly #rate = create("span", { class: "sw-rate" });
  readonly #stop = create("button", { class: "sw-stop", type: "button" }, "Stop");
  #rateAt = -Infinity;

  constructor(store: Store, signal: AbortSignal) {
    this.#store = store;
    const facts = [this.#elapsed, this.#first, this.#rate];
    const line = create("div", { class: "sw-facts" }, this.#status, ...facts);
    const heading = create("div", { class: "sw-heading" }, this.#title, line);
    this.element = create("div", { class: "sw-header" }, heading, this.#stop);
    this.#stop.addEventListener("click", () => store.stop(), { signal });
  }

  get title(): string {
    return label(this.#store.status.title) || "Stream";
  }

  update(): void {
    const store = this.#store;
    const { phase } = store.stopping;
    setText(this.#title, this.title);
    setAttribute(this.#title, "title", this.title);
    setText(this.#status, statusWords(store));
    setText(this.#first, firstWords(store.status));
    setHidden(this.#first, store.status.first_token_s === null);
    setHidden(this.#stop, !store.alive || store.link.state === "gone");
    const asked = store.status.state === "stopping" || phase === "sent" || phase === "heard";
    if (this.#stop.disabled !== asked) this.#stop.disabled = asked;
    if (!store.alive) this.#rateAt = -Infinity;
    this.tick(store.elapsed_s());
  }

  tick(elapsed_s: number | null): void {
    setText(this.#elapsed, elapsedWords(elapsed_s));
    setHidden(this.#elapsed, elapsed_s === null);
    const now = performance.now();
    if (now - this.#rateAt < RATE_EVERY_MS) return;
    this.#rateAt = now;
    const rate = rateWords(this.#store);
    setText(this.#rate, rate);
    setHidden(this.#rate, rate === "");
  }
}
