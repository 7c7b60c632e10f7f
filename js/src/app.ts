/** The entry points that the loader calls. Evaluated once per page, for any number of models and views. */

import { pageClock } from "./base/clock.ts";
import { addStyle, adoptStyles } from "./base/styles.ts";
import { BoardModel } from "./board/board-model.ts";
import { readChatOptions } from "./chat/chat-messages.ts";
import { ChatModel } from "./chat/chat-model.ts";
import { LateCode } from "./delivery/late-code.ts";
import { runKept, SavedOutput, saverOf } from "./delivery/saved-output.ts";
import { commIdOf } from "./protocol/control.ts";
import { Store } from "./protocol/store.ts";
import { register } from "./protocol/stores.ts";
import type { RunModel } from "./protocol/stores.ts";
import type { Model } from "./protocol/wire.ts";
import css from "./style/index.css";
import { EndNotice } from "./view/end-notice.ts";
import { View } from "./view/view.ts";

/** How often this code was evaluated in the page; read by tests. */
const EVALUATIONS = Symbol.for("streamwidget/evaluations");

const page = globalThis as unknown as { [key: symbol]: number | undefined };
page[EVALUATIONS] = (page[EVALUATIONS] ?? 0) + 1;
addStyle(css);

/** A value that the kernel sent before this code was loaded, with the name of its trait. */
export type Early = readonly [kind: string, value: unknown];

interface Given {
  model: Model;
  early: readonly Early[];
  /** Aborts when the model is closed. */
  signal: AbortSignal;
}

/** One model, ready to be shown any number of times. */
export interface Connected {
  receive(kind: string, value: unknown): void;
  mount(el: HTMLElement, signal: AbortSignal): void;
}

/** Connects a model; later values of its traits go to `receive`. */
export function connect({ model, early, signal }: Given): Connected {
  const views = model.get("_views");
  if (Array.isArray(views)) return new BoardModel(model, views.map(String), signal);
  const chat = readChatOptions(model.get("_chat"));
  if (chat) return connected(new ChatModel(model, chat, signal), early);
  const run = new ViewModel(model, signal);
  connected(run, early);
  register(commIdOf(run.store.runId), run, signal);
  return run;
}

function connected(to: Connected, early: readonly Early[]): Connected {
  for (const [kind, value] of early) to.receive(kind, value);
  return to;
}

/** The model of a view: its store, and the code that is loaded when it is needed. */
class ViewModel implements RunModel, Connected {
  readonly store: Store;
  readonly #late: LateCode;
  readonly #saved: SavedOutput;

  constructor(model: Model, signal: AbortSignal) {
    this.store = new Store(model, pageClock, saverOf(model));
    this.#saved = new SavedOutput({ model, kept: runKept(this.store), clock: pageClock, signal });
    new EndNotice({ store: this.store, clock: pageClock, signal });
    this.store.attach(model.get("snapshot"), model.get("patch"));
    signal.addEventListener("abort", () => this.store.dispose(), { once: true });
    this.#late = new LateCode(model, (what) => void this.store.command("code", { what }), signal);
  }

  receive(kind: string, value: unknown): void {
    this.store.receive(kind, value);
  }

  mount(el: HTMLElement, signal: AbortSignal): void {
    const { store } = this;
    adoptStyles(el);
    el.append(new View({ store, saved: this.#saved, late: this.#late, clock: pageClock, signal }).element);
    this.#saved.shown();
  }
}
