/**
 * The steps of a run over time, below the head: one named bar for each, side by side in lanes, above an
 * axis with times, with marks at the first token and at the current time; a click jumps to the step.
 *
 * The scale changes only when the run outgrows it, so that bars do not move constantly.
 */

import { create, setAttribute, setHidden, setText } from "../base/dom.ts";
import { stepState } from "../parts/step/step.ts";
import { clockTime } from "../words/format.ts";
import type { Changes, Part } from "../protocol/patch.ts";
import { finite, label } from "../base/safety.ts";
import type { Store } from "../protocol/store.ts";
import * as english from "../words/english.ts";

/** Most bars; beyond, nested steps are left out. */
const BARS_COUNT = 400;
const LANES_COUNT = 3;
const LEAST_SPAN_S = 5;
/** A timeline of a single step would only repeat its heading. */
const LEAST_COUNT = 2;
const TICKS_COUNT = 6;
/** Between two ticks, in seconds. */
const TICK_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
/** This close to the end of the axis, a time would be cut off. */
const LAST_TICK_SHARE = 0.95;

interface Bar {
  part: Part;
  readonly element: HTMLButtonElement;
  readonly name: HTMLElement;
  readonly lane: number;
}

export class Timeline {
  readonly #element: HTMLElement;
  readonly #store: Store;
  readonly #first = create("div", { class: "sw-tick", "aria-hidden": "true" });
  readonly #now = create("div", { class: "sw-now", "aria-hidden": "true" });
  readonly #axis = create("div", { class: "sw-axis", "aria-hidden": "true" });
  readonly #bars = new Map<string, Bar>();
  readonly #running = new Set<Bar>();
  /** The last step of each lane. */
  readonly #lanes: string[] = [];
  #seen = 0;
  #span_s = 0;

  constructor(element: HTMLElement, store: Store, signal: AbortSignal, jump: (id: string) => void) {
    this.#element = element;
    this.#store = store;
    setAttribute(element, "role", "group");
    setAttribute(element, "aria-label", english.TIMELINE);
    element.append(this.#axis, this.#first, this.#now);
    element.addEventListener("click", ({ target }) => {
      const found = [...this.#bars.values()].find(({ element: bar }) => bar.contains(target as Node));
      if (found) jump(found.part.id);
    }, { signal });
    element.addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  update(changes: Changes | null): void {
    if (changes === null || changes.reset || changes.removed.size > 0) this.clear();
    else for (const id of changes.parts) this.#changed(id);
    const fresh = this.#takeNew();
    if (fresh || changes === null || changes.reset || changes.removed.size > 0 || !this.#store.alive) this.tick(this.#store.elapsed_s() ?? 0);
  }

  /** Advances to `elapsed_s`: running bars grow, and the scale if necessary. */
  tick(elapsed_s: number): void {
    const span_s = this.#store.alive ? spanFor(elapsed_s) : Math.max(elapsed_s, 0.001);
    if (span_s === this.#span_s) for (const bar of this.#running) this.#place(bar, elapsed_s);
    else {
      this.#span_s = span_s;
      this.#drawAxis();
      for (const bar of this.#bars.values()) this.#place(bar, elapsed_s);
    }
    const first_s = this.#store.status.first_token_s;
    setHidden(this.#element, this.#bars.size < LEAST_COUNT);
    setHidden(this.#now, !this.#store.alive);
    if (this.#store.alive) this.#now.style.left = percent(elapsed_s / this.#span_s);
    setHidden(this.#first, first_s === null);
    if (first_s === null) return setAttribute(this.#element, "aria-label", english.TIMELINE);
    const words = english.firstToken(first_s);
    this.#first.style.left = percent(first_s / this.#span_s);
    setAttribute(this.#first, "title", words);
    setAttribute(this.#element, "aria-label", english.timelineWithFirst(words));
  }

  #drawAxis(): void {
    const step_s = TICK_STEPS_S.find((s) => this.#span_s / s <= TICKS_COUNT) ?? this.#span_s / TICKS_COUNT;
    const ticks: HTMLElement[] = [];
    for (let s = 0; s < this.#span_s * LAST_TICK_SHARE; s += step_s) {
      const tick = create("span", {}, clockTime(s));
      tick.style.left = percent(s / this.#span_s);
      ticks.push(tick);
    }
    this.#axis.replaceChildren(...ticks);
  }

  clear(): void {
    this.#bars.clear();
    this.#running.clear();
    this.#lanes.length = 0;
    this.#seen = 0;
    this.#span_s = 0; // the axis is drawn again
    this.#element.style.removeProperty("--sw-lanes");
    this.#element.replaceChildren(this.#axis, this.#first, this.#now);
  }

  /** True if there was a new step. */
  #takeNew(): boolean {
    const { parts } = this.#store.document;
    const before = this.#bars.size;
    for (; this.#seen < parts.length; this.#seen += 1) {
      const part = parts[this.#seen]!;
      if (part.kind === "step" && this.#bars.size < BARS_COUNT && finite(part.fields["started_s"]) !== null) this.#add(part);
    }
    return this.#bars.size > before;
  }

  #add(part: Part): void {
    const element = create("button", { class: "sw-span", type: "button", tabindex: this.#bars.size === 0 ? "0" : "-1" });
    const name = create("span", { class: "sw-spanname" });
    element.append(name);
    const bar = { part, element, name, lane: this.#laneOf(part) };
    const lanes = Math.max(bar.lane + 1, Number(this.#element.style.getPropertyValue("--sw-lanes")));
    this.#element.style.setProperty("--sw-lanes", String(lanes));
    this.#bars.set(part.id, bar);
    this.#element.append(element);
    setAttribute(element, "data-level", String(bar.lane));
    this.#draw(bar);
  }

  /** The depth of the step, or deeper if the lane is taken; the last lane takes the rest. */
  #laneOf(part: Part): number {
    let lane = 0;
    let parent = part.fields["parent_id"];
    while (typeof parent === "string" && parent !== part.id && lane < LANES_COUNT - 1) {
      lane += 1;
      parent = this.#store.document.byId.get(parent)?.fields["parent_id"] ?? null;
    }
    while (lane < LANES_COUNT - 1 && this.#inTheWay(this.#lanes[lane], part)) lane += 1;
    this.#lanes[lane] = part.id;
    return lane;
  }

  /** True if the last step of the lane is still running when `part` starts. */
  #inTheWay(lastId: string | undefined, part: Part): boolean {
    const last = lastId === undefined ? undefined : this.#store.document.byId.get(lastId);
    if (!last) return false;
    const ended_s = finite(last.fields["ended_s"]);
    return ended_s === null || ended_s > (finite(part.fields["started_s"]) ?? 0);
  }

  #changed(id: string): void {
    const bar = this.#bars.get(id);
    if (!bar) return;
    bar.part = this.#store.document.byId.get(id) ?? bar.part;
    this.#draw(bar);
  }

  #draw(bar: Bar): void {
    const { fields } = bar.part;
    const state = stepState(fields["state"]);
    if (state === "running") this.#running.add(bar);
    else this.#running.delete(bar);
    setAttribute(bar.element, "data-state", state);
    this.#place(bar, this.#store.elapsed_s() ?? 0);
  }

  #place({ part, element, name }: Bar, elapsed_s: number): void {
    const from = finite(part.fields["started_s"]) ?? 0;
    const to = finite(part.fields["ended_s"]) ?? elapsed_s;
    element.style.left = percent(from / this.#span_s);
    element.style.width = percent(Math.max(0, to - from) / this.#span_s);
    const title = label(part.fields["name"], 80) || english.STEP;
    setText(name, title);
    const words = english.stepInTime(title, Math.max(0, to - from), stepState(part.fields["state"]));
    setAttribute(element, "title", words);
    setAttribute(element, "aria-label", words);
  }

  /** One tab stop; the arrow keys move from bar to bar. */
  #key(event: KeyboardEvent): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...this.#bars.values()].map(({ element }) => element);
    const here = all.indexOf(event.target as HTMLButtonElement);
    const next = all[here + by];
    if (next) {
      all[here]?.setAttribute("tabindex", "-1");
      setAttribute(next, "tabindex", "0");
      next.focus({ preventScroll: true });
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

/** 5, 10, 20, 40 ... seconds: the bars shrink by half occasionally, and do not move in between. */
function spanFor(elapsed_s: number): number {
  let span_s = LEAST_SPAN_S;
  while (span_s < elapsed_s) span_s *= 2;
  return span_s;
}

const percent = (share: number): string => `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
