/** When a stop was heard and took effect, in words; pure. */

import { span } from "./format.ts";
import type { Store } from "./store.ts";

/** How the stop went: `stop heard after 6 ms, producer closed after 21 ms`. */
export function stopWords(store: Store): string {
  const { stop } = store.status;
  const { phase } = store.stopping;
  if (!stop || stop.requested_s === null) return phase === "sent" ? "stop requested" : "";
  const { requested_s, heard_s, closed_s } = stop;
  if (heard_s === null) return "stop requested";
  const heard = `stop heard after ${span(heard_s - requested_s)}`;
  if (closed_s === null) return store.alive ? `${heard}, closing the producer` : heard;
  return `${heard}, producer closed after ${span(closed_s - requested_s)}`;
}
