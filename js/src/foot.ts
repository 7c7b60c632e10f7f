/** The line below the text: how much has come, what happened in the end, how the stop went. */

import { create, setHidden, setText } from "./dom.ts";
import type { Store } from "./store.ts";
import { BUSY, footWords, GONE, shownState, stopWords } from "./words.ts";

const SENTENCE_CHARS = 2000;

export class Foot {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #alert = create("div", { class: "sw-alert", role: "alert" });
  readonly #sentence = create("span", { class: "sw-sentence" });
  readonly #moments = create("span", { class: "sw-moments" });
  readonly #hint = create("span", { class: "sw-hint" }, "Esc stops");

  constructor(store: Store) {
    this.#store = store;
    const line = create("div", { class: "sw-footline" }, this.#sentence, this.#moments, this.#hint);
    this.element = create("div", { class: "sw-foot" }, this.#alert, line);
  }

  update(): void {
    const store = this.#store;
    const alert = this.#alertWords();
    setText(this.#alert, alert);
    setHidden(this.#alert, alert === "");
    setText(this.#sentence, footWords(store).slice(0, SENTENCE_CHARS));
    const moments = stopWords(store);
    setText(this.#moments, moments);
    setHidden(this.#moments, moments === "");
    setHidden(this.#hint, !store.alive || moments !== "" || alert !== "");
  }

  #alertWords(): string {
    const state = shownState(this.#store);
    if (state === "gone") return GONE;
    return state === "stopping" && this.#store.stopping.phase === "busy" ? BUSY : "";
  }
}
