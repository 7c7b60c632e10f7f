/**
 * The header of a view: title, state, time and actions; while the run is live also its rate and cost.
 * It is always visible.
 */

import { create, icon, setAttribute, setHidden, setText } from "../base/dom.ts";
import { COPY, MENU, OUTLINE, PAUSE, RESUME, RETRY } from "../base/icons.ts";
import { label } from "../base/safety.ts";
import { Spark } from "./spark.ts";
import type { Store } from "../protocol/store.ts";
import { Confirm } from "./confirm.ts";
import { Cost } from "./cost.ts";
import { asksReader, costWords, elapsedWords, rateWords, statusWords } from "../words/status-words.ts";
import * as english from "../words/english.ts";

/** A rate that changes more often would be unreadable. */
const RATE_EVERY_MS = 500;

/** With fewer spans there is nothing to draw. */
const SPARK_COUNT = 4;

/** Actions of the buttons that the store does not provide. */
export interface Acts {
  copy(): void;
  /** Opens the outline below `button`. */
  outline(button: HTMLButtonElement): void;
  /** Opens the menu below `button`. */
  menu(button: HTMLButtonElement): void;
}

export class Header {
  readonly element: HTMLElement;
  /** The container of the step timeline. */
  readonly strip = create("div", { class: "sw-strip", hidden: "" });
  readonly #store: Store;
  readonly #signal: AbortSignal;
  readonly #title = create("div", { class: "sw-title" });
  readonly #status = create("span", { class: "sw-status" });
  readonly #elapsed = create("span", { class: "sw-elapsed" });
  readonly #rate = create("span", { class: "sw-rate" });
  readonly #cost = new Cost();
  #spark: Spark | null = null;
  readonly #stop = create("button", { class: "sw-stop", type: "button" }, english.STOP);
  readonly #pause = button("sw-pause", PAUSE, english.PAUSE);
  readonly #retryWords = create("span", {}, english.RETRY);
  readonly #retry = create("button", { class: "sw-retry", type: "button" }, icon(RETRY), this.#retryWords);
  readonly #outline = button("sw-outline", OUTLINE, english.OUTLINE);
  readonly #copy = button("sw-copy", COPY, english.COPY_MARKDOWN);
  readonly #menu = button("sw-more", MENU, english.MORE);
  #rateAt = -Infinity;
  /** Asks for confirmation before an action that costs money. */
  readonly confirm = new Confirm();

  constructor(store: Store, acts: Acts, signal: AbortSignal) {
    this.#store = store;
    this.#signal = signal;
    const rate = create("span", { class: "sw-pair" }, this.#rate);
    const facts = [this.#elapsed, rate, this.#cost.element];
    const line = create("div", { class: "sw-facts" }, this.#status, ...facts);
    const heading = create("div", { class: "sw-heading" }, this.#title, line);
    const buttons = [this.#pause, this.#stop, this.#retry, this.#outline, this.#copy, this.#menu];
    const actions = create("div", { class: "sw-actions" }, ...buttons);
    this.element = create("div", { class: "sw-header" }, heading, actions);
    for (const opener of [this.#menu, this.#outline]) {
      setAttribute(opener, "aria-haspopup", "menu");
      setAttribute(opener, "aria-expanded", "false");
    }
    setHidden(this.#outline, true);
    const on = (element: HTMLElement, act: () => void): void =>
      element.addEventListener("click", act, { signal });
    on(this.#stop, () => store.stop());
    on(this.#pause, () => store.pause());
    on(this.#retry, () => this.askRetry());
    on(this.#outline, () => acts.outline(this.#outline));
    on(this.#copy, () => acts.copy());
    on(this.#menu, () => acts.menu(this.#menu));
  }

  get title(): string {
    return label(this.#store.status.title) || english.STREAM;
  }

  update(): void {
    const store = this.#store;
    const { status } = store;
    const { phase } = store.stopping;
    setText(this.#title, this.title);
    setAttribute(this.#title, "title", this.title);
    setText(this.#status, statusWords(store));
    const there = store.link.state !== "gone";
    const live = store.alive && there;
    this.#cost.update(live ? status : null);
    setHidden(this.#stop, !live);
    const asked = status.state === "stopping" || phase === "sent" || phase === "heard";
    if (this.#stop.disabled !== asked) this.#stop.disabled = asked;
    this.#updatePause(live && status.can_pause === true && !asked);
    const pending = store.pending !== null;
    for (const each of [this.#pause, this.#retry]) if (each.disabled !== pending) each.disabled = pending;
    setHidden(this.#retry, !this.canRetry || this.#isInMenu);
    setText(this.#retryWords, this.#costs ? english.RETRY_ASKS : english.RETRY);
    setHidden(this.#copy, store.document.parts.length === 0);
    this.#fact(this.#elapsed, elapsedWords(store.elapsed_s()));
    this.#updateRate();
  }

  get canRetry(): boolean {
    const { alive, link, status } = this.#store;
    return !alive && link.state !== "gone" && status.can_retry === true;
  }

  /** The retry for the menu, if it is not in the header; else null. */
  get menuRetry(): (() => void) | null {
    return this.canRetry && this.#isInMenu ? () => this.askRetry() : null;
  }

  /** A retry that costs money is in the menu, unless the run needs one. */
  get #isInMenu(): boolean {
    const { state } = this.#store.status;
    return this.#costs && state !== "failed" && state !== "incomplete";
  }

  get #costs(): boolean {
    return (this.#store.status.cost ?? 0) > 0;
  }

  setOutline(shown: boolean): void {
    setHidden(this.#outline, !shown);
  }

  /** Retries; asks for confirmation first if the last run cost money. */
  askRetry(): void {
    const { status } = this.#store;
    if (!this.#costs) return this.#store.retry();
    const last = costWords({ ...status, budget: null });
    this.confirm.ask(english.retryQuestion(last), english.RETRY, () => this.#store.retry());
  }

  #updateRate(): void {
    const now = performance.now();
    if (this.#store.alive && now - this.#rateAt < RATE_EVERY_MS) return;
    this.#rateAt = now;
    this.#fact(this.#rate, this.#store.alive && !asksReader(this.#store) ? rateWords(this.#store) : "");
    this.#drawSpark();
  }

  #updatePause(shown: boolean): void {
    const paused = this.#store.status.state === "paused";
    setHidden(this.#pause, !shown);
    const words = paused ? english.RESUME : english.PAUSE;
    if (this.#pause.title === words) return;
    setAttribute(this.#pause, "title", words);
    setAttribute(this.#pause, "aria-label", words);
    this.#pause.replaceChildren(icon(paused ? RESUME : PAUSE));
  }

  #fact(element: HTMLElement, words: string): void {
    setText(element, words);
    setHidden(element, words === "");
  }

  /** The token rate over the whole run; nothing for a run that has just started. */
  #drawSpark(): void {
    if (!this.#store.alive) return this.#spark?.draw([]);
    const rates = this.#store.history.rates();
    if (rates.length < SPARK_COUNT) return;
    if (!this.#spark) {
      this.#rate.after((this.#spark = new Spark()).element);
      keepRoom(this.#status.parentElement!, this.#signal);
    }
    this.#spark.draw(rates);
  }
}

/** Keeps the greatest height that `line` has had at its width, so that content below it never moves up. */
function keepRoom(line: HTMLElement, signal: AbortSignal): void {
  let [kept_px, width_px] = [0, 0];
  const sizes = new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect;
    const same = Math.abs(width - width_px) < 1;
    if (same && height <= kept_px) return;
    if (!same) line.style.minHeight = "";
    width_px = width;
    kept_px = same ? height : line.offsetHeight;
    line.style.minHeight = `${kept_px}px`;
  });
  sizes.observe(line);
  signal.addEventListener("abort", () => sizes.disconnect(), { once: true });
}

const button = (name: string, path: string, words: string): HTMLButtonElement =>
  create("button", { class: `sw-iconic ${name}`, type: "button", title: words, "aria-label": words }, icon(path));
