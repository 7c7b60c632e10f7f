/** A board's model: which views it shows. It has no messages of its own. */

import { pageClock } from "../base/clock.ts";
import { label } from "../base/safety.ts";
import { adoptStyles } from "../base/styles.ts";
import { whenRegistered } from "../protocol/stores.ts";
import type { Json, Model } from "../protocol/wire.ts";
import { Board } from "./board.ts";
import * as english from "../words/english.ts";

export class BoardModel {
  readonly #model: Model;
  readonly #views: readonly string[];

  /** `views`: the models of its views, each as `IPY_MODEL_<id>`. */
  constructor(model: Model, views: readonly string[]) {
    this.#model = model;
    this.#views = views;
  }

  receive(_kind: string, _value: unknown): void {}

  mount(el: HTMLElement, signal: AbortSignal): void {
    const board = new Board({
      title: label(this.#model.get("title") as Json) || english.STREAMS,
      size: this.#views.length,
      runs: (found) => {
        for (const [at, view] of this.#views.entries()) {
          whenRegistered(view.replace(/^IPY_MODEL_/, ""), (run) => found(at, run), signal);
        }
      },
      clock: pageClock,
      signal,
    });
    adoptStyles(el);
    el.append(board.element);
    signal.addEventListener("abort", () => board.element.remove(), { once: true });
  }
}
