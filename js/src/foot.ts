/** The line below the text: how much has come, what happened in the end, how the stop went. */

import type { Clock } from "./clock.ts";
import { create, setHidden, setText } from "./dom.ts";
import type { Store } from "./store.ts";
import { footWords, warningWords } from "./words.ts";

const SENTENCE_CHARS = 2000;
const TOAST_MS = 4000;

export class Foot {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #alert = create("div", { class: "sw-alert", role: "alert" });
  readonly #sentence = create("span", { class: "sw-sentence" });
  readonly #moments = create("span", { class: "sw-moments" });
  readonly #hint = create("span", { class: "sw-hint" }, "Esc stops");

  readonly #clock: Clock;
  /** Says for a moment how a wish went. */
  readonly #toast = create("span", { class: "sw-toast", hidden: "" });
  #cancelToast: (() => void) | null = null;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    const words = [this.#alert, this.#sentence, this.#moments, this.#hint, this.#toast];
    this.element = create("div", { class: "sw-foot" }, create("div", { class: "sw-footline" }, ...words));
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
    const moments = store.lazy.get("rest")?.stopWords(store) ?? "";
    setText(this.#moments, moments);
    setHidden(this.#moments, moments === "");
    setHidden(this.#hint, !store.alive || !this.#toast.hidden || moments !== "" || alert !== "");
  }
}
