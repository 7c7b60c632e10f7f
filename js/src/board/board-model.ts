/** The model of a board: the views that it shows, and their record in the notebook. */

import { pageClock } from "../base/clock.ts";
import type { Clock } from "../base/clock.ts";
import { label } from "../base/safety.ts";
import { adoptStyles } from "../base/styles.ts";
import { phaseOf, SavedOutput } from "../delivery/saved-output.ts";
import type { Kept } from "../delivery/saved-output.ts";
import { whenRegistered } from "../protocol/stores.ts";
import type { RunModel } from "../protocol/stores.ts";
import type { Custom, Json, Model } from "../protocol/wire.ts";
import { Board } from "./board.ts";
import * as english from "../words/english.ts";

const LOOK_MS = 250;

export class BoardModel {
  readonly #model: Model;
  readonly #views: readonly string[];
  readonly #saved: SavedOutput;

  /** `views`: the models of the views, each as `IPY_MODEL_<id>`. */
  constructor(model: Model, views: readonly string[], signal: AbortSignal) {
    this.#model = model;
    this.#views = views.map((view) => view.replace(/^IPY_MODEL_/, ""));
    const kept = new BoardKept(model, this.#views, pageClock, signal);
    this.#saved = new SavedOutput({ model, kept, clock: pageClock, signal });
  }

  receive(_kind: string, _value: unknown): void {}

  mount(el: HTMLElement, signal: AbortSignal): void {
    const board = new Board({
      title: label(this.#model.get("title") as Json) || english.STREAMS,
      size: this.#views.length,
      runs: (found) => {
        for (const [at, view] of this.#views.entries()) whenRegistered(view, (run) => found(at, run), signal);
      },
      clock: pageClock,
      signal,
    });
    adoptStyles(el);
    el.append(board.element);
    signal.addEventListener("abort", () => board.element.remove(), { once: true });
    this.#saved.shown();
  }
}

/** The runs of a board as one: it has ended when all of them have. */
export class BoardKept implements Kept {
  readonly modelId: string;
  readonly customs = new Set<Custom>();
  readonly #model: Model;
  readonly #clock: Clock;
  readonly #size: number;
  readonly #runs = new Map<string, RunModel>();
  readonly #listeners = new Set<() => void>();
  #looking = false;

  constructor(model: Model, views: readonly string[], clock: Clock, signal: AbortSignal) {
    this.modelId = String(model.get("_id") ?? "");
    this.#model = model;
    this.#clock = clock;
    this.#size = new Set(views).size;
    const take = (...message: Parameters<Custom>): void => {
      for (const listener of this.customs) listener(...message);
    };
    model.on("msg:custom", take);
    signal.addEventListener("abort", () => model.off("msg:custom", take), { once: true });
    for (const view of views) whenRegistered(view, (run) => this.#found(view, run, signal), signal);
  }

  /** A board with a run that is not on this page is not written. */
  get phase(): Kept["phase"] {
    const phases = new Set([...this.#runs.values()].map(({ store }) => phaseOf(store)));
    if (this.#runs.size < this.#size || phases.has("unknown")) return "unknown";
    return phases.has("live") ? "live" : phases.has("lost") ? "lost" : "over";
  }

  get version(): string {
    return [...this.#runs.values()].map(({ store }) => `${store.runId} ${store.status.rev}`).join();
  }

  ask(): boolean {
    try {
      this.#model.send({ cmd: "record", run_id: "", request_id: `${Math.random()}` });
      return true;
    } catch {
      return false;
    }
  }

  subscribe(changed: () => void, signal: AbortSignal): void {
    this.#listeners.add(changed);
    signal.addEventListener("abort", () => this.#listeners.delete(changed), { once: true });
  }

  #found(view: string, run: RunModel, signal: AbortSignal): void {
    this.#runs.set(view, run);
    run.store.subscribe(() => this.#changed(), signal);
    this.#changed();
  }

  /** Many runs change together, so one check serves all. */
  #changed(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#clock.after(LOOK_MS, () => {
      this.#looking = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
