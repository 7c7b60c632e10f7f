/** A board's model: knows which views it shows; what draws them comes in the extras. */

import { create } from "./dom.ts";
import { Lazy } from "./lazy.ts";
import type { Store } from "./store.ts";
import type { Model } from "./wire.ts";

export type Show = (store: Store, el: HTMLElement, signal: AbortSignal) => void;

export class BoardLink {
  readonly #model: Model;
  readonly #views: readonly string[];
  readonly #lazy: Lazy;

  constructor(model: Model, views: readonly string[]) {
    this.#model = model;
    this.#views = views;
    this.#lazy = new Lazy(model, (what) => this.#ask(what));
    this.#lazy.want("extras");
  }

  /** A board has no messages of its own: its views have them. */
  receive(_kind: string, _value: unknown): void {}

  mount(el: HTMLElement, signal: AbortSignal, show: Show): void {
    const waiting = create("div", { class: "sw-view" }, `${this.#views.length} runs …`);
    el.append(waiting);
    signal.addEventListener("abort", () => el.replaceChildren(), { once: true });
    const draw = (): void => {
      const extras = this.#lazy.get("extras");
      if (!extras || signal.aborted) return;
      stop();
      waiting.replaceWith(extras.mountBoard(extras.boardOf({ model: this.#model, views: this.#views, show, signal })));
    };
    const stop = this.#lazy.whenMore(draw);
    signal.addEventListener("abort", stop, { once: true });
    draw();
  }

  #ask(what: string): void {
    try {
      void this.#model.send({ cmd: "code", run_id: "", request_id: String(Math.random()), what });
    } catch {} // the kernel is gone: then the carrier must be in the saved state
  }
}
