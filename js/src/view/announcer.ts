/** Announcements for screen readers: the start, the end, and explicit messages; never the tokens. */

import type { Clock } from "../base/clock.ts";
import { create, setText } from "../base/dom.ts";
import type { Store } from "../protocol/store.ts";
import { announcement, warningWords } from "../words/status-words.ts";

/** A shorter interval would cut off the previous announcement. */
const APART_MS = 3000;

export class Announcer {
  readonly element = create("div", { class: "sw-spoken", role: "status" });
  readonly #store: Store;
  readonly #clock: Clock;
  #over: boolean | null = null;
  #at = -Infinity;
  #warning = "";
  #cancel: (() => void) | null = null;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Announces the start, the end, and each kind of problem once; nothing for a run that had already ended. */
  update(): void {
    const warning = warningWords(this.#store);
    const kind = warning.replace(/\d+/g, ""); // seconds pass: the warning is the same
    if (kind !== this.#warning && warning !== "") this.say(warning);
    this.#warning = kind;
    const over = !this.#store.alive;
    const first = this.#over === null;
    if ((!first || !over) && this.#over !== over) this.say(announcement(this.#store));
    this.#over = over;
  }

  /** Announces the result of a key press at once. */
  answer(words: string): void {
    this.#cancel?.();
    this.#cancel = null;
    setText(this.element, words);
  }

  /** Announces now, or after the previous announcement; only the newest one waits. */
  say(words: string): void {
    this.#cancel?.();
    const wait = Math.max(0, this.#at + APART_MS - this.#clock.now());
    const speak = (): void => {
      this.#cancel = null;
      this.#at = this.#clock.now();
      setText(this.element, words);
    };
    if (wait === 0) speak();
    else this.#cancel = this.#clock.after(wait, speak);
  }
}
