/** Compares the runs of a board: sort keys, order, and the parts in which their names differ; pure. */

import { finite, label } from "../base/safety.ts";
import type { Store } from "../protocol/store.ts";
import { isFinal } from "../protocol/wire.ts";
import { shownState, tokensMade } from "../words/status-words.ts";
import type * as english from "../words/english.ts";

/** `metric:` and `metric-down:` are followed by the name of a metric. */
export type SortKey = keyof typeof english.SORTS | `metric:${string}` | `metric-down:${string}`;

/** Runs that need attention come first. */
const STATE_ORDER = ["failed", "incomplete", "gone", "reconnecting", "streaming", "stopping", "paused", "connecting", "stopped", "finished", "idle"];
const METRICS_COUNT = 10;

export interface MetricValue {
  readonly name: string;
  readonly value: number;
}

/** The last value of each series, by its name; a series with the name of its chart has only that. */
export function metricValues(store: Store): MetricValue[] {
  const values: MetricValue[] = [];
  for (const { kind, fields } of store.document.parts) {
    if (kind !== "metric" || values.length >= METRICS_COUNT) continue;
    const [series, last] = [fields["series"], fields["last"]];
    if (!Array.isArray(series) || !Array.isArray(last)) continue;
    const chart = label(fields["name"], 60);
    for (const [at, one] of series.slice(0, METRICS_COUNT).entries()) {
      const value = finite(last[at]);
      const name = label(one, 60);
      if (value !== null) values.push({ name: series.length === 1 || name === chart ? chart : `${chart} ${name}`, value });
    }
  }
  return values;
}

/** The smallest comes first, unknown values last; `ratio` is the progress from 0 to 1. */
export function rankOf(key: SortKey, store: Store, ratio: number | null): number {
  const { status } = store;
  if (key === "order") return 0;
  if (key === "state") return STATE_ORDER.indexOf(shownState(store));
  if (key === "progress") return isFinal(status.state) ? -1 : -(ratio ?? 0);
  if (key === "cost") return status.cost ?? Infinity;
  if (key === "time") return store.elapsed_s() ?? Infinity;
  if (key === "tokens") return -tokensMade(status).count;
  const [what, name] = [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)];
  const value = metricValues(store).find((one) => one.name === name)?.value;
  if (value === undefined) return Infinity;
  return what === "metric-down" ? -value : value;
}

/** The titles without their common first and last words; unchanged if one would be empty. */
export function distinctNames(titles: readonly string[]): string[] {
  if (titles.length < 2) return [...titles];
  const words = titles.map((title) => title.split(/(?<=[\s,;:/|·])/));
  const least = Math.min(...words.map(({ length }) => length)) - 1;
  const same = (at: (list: readonly string[], n: number) => string | undefined): number => {
    let n = 0;
    while (n < least && words.every((list) => at(list, n) === at(words[0]!, n))) n += 1;
    return n;
  };
  const front = same((list, n) => list[n]);
  const back = Math.min(same((list, n) => list.at(-1 - n)), least - front);
  const cut = words.map((list) => list.slice(front, list.length - back).join("").replace(/[\s,;:/|·]+$/, ""));
  if (front + back === 0 || cut.some((name) => name === "")) return [...titles];
  return cut.map((name) => (front > 0 ? `… ${name}` : name));
}
