/** A board's model: knows which views it shows; what draws them comes in the extras. */

import { pageClock } from "./clock.ts";
import { create } from "./dom.ts";
import { More } from "./more.ts";
import { whenRegistered } from "./registry.ts";
import { label } from "./safety.ts";
import type { Store } from "./store.ts";
import type { CommandMessage, Json, Model } from "./wire.ts";

export type Show = (store: Store, el: HTMLElement, signal: AbortSignal) => void;

export class BoardLink {
  readonly #model: Model;
  readonly #views: readonly string[];
  readonly #more: More;

  constructor(model: Model, views: readonly string[]) {
    this.#model = model;
    this.#views = views;
    this.#more = new More(model, () => this.#ask());
  }

  /** A board has no messages of its own: its views have them. */
  receive(_kind: string, _value: unknown): void {}

  mount(el: HTMLElement, signal: AbortSignal, show: Show): void {
    const waiting = create("div", { class: "sw-view" }, `${this.#views.length} runs …`);
    el.append(waiting);
    signal.addEventListener("abort", () => el.replaceChildren(), { once: true });
    this.#more.load().then(({ mountBoard }) => {
      if (signal.aborted) return;
      const board = mountBoard({
        title: label(this.#model.get("title") as Json) || "Board",
        size: this.#views.length,
        stores: (found) => {
          for (const [at, view] of this.#views.entries()) {
            whenRegistered(view.replace(/^IPY_MODEL_/, ""), (store) => found(at, store));
          }
        },
        clock: pageClock,
        show,
        signal,
      });
      waiting.replaceWith(board);
    }, () => waiting.replaceChildren("The code of the board did not arrive: the kernel is gone."));
  }

  #ask(): CommandMessage | null {
    const message: CommandMessage = { cmd: "code", run_id: "", request_id: String(Math.random()), what: "extras" };
    try {
      void this.#model.send(message);
      return message;
    } catch {
      return null;
    }
  }
}
