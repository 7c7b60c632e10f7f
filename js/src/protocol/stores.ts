/** The runs of this page by the ID of their model, for boards. */

import type { Store } from "./store.ts";

/** A run that can be shown. */
export interface RunModel {
  readonly store: Store;
  /** Shows the whole run in `el` until `signal` aborts. */
  mount(el: HTMLElement, signal: AbortSignal): void;
}

const runs = new Map<string, RunModel>();
const watching = new Set<() => void>();

/** Registers the run until `signal` aborts. */
export function register(modelId: string, run: RunModel, signal: AbortSignal): void {
  if (modelId === "" || signal.aborted) return;
  runs.set(modelId, run);
  signal.addEventListener("abort", () => runs.get(modelId) === run && runs.delete(modelId), { once: true });
  for (const look of watching) look();
}

/** Calls `found` with the run of the model: now, or when it is registered. */
export function whenRegistered(modelId: string, found: (run: RunModel) => void, signal: AbortSignal): void {
  const look = (): void => {
    const run = runs.get(modelId);
    if (!run) return;
    watching.delete(look);
    found(run);
  };
  watching.add(look);
  signal.addEventListener("abort", () => watching.delete(look), { once: true });
  look();
}
