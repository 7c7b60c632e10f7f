/** What the loader calls. Evaluated once per page, however many models and views there are. */

import { BoardLink } from "./board.ts";
import { pageClock } from "./clock.ts";
import type { evaluate } from "./code.ts";
import { commIdOf } from "./control.ts";
import { addStyle } from "./dom.ts";
import { loadWith } from "./lazy.ts";
import { register } from "./registry.ts";
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

/** The store of one model, with what came before it; later values go to its `receive`. `run` makes code of bytes. */
export function connect(model: Model, early: readonly Early[], run: typeof evaluate): Store | BoardLink {
  loadWith(run);
  const views = model.get("_views");
  if (Array.isArray(views)) return new BoardLink(model, views.map(String));
  const store = new Store(model, pageClock);
  store.attach(model.get("snapshot"), model.get("patch"));
  for (const [kind, value] of early) store.receive(kind, value);
  register(commIdOf(store.runId), store);
  return store;
}

/** Shows the store in `el` until `signal` aborts. */
export function mount({ store, el, signal }: { store: Store | BoardLink; el: HTMLElement; signal: AbortSignal }): void {
  if (store instanceof BoardLink) store.mount(el, signal, show);
  else show(store, el, signal);
}

function show(store: Store, el: HTMLElement, signal: AbortSignal): void {
  el.append(new View(store, pageClock, signal).element);
}
