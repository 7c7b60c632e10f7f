/** What the loader calls. Evaluated once per page, however many models and views there are. */

import { pageClock } from "./clock.ts";
import { addStyle } from "./dom.ts";
import { Store } from "./store.ts";
import css from "./style/index.css";
import { View } from "./view.ts";
import type { Model } from "./wire.ts";

/** Tests read here how often this code was evaluated in the page. */
const EVALUATIONS = Symbol.for("streamwidget/evaluations");

const page = globalThis as unknown as { [key: symbol]: number | undefined };
page[EVALUATIONS] = (page[EVALUATIONS] ?? 0) + 1;
addStyle(css);

/** Something that came before this code was there: the kind of message, and its value. */
export type Early = readonly [kind: string, value: unknown];

/** The store of one model, with what came before it; later values go to its `receive`. */
export function connect(model: Model, early: readonly Early[]): Store {
  const store = new Store(model, pageClock);
  store.attach(model.get("snapshot"), model.get("patch"));
  for (const [kind, value] of early) store.receive(kind, value);
  return store;
}

/** Shows the store in `el` until `signal` aborts. */
export function mount({ store, el, signal }: { store: Store; el: HTMLElement; signal: AbortSignal }): void {
  el.append(new View(store, pageClock, signal).element);
}
