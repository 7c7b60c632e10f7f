/** The stores of this page by the id of their model, so that a board finds those of its views. */

import type { Store } from "./store.ts";

export const stores = new Map<string, Store>();
/** To be called when there is another. */
export const watching = new Set<() => void>();

export function register(modelId: string, store: Store): void {
  if (modelId === "") return;
  stores.set(modelId, store);
  for (const look of watching) look();
}
