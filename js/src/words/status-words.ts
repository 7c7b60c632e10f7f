/** What a view says about its run, in words; pure. */

import catalogue from "../../../src/streamwidget/catalogue.json";
import { count, counted, duration, span } from "./format.ts";
import { LEAST_SPAN_S } from "../protocol/rate.ts";
import type { Store } from "../protocol/store.ts";
import { label } from "../base/safety.ts";
import { isFinal } from "../protocol/wire.ts";
import type { RunState, Status } from "../protocol/wire.ts";

/** The state as shown: the kernel's, unless this page knows better. */
export type ShownState = RunState | "gone";

const WORDS: { readonly [state in ShownState]: string } = { ...catalogue.statuses, gone: "Kernel disconnected" };

export const BUSY =
  "The kernel is busy. The stream will stop when the running cell finishes; " +
  "interrupt the kernel (■) to stop it now.";
export const BUSY_PENDING = "The kernel is busy. Your request will be carried out when the running cell finishes.";
export const GONE = "The kernel is no longer running. Everything received so far is still here.";

export function shownState(store: Store): ShownState {
  const { state } = store.status;
  if (isFinal(state) || state === "idle") return state;
  if (store.link.state === "gone") return "gone";
  return store.stopping.phase === "none" ? state : "stopping";
}

export function statusWords(store: Store): string {
  const state = shownState(store);
  if (state === "stopping" && store.stopping.phase === "busy") return "Stop pending";
  if (state === "streaming" && stalled(store.status)) return "No data";
  return WORDS[state] ?? state;
}

export const stalled = ({ stalled_s }: Status): boolean => typeof stalled_s === "number";

/** What the reader should know while it goes on: silence, a lost connection, a pause. */
export function warningWords(store: Store): string {
  const { state, stalled_s } = store.status;
  const shown = shownState(store);
  if (shown === "gone") return GONE;
  if (store.status.problem) return store.status.problem;
  if (shown === "stopping" && store.stopping.phase === "busy") return BUSY;
  if (state === "reconnecting") return "Connection lost. Reconnecting… nothing received so far is lost.";
  if (store.pending?.busy) return BUSY_PENDING;
  if (state === "streaming" && typeof stalled_s === "number") {
    return `No data for ${duration(stalled_s).replace(/\.\d/, "")}. The stream may still continue.`;
  }
  return "";
}

/** `1,204 tokens in, ~612 out`; "" where there are none. What is counted here, not reported, is marked. */
export function tokenWords(status: Status): string {
  const { input_tokens, input_estimated } = status;
  if (typeof input_tokens !== "number") return tokensOut(status);
  const made = tokensMade(status);
  return `${signed(counted(input_tokens, "token"), input_estimated)} in, ${signed(count(made.count), made.estimated)} out`;
}

/** `~612 tokens`, those that came out; "" where there are none. */
export function tokensOut(status: Status): string {
  const made = tokensMade(status);
  return made.count > 0 ? signed(counted(made.count, "token"), made.estimated) : "";
}

const signed = (words: string, estimated?: boolean): string => (estimated ? catalogue.estimate : "") + words;

/**
 * The tokens that came out, as the provider reported them; else as they were counted, an estimate.
 * Some providers report 1 at the start, so while the run goes on a smaller report is an old one.
 */
export function tokensMade({ state, output_tokens, output_estimated, token_count }: Status): { count: number; estimated: boolean } {
  const isOld = !isFinal(state) && token_count > (output_tokens ?? 0);
  if (typeof output_tokens !== "number" || isOld) return { count: token_count, estimated: true };
  return { count: output_tokens, estimated: output_estimated === true };
}

/** `first token after 0.42 s`; "" until there was one. */
export const firstWords = ({ first_token_s }: Status): string =>
  first_token_s === null ? "" : `first token after ${span(first_token_s)}`;

/** Tokens per second: of the last moments while alive, of the whole when over; "" if unknown. */
export function rateWords(store: Store): string {
  const { status } = store;
  const rate = store.alive ? store.rate.over(store.elapsed_s() ?? 0) : meanRate(status);
  if (rate === null) return "";
  const shown = rate > 0 && rate < 9.95 ? rate.toFixed(1) : count(Math.round(rate));
  return signed(`${shown} tokens/s`, store.alive || tokensMade(status).estimated);
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
  const amounts = [tokenWords(status), status.char_count > 0 ? counted(status.char_count, "character") : ""];
  if (!isFinal(status.state)) return joined(amounts);
  return joined([endWords(status), tokenWords(status), firstWords(status), rateWords(store), costWords(status)]);
}

/** Who or what ended a run; "" where the header or an error in the document says it. */
const endWords = ({ state, summary }: Status): string =>
  state === "stopped" && summary ? summary.split(" after ")[0]! : "";

const joined = (words: readonly string[]): string => words.filter(Boolean).join("  ·  ");

/** What a screen reader is told: the start and the end, nothing between. */
export function announcement(store: Store): string {
  const { status } = store;
  if (isFinal(status.state)) {
    const facts = [elapsedWords(status.elapsed_s), tokenWords(status)].filter(Boolean).join(", ");
    return facts ? `${statusWords(store)}: ${facts}.` : `${statusWords(store)}.`;
  }
  return store.alive ? `${WORDS[shownState(store)]}` : "";
}

/** `$0.0123`, or `$0.12 of $0.50`; "" where nothing is known. */
export function costWords({ cost, currency, budget }: Status): string {
  const paid = typeof cost === "number" ? money(cost, currency) : "";
  if (!budget || typeof budget.limit !== "number" || typeof budget.used !== "number") return paid;
  const { limit, used, unit } = budget;
  const isMoney = /^[A-Z]{3}$/.test(unit);
  const words = isMoney
    ? `${money(used, unit)} of ${money(limit, unit)}`
    : `${count(used)} of ${count(limit)} ${unit}`;
  return isMoney || !paid ? words : `${paid}, ${words}`;
}

const SYMBOLS: { readonly [currency: string]: string } = { USD: "$", EUR: "€", GBP: "£" };

function money(value: number, currency: string | null | undefined): string {
  const digits = value !== 0 && Math.abs(value) < 0.1 ? 4 : 2;
  const code = label(currency ?? "USD", 8);
  const symbol = Object.hasOwn(SYMBOLS, code) ? SYMBOLS[code]! : `${code} `;
  return symbol + value.toFixed(digits);
}

/** How the stop went: `Stop received after 6 ms, source closed after 21 ms`. */
export function stopWords(store: Store): string {
  const { stop } = store.status;
  const { phase } = store.stopping;
  if (!stop || stop.requested_s === null) return phase === "sent" ? "Stop requested" : "";
  const { requested_s, heard_s, closed_s } = stop;
  if (heard_s === null) return "Stop requested";
  const heard = `Stop received after ${span(heard_s - requested_s)}`;
  if (closed_s === null) return store.alive ? `${heard}, closing the source…` : heard;
  return `${heard}, source closed after ${span(closed_s - requested_s)}`;
}
