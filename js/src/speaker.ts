/** What a screen reader hears: the start, the end, steps that begin or end; never the tokens between. */

import type { Clock } from "./clock.ts";
import { create, setText } from "./dom.ts";
import type { Changes, Part } from "./patch.ts";
import { label } from "./safety.ts";
import type { Store } from "./store.ts";
import { announcement } from "./words.ts";

/** Sooner, and the last words would be cut off. */
const APART_MS = 3000;

export class Speaker {
  readonly element = create("div", { class: "sw-spoken", role: "status" });
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #states = new Map<string, string>();
  #over: boolean | null = null;
  #at = -Infinity;
  #cancel: (() => void) | null = null;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Says the start, the end and the steps of the run itself; of a run that was over before, nothing. */
  update(changes: Changes | null): void {
    const over = !this.#store.alive;
    const first = this.#over === null;
    if (!first || !over) {
      if (this.#over !== over) this.say(announcement(this.#store));
      else if (changes && !over) this.#sayStep(changes);
    }
    this.#over = over;
  }

  /** Now, or when the last words have been heard; only the newest wait. */
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

  #sayStep(changes: Changes): void {
    let newest: Part | null = null;
    for (const id of changes.parts) {
      const part = this.#store.document.byId.get(id);
      if (part?.kind !== "step" || typeof part.fields["parent_id"] === "string") continue;
      const state = String(part.fields["state"]);
      if (this.#states.get(id) === state) continue;
      this.#states.set(id, state);
      newest = part;
    }
    if (newest) this.say(`${label(newest.fields["name"])}: ${label(newest.fields["state"])}`);
  }
}
