/** The line below the text: how much was received, at the end the figures of the run, and how a stop went. */

import type { Clock } from "../base/clock.ts";
import { create, setHidden, setText } from "../base/dom.ts";
import type { Store } from "../protocol/store.ts";
import { footWords, stopWords, warningWords } from "../words/status-words.ts";
import * as english from "../words/english.ts";

const SENTENCE_CHARS = 2000;
const TOAST_MS = 4000;

export class Foot {
  readonly element: HTMLElement;
  /** The line itself, to which other controls are appended. */
  readonly line: HTMLElement;
  readonly #store: Store;
  readonly #alert = create("div", { class: "sw-alert" });
  readonly #sentence = create("span", { class: "sw-sentence" });
  readonly #moments = create("span", { class: "sw-moments" });
  readonly #hint = create("span", { class: "sw-hint" }, english.ESC_STOPS);

  readonly #clock: Clock;
  /** Shows the result of an action for a moment. */
  readonly #toast = create("span", { class: "sw-toast", hidden: "" });
  #cancelToast: (() => void) | null = null;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    const words = [this.#alert, this.#sentence, this.#moments, this.#hint, this.#toast];
    this.line = create("div", { class: "sw-footline" }, ...words);
    this.element = create("div", { class: "sw-foot" }, this.line);
  }

  say(words: string): void {
    this.#cancelToast?.();
    setText(this.#toast, words);
    setHidden(this.#toast, false);
    this.update();
    this.#cancelToast = this.#clock.after(TOAST_MS, () => {
      setHidden(this.#toast, true);
      this.update();
    });
  }

  update(): void {
    const store = this.#store;
    const alert = warningWords(store);
    setText(this.#alert, alert);
    setHidden(this.#alert, alert === "");
    setText(this.#sentence, footWords(store).slice(0, SENTENCE_CHARS));
    setHidden(this.#sentence, alert !== ""); // in its place: the foot keeps its height
    const moments = stopWords(store);
    setText(this.#moments, moments);
    setHidden(this.#moments, moments === "");
    setHidden(this.#hint, !store.alive || !this.#toast.hidden || moments !== "" || alert !== "");
  }
}
