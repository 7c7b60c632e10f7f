/** The stores of this page by the id of their model, so that a board finds those of its views. */

import type { Store } from "./store.ts";

const stores = new Map<string, Store>();
const waiting = new Map<string, Set<(store: Store) => void>>();

export function register(modelId: string, store: Store): void {
  if (modelId === "") return;
  stores.set(modelId, store);
  for (const found of waiting.get(modelId) ?? []) found(store);
  waiting.delete(modelId);
}

/** Calls `found` with the store of the model: now, or when it is there. */
export function whenRegistered(modelId: string, found: (store: Store) => void): void {
  const store = stores.get(modelId);
  if (store) return found(store);
  const all = waiting.get(modelId) ?? new Set();
  waiting.set(modelId, all.add(found));
}
