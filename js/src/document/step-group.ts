/** Many steps as one: a line that counts them, a proportional bar, and the steps themselves when it is opened. */

import { create, setAttribute, setHidden, setText } from "../base/dom.ts";
import { countWords, STEP_STATES, totalOf } from "../parts/step/step.ts";
import type { StepState } from "../parts/step/step.ts";
import * as english from "../words/english.ts";

export class StepGroup {
  readonly element: HTMLElement;
  readonly list = create("div", { class: "sw-list sw-members" });
  readonly #words = create("span", { class: "sw-name" });
  readonly #more = create("button", { class: "sw-plain", type: "button", "aria-expanded": "false" });
  readonly #parts: { [state in StepState]: HTMLElement };
  readonly #members = new Map<HTMLElement, StepState>();
  readonly #counts: { [state in StepState]: number } = { running: 0, done: 0, failed: 0, stopped: 0 };
  #open = false;
  #total = 0;

  constructor() {
    const bar = create("div", { class: "sw-bar sw-shares", "aria-hidden": "true" });
    const part = (state: StepState): HTMLElement => {
      const element = create("div", { "data-state": state });
      bar.append(element);
      return element;
    };
    this.#parts = { done: part("done"), failed: part("failed"), stopped: part("stopped"), running: part("running") };
    const line = create("div", { class: "sw-line" }, this.#words, this.#more);
    this.element = create("div", { class: "sw-part", "data-kind": "step-group" }, line, bar, this.list);
    this.#more.addEventListener("click", () => this.#toggle());
  }

  holds(element: HTMLElement): boolean {
    return this.#members.has(element);
  }

  add(element: HTMLElement, state: StepState, hasFailures: boolean): void {
    this.list.append(element);
    this.place(element, state, hasFailures);
  }

  /** Forgets a step; moving its element is the caller's. */
  release(element: HTMLElement): void {
    const state = this.#members.get(element);
    if (!state) return;
    this.#counts[state] -= 1;
    this.#members.delete(element);
    element.classList.remove("sw-aside");
  }

  /** Steps that failed, or in which something failed, are in sight also while the group is folded. */
  place(element: HTMLElement, state: StepState, hasFailures: boolean): void {
    const before = this.#members.get(element);
    if (before) this.#counts[before] -= 1;
    this.#counts[state] += 1;
    this.#members.set(element, state);
    element.classList.toggle("sw-aside", state !== "failed" && !hasFailures);
  }

  draw(): void {
    const counts = this.#counts;
    this.#total = totalOf(counts);
    setText(this.#words, countWords(counts));
    setAttribute(this.element, "data-state", counts.running > 0 ? "open" : "closed");
    for (const state of STEP_STATES) this.#parts[state].style.flexGrow = String(counts[state]);
    this.#drawMore();
  }

  #toggle(): void {
    this.#open = !this.#open;
    this.list.classList.toggle("sw-all", this.#open);
    setAttribute(this.#more, "aria-expanded", String(this.#open));
    this.#drawMore();
  }

  #drawMore(): void {
    setText(this.#more, this.#open ? english.SHOW_FEWER : english.showSteps(this.#total));
    setHidden(this.#more, this.#total === 0);
  }
}
