/** What a board is given of its page: its title, and the stores of its views as they come. */

import type { BoardGiven } from "./board.ts";
import type { Show } from "../board.ts";
import { pageClock } from "../clock.ts";
import { whenRegistered } from "../registry.ts";
import { label } from "../safety.ts";
import type { Json, Model } from "../wire.ts";

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
      whenRegistered(view.replace(/^IPY_MODEL_/, ""), (store) => found(at, store));
    }
  },
  clock: pageClock,
  show,
  signal,
});
