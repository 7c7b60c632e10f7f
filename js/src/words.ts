/** What a view says about its run, in words; pure. */

import { count, counted, duration, span } from "./format.ts";
import { LEAST_SPAN_S } from "./rate.ts";
import { isFinal } from "./states.ts";
import type { Store } from "./store.ts";
import type { Fields, RunState, Status } from "./wire.ts";

/** The state as shown: the kernel's, unless this page knows better. */
export type ShownState = RunState | "gone";

const WORDS: { readonly [state in ShownState]: string } = {
  idle: "Not started",
  connecting: "Connecting",
  streaming: "Streaming",
  paused: "Paused",
  reconnecting: "Reconnecting",
  stopping: "Stopping",
  finished: "Finished",
  stopped: "Stopped",
  failed: "Failed",
  gone: "Kernel gone",
};

export const BUSY =
  "The kernel is busy; the stop takes effect when the running cell ends. " +
  "Press the ■ interrupt button of the notebook to end that cell.";
export const GONE = "The kernel is gone; what arrived is kept.";

export function shownState(store: Store): ShownState {
  const { state } = store.status;
  if (isFinal(state) || state === "idle") return state;
  if (store.link.state === "gone") return "gone";
  return store.stopping.phase === "none" ? state : "stopping";
}

export function statusWords(store: Store): string {
  const state = shownState(store);
  if (state === "failed" && isCut(store.document.run)) return "Cut off";
  if (state === "stopping" && store.stopping.phase === "busy") return "Waiting to stop";
  if (state === "streaming" && stalled(store.status)) return "Silent";
  return WORDS[state] ?? state;
}

export const stalled = ({ stalled_s }: Status): boolean => typeof stalled_s === "number";

/** What the reader should know while it goes on: silence, a lost connection, a pause. */
export function warningWords(store: Store): string {
  const { state, stalled_s } = store.status;
  const shown = shownState(store);
  if (shown === "gone") return GONE;
  if (shown === "stopping" && store.stopping.phase === "busy") return BUSY;
  if (state === "reconnecting") return "The connection dropped; reconnecting. What arrived is kept.";
  if (state === "streaming" && typeof stalled_s === "number") {
    return `Nothing for ${duration(stalled_s).replace(/\.\d/, "")}. It may still go on.`;
  }
  return "";
}

/** `1,204 tokens in, ~612 out`; "" where there are none. What is counted here, not reported, is marked. */
export function tokenWords({ input_tokens, output_tokens, token_count, tokens_estimated }: Status): string {
  const known = typeof output_tokens === "number";
  const out = known ? output_tokens : token_count;
  const about = known && !tokens_estimated ? "" : "~";
  if (typeof input_tokens !== "number") return out > 0 ? `${about}${count(out)} tokens out` : "";
  return `${tokens_estimated ? "~" : ""}${count(input_tokens)} tokens in, ${about}${count(out)} out`;
}

export const isCut = (run: Fields): boolean => run["outcome"] === "cut";

/** `first token 0.42 s`; "" until there was one. */
export const firstWords = ({ first_token_s }: Status): string =>
  first_token_s === null ? "" : `first token ${span(first_token_s)}`;

/** Tokens per second: of the last moments while alive, of the whole when over; "" if unknown. */
export function rateWords(store: Store): string {
  const { status } = store;
  const rate = store.alive ? store.rate.over(store.elapsed_s() ?? 0) : meanRate(status);
  if (rate === null) return "";
  const shown = rate > 0 && rate < 9.95 ? rate.toFixed(1) : count(Math.round(rate));
  return `${status.tokens_estimated ? "≈ " : ""}${shown} tokens/s`;
}

function meanRate({ token_count, elapsed_s, first_token_s }: Status): number | null {
  const span_s = (elapsed_s ?? 0) - (first_token_s ?? 0);
  return token_count > 0 && span_s >= LEAST_SPAN_S ? token_count / span_s : null;
}

export const elapsedWords = (elapsed_s: number | null): string =>
  elapsed_s === null ? "" : duration(elapsed_s);

/** The line below the text: how much has come, or at the end what happened. */
export function footWords(store: Store): string {
  const { status } = store;
  if (status.sentence) return status.sentence;
  if (status.char_count === 0) return "";
  const about = status.tokens_estimated ? "≈ " : "";
  const tokens = status.token_count > 0 ? `${about}${counted(status.token_count, "token")}, ` : "";
  return `${tokens}${counted(status.char_count, "character")} so far`;
}

/** What a screen reader is told: the start and the end, nothing between. */
export function announcement(store: Store): string {
  if (isFinal(store.status.state)) {
    return [statusWords(store), store.status.sentence ?? ""].filter(Boolean).join(": ");
  }
  return store.alive ? `${WORDS[shownState(store)]}` : "";
}
