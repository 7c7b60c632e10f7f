/** What a board is given of its page: its title, and the stores of its views as they come. */

import type { BoardGiven } from "./board.ts";
import type { Show } from "../board.ts";
import { pageClock } from "../clock.ts";
import { stores, watching } from "../registry.ts";
import { label } from "../safety.ts";
import type { Store } from "../store.ts";
import type { Json, Model } from "../wire.ts";

/** Calls `found` with the store of the model: now, or when it is there. */
function whenRegistered(modelId: string, found: (store: Store) => void, signal: AbortSignal): void {
  const look = (): void => {
    const store = stores.get(modelId);
    if (!store) return;
    watching.delete(look);
    found(store);
  };
  watching.add(look);
  signal.addEventListener("abort", () => watching.delete(look), { once: true });
  look();
}

interface Place {
  model: Model;
  /** The models of its views, each as `IPY_MODEL_<id>`. */
  views: readonly string[];
  show: Show;
  signal: AbortSignal;
}

export const boardOf = ({ model, views, show, signal }: Place): BoardGiven => ({
  title: label(model.get("title") as Json) || "Board",
  size: views.length,
  stores: (found) => {
    for (const [at, view] of views.entries()) {
      whenRegistered(view.replace(/^IPY_MODEL_/, ""), (store) => found(at, store), signal);
    }
  },
  clock: pageClock,
  show,
  signal,
});
