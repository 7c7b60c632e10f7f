/** The texts of a view about its run; pure. */

import * as english from "./english.ts";
import { count, duration, money } from "./format.ts";
import { LEAST_SPAN_S } from "../protocol/token-rate.ts";
import type { Store } from "../protocol/store.ts";
import { label } from "../base/safety.ts";
import { isFinal } from "../protocol/wire.ts";
import type { RunState, Status } from "../protocol/wire.ts";

/** From this share on, the bar has the colour of a warning, unless the budget names another. */
const HIGH_SHARE = 0.8;

/** The displayed state: that of the kernel, unless the page has newer information. */
export type ShownState = RunState | "gone";

export function shownState(store: Store): ShownState {
  const { state } = store.status;
  if (isFinal(state) || state === "idle") return state;
  if (store.link.state === "gone") return "gone";
  return store.stopping.phase === "none" ? state : "stopping";
}

export function statusWords(store: Store): string {
  const state = shownState(store);
  if (state === "stopping" && store.stopping.phase === "busy") return english.STOP_PENDING;
  if (state === "streaming" && asksReader(store)) return english.WAITING_FOR_READER;
  if (state === "streaming" && stalled(store.status)) return english.NO_DATA;
  return english.STATUSES[state] ?? state;
}

/** True while the run waits for an answer of its reader. */
export const asksReader = ({ status }: Store): boolean => !isFinal(status.state) && (status.held === true || (status.asks?.length ?? 0) > 0);

export const stalled = ({ stalled_s }: Status): boolean => typeof stalled_s === "number";

/** Information while the run is live: silence, a lost connection, a pause. */
export function warningWords(store: Store): string {
  const { state, stalled_s } = store.status;
  const shown = shownState(store);
  if (shown === "gone") return english.GONE;
  if (store.status.not_sent) return english.notSent(label(store.status.not_sent));
  if (shown === "stopping" && store.stopping.phase === "busy") return english.BUSY;
  if (state === "reconnecting") return english.RECONNECTING;
  if (store.pending?.busy) return english.BUSY_PENDING;
  return state === "streaming" && typeof stalled_s === "number" ? english.noDataFor(stalled_s) : "";
}

/** `1,204 tokens in, ~612 out`; "" without tokens. Counts that the provider did not report are marked. */
export function tokenWords(status: Status): string {
  const { input_tokens, input_estimated } = status;
  if (typeof input_tokens !== "number") return tokensOut(status);
  const made = tokensMade(status);
  return english.inAndOut(english.tokens(input_tokens, input_estimated), english.signed(count(made.count), made.estimated));
}

/** `~612 tokens`, the output tokens; "" without tokens. */
export function tokensOut(status: Status): string {
  const made = tokensMade(status);
  return made.count > 0 ? english.tokens(made.count, made.estimated) : "";
}

/**
 * The output tokens as reported by the provider, or else as counted, which is an estimate.
 * Some providers report 1 at the start, so while the run is live a smaller report is outdated.
 */
export function tokensMade({ state, output_tokens, output_estimated, token_count }: Status): { count: number; estimated: boolean } {
  const isOld = !isFinal(state) && token_count > (output_tokens ?? 0);
  if (typeof output_tokens !== "number" || isOld) return { count: token_count, estimated: true };
  return { count: output_tokens, estimated: output_estimated === true };
}

/** `first token after 0.42 s`; "" before the first token. */
export const firstWords = ({ first_token_s }: Status): string =>
  first_token_s === null ? "" : english.firstTokenAfter(first_token_s);

/** Tokens per second: of the last seconds while live, of the whole run after the end; "" if unknown. */
export function rateWords(store: Store): string {
  const { status } = store;
  const rate = store.alive ? store.rate.over(store.elapsed_s() ?? 0) : meanRate(status);
  return rate === null ? "" : english.tokenRate(rate, store.alive || tokensMade(status).estimated);
}

function meanRate(status: Status): number | null {
  const { elapsed_s, first_token_s } = status;
  const span_s = (elapsed_s ?? 0) - (first_token_s ?? 0);
  const tokens = tokensMade(status).count;
  return tokens > 0 && span_s >= LEAST_SPAN_S ? tokens / span_s : null;
}

export const elapsedWords = (elapsed_s: number | null): string =>
  elapsed_s === null ? "" : duration(elapsed_s);

/** The line below the text: how much was received; at the end the figures of the run. */
export function footWords(store: Store): string {
  const { status } = store;
  const received = status.char_count > 0 ? english.characters(status.char_count) : "";
  if (!isFinal(status.state)) return english.beside([tokenWords(status), received, estimateWords(status)]);
  const figures = [tokenWords(status), firstWords(status), rateWords(store), costWords(status), estimateWords(status)];
  return english.beside([endWords(status), ...figures]);
}

/** Who or what stopped a run; "" if the header or an error in the document already says so. */
export function endWords({ state, stopped_by }: Status): string {
  if (state !== "stopped" || !stopped_by) return "";
  const { code, limit, unit } = stopped_by;
  return english.stoppedBy(code, limit === null ? "" : english.amount(limit, label(unit, 20)));
}

/** Announcements for screen readers: the start, a wait for the reader, and the end. */
export function announcement(store: Store): string {
  const { status } = store;
  if (asksReader(store)) return statusWords(store);
  if (!isFinal(status.state)) return store.alive ? (english.STATUSES[shownState(store)] ?? "") : "";
  return english.ended(statusWords(store), english.spoken([elapsedWords(status.elapsed_s), tokenWords(status)]));
}

/**
 * `$0.0123`, or `$0.12 of $0.50`; "" if unknown. An amount that other runs share has that of this run before it, and is left
 * out once this run has ended, because the others continue.
 */
export function costWords({ state, cost, cost_estimated, currency, budget }: Status): string {
  const paid = typeof cost === "number" ? english.signed(money(cost, label(currency ?? "USD", 8)), cost_estimated) : "";
  if (!budget || typeof budget.limit !== "number" || typeof budget.used !== "number") return paid;
  if (budget.shared && isFinal(state)) return paid;
  const { limit, used } = budget;
  const unit = label(budget.unit, 20);
  const isMoney = /^[A-Z]{3}$/.test(unit);
  const amount = isMoney ? english.signed(money(used, unit), cost_estimated) : count(used);
  const words = english.spent(amount, english.amount(limit, unit), budget.shared);
  return isMoney && !budget.shared ? words : english.spoken([paid, words]);
}

/** `up to ~$0.0305 estimated`: what the request allowed before the run started; "" if nothing is known. */
export function estimateWords({ estimate }: Status): string {
  if (!estimate) return "";
  const { input_tokens, output_tokens, cost, currency } = estimate;
  const isBound = output_tokens !== null;
  if (cost !== null) return english.estimated(english.signed(money(cost, label(currency ?? "USD", 8)), true), isBound);
  if (isBound) return english.estimated(english.tokens((input_tokens ?? 0) + output_tokens, true), true);
  return input_tokens === null ? "" : english.estimated(english.tokens(input_tokens, true), false);
}

/** How much of the nearest limit is used; null without a budget. */
export function usedShare({ budget }: Status): { share: number; isHigh: boolean } | null {
  if (!budget || typeof budget.limit !== "number" || typeof budget.used !== "number") return null;
  const share = budget.limit > 0 ? Math.min(1, Math.max(0, budget.used / budget.limit)) : 1;
  return { share, isHigh: share >= (budget.soft ?? HIGH_SHARE) };
}

/** How the stop went: `Stop received after 6 ms, source closed after 21 ms`. */
export function stopWords(store: Store): string {
  const { stop } = store.status;
  if (!stop || stop.requested_s === null) return store.stopping.phase === "sent" ? english.STOP_REQUESTED : "";
  const { requested_s, heard_s, closed_s } = stop;
  if (heard_s === null) return english.STOP_REQUESTED;
  const received = english.stopReceived(heard_s - requested_s);
  if (closed_s === null) return store.alive ? english.closingSource(received) : received;
  return english.sourceClosed(received, closed_s - requested_s);
}
