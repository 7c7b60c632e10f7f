/**
 * A step: a heading on the rail with its state and duration, and its parts below.
 *
 * It is open while it runs. When done, it folds to one line, unless it has a result, the reader
 * has opened it, or is reading further up: nothing must move while it is being read.
 */

import { create, focusedIn, setAttribute, setHidden, setText } from "../../base/dom.ts";
import { duration } from "../../words/format.ts";
import type { Part } from "../../protocol/patch.ts";
import { finite, label } from "../../base/safety.ts";
import { drawLine } from "../text/inline-line.ts";
import type { Context, Mounted } from "../part-view.ts";
import * as english from "../../words/english.ts";

export type StepState = "running" | "done" | "failed" | "stopped";
export type Counts = { readonly [state in StepState]: number };

export const STEP_STATES: readonly StepState[] = ["running", "done", "failed", "stopped"];

export const stepState = (value: unknown): StepState =>
  STEP_STATES.includes(value as StepState) ? (value as StepState) : "done";

/** `12 running, 40 done, 2 failed`. */
export const countWords = (counts: Counts): string =>
  english.stepCounts(STEP_STATES.map((state) => [state, counts[state]]));

export const totalOf = (counts: Counts): number => STEP_STATES.reduce((sum, state) => sum + counts[state], 0);

const NONE: Counts = { running: 0, done: 0, failed: 0, stopped: 0 };

/** The content of a step, nested steps included, that must not be folded automatically. */
export interface Holds {
  /** The answer itself, or a failure: never folded away. */
  answers: boolean;
  /** A table, a chart, a figure: never folded away. */
  results: boolean;
  /** Ids of the tool calls that failed: the folded step counts them. */
  failed: Set<string>;
}

export const holdsNothing = (): Holds => ({ answers: false, results: false, failed: new Set() });

export class Step implements Mounted {
  readonly element: HTMLElement;
  /** The element for its parts. */
  readonly list = create("div", { class: "sw-list" });
  readonly #context: Context;
  readonly #name = create("span", { class: "sw-name" });
  readonly #word = create("span", { class: "sw-word" });
  readonly #fold = create("button", { class: "sw-fold", type: "button", hidden: "" });
  readonly #message = create("span", { class: "sw-note" });
  readonly #count = create("span", { class: "sw-count" });
  readonly #failures = create("span", { class: "sw-failures", hidden: "" });
  readonly #time = create("span", { class: "sw-time" });
  #part: Part;
  #counts = NONE;
  #holds = holdsNothing();
  #open = true;
  /** The choice of the reader; null: none yet. */
  #chosen: boolean | null = null;

  constructor(part: Part, context: Context) {
    this.#part = part;
    this.#context = context;
    const heading = create("span", { class: "sw-steptitle", role: "heading", "aria-level": "4" }, this.#name, this.#word);
    const node = create("span", { class: "sw-node", "aria-hidden": "true" });
    const head = create("div", { class: "sw-head" }, node, heading, this.#fold, this.#message, this.#count, this.#failures, this.#time);
    this.element = create("div", { class: "sw-part", "data-kind": "step" }, head, this.list);
    head.addEventListener("click", (event) => {
      if (!(event.target as Element).closest("a")) this.#clicked();
    });
    // Find-in-page opens it to show a match.
    this.list.addEventListener("beforematch", () => this.#choose(true));
  }

  update(part: Part): void {
    this.#part = part;
    const { fields } = part;
    const state = stepState(fields["state"]);
    setAttribute(this.element, "data-state", state);
    setText(this.#name, label(fields["name"]) || english.STEP);
    setText(this.#word, english.stepState(state));
    const message = label(fields["message"], 500);
    drawLine(this.#message, message, this.#context.markdown);
    setAttribute(this.#message, "title", message || null);
    this.#drawTime(this.#context.elapsed_s());
    this.#settle();
  }

  /** Its content has changed. */
  family(counts: Counts, holds: Holds): void {
    this.#counts = counts;
    this.#holds = holds;
    const total = totalOf(counts);
    setText(this.#count, total < 2 ? "" : total === counts.done ? english.steps(total) : countWords(counts));
    setHidden(this.#fold, !this.list.firstChild);
    const calls = english.failedCalls(holds.failed.size);
    setText(this.#failures, counts.failed > 0 ? calls : english.failedCount(holds.failed.size));
    setAttribute(this.#failures, "title", calls);
    this.#settle();
  }

  /** Opens it, as if the reader had done so. */
  open(): void {
    this.#choose(true);
  }

  tick(elapsed_s: number): void {
    this.#drawTime(elapsed_s);
  }

  dispose(): void {}

  #drawTime(elapsed_s: number | null): void {
    const { fields } = this.#part;
    const started_s = finite(fields["started_s"]);
    const ended_s = finite(fields["ended_s"]) ?? elapsed_s;
    setText(this.#time, started_s === null || ended_s === null ? "" : duration(Math.max(0, ended_s - started_s)));
  }

  /** Opens or folds according to the state, if the reader has not chosen. */
  #settle(): void {
    const open = this.#chosen ?? this.#wanted();
    if (!open && this.#open && this.#chosen === null && !this.#mayFold()) return this.#show(true);
    this.#show(open);
  }

  #wanted(): boolean {
    const { fields } = this.#part;
    if (stepState(fields["state"]) !== "done" || this.#counts.running > 0) return true;
    return this.#holds.answers || this.#holds.results;
  }

  #mayFold(): boolean {
    return this.#context.following() && !this.list.contains(focusedIn(this.list));
  }

  #show(open: boolean): void {
    this.#open = open;
    // Found by the browser's search, but not laid out.
    setAttribute(this.list, "hidden", open ? null : "until-found");
    setHidden(this.#failures, open || this.#holds.failed.size === 0);
    setAttribute(this.#fold, "aria-expanded", String(open));
    setAttribute(this.#fold, "aria-label", (open ? english.collapse : english.expand)(this.#name.textContent));
  }

  #clicked(): void {
    if (this.#fold.hidden || document.getSelection()?.isCollapsed === false) return;
    this.#choose(!this.#open);
  }

  #choose(open: boolean): void {
    this.#chosen = open;
    this.#show(open);
  }
}
