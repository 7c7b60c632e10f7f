/**
 * One list of parts: those of the run itself, or those inside one step.
 *
 * Steps that run side by side in great number become a crowd: one line that counts them, and the
 * steps themselves behind it. Counting costs what changed, not how many there are.
 */

import { create, setAttribute, setHidden, setText } from "../dom.ts";
import { counted } from "../format.ts";

export type StepState = "running" | "done" | "failed" | "stopped";
export type Counts = { readonly [state in StepState]: number };

const STATES: readonly StepState[] = ["running", "done", "failed", "stopped"];

/** So many steps in one list that ran side by side are a crowd. */
const CROWD_COUNT = 9;
const SIDE_BY_SIDE_COUNT = 3;
/** Failed steps that a folded crowd still shows. */
const FAILED_SHOWN_COUNT = 3;

export const stepState = (value: unknown): StepState =>
  STATES.includes(value as StepState) ? (value as StepState) : "done";

/** `12 running, 40 done, 2 failed`. */
export const countWords = (counts: Counts): string =>
  STATES.filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${state}`)
    .join(", ");

export const totalOf = (counts: Counts): number => STATES.reduce((sum, state) => sum + counts[state], 0);

export class Family {
  readonly #list: HTMLElement;
  readonly #counts: { [state in StepState]: number } = { running: 0, done: 0, failed: 0, stopped: 0 };
  readonly #states = new Map<string, StepState>();
  readonly #elements = new Map<string, HTMLElement>();
  #mostRunning = 0;
  #crowd: Crowd | null = null;

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  get counts(): Counts {
    return this.#counts;
  }

  add(element: HTMLElement): void {
    this.#list.append(element);
  }

  addStep(id: string, element: HTMLElement, state: StepState): void {
    this.#elements.set(id, element);
    if (this.#crowd) this.#crowd.list.append(element);
    else this.#list.append(element);
    this.#enter(id, state);
    if (!this.#crowd && this.#isCrowd()) this.#gather();
  }

  /** The step is in `state` now; true if it was in another. */
  stepChanged(id: string, state: StepState): boolean {
    const before = this.#states.get(id);
    if (before === undefined || before === state) return false;
    this.#counts[before] -= 1;
    this.#enter(id, state);
    return true;
  }

  #enter(id: string, state: StepState): void {
    this.#states.set(id, state);
    this.#counts[state] += 1;
    this.#mostRunning = Math.max(this.#mostRunning, this.#counts.running);
    this.#crowd?.place(this.#elements.get(id)!, state);
  }

  /** Draws the count; to be called once after the changes of a frame. */
  draw(): void {
    this.#crowd?.draw(this.#counts);
  }

  #isCrowd(): boolean {
    return this.#elements.size >= CROWD_COUNT && this.#mostRunning >= SIDE_BY_SIDE_COUNT;
  }

  #gather(): void {
    const crowd = new Crowd();
    const [first] = this.#elements.values();
    first!.before(crowd.element);
    for (const [id, element] of this.#elements) {
      crowd.list.append(element);
      crowd.place(element, this.#states.get(id)!);
    }
    this.#crowd = crowd;
  }
}

/** Many steps as one: a line, a bar in proportion, and the steps when asked. */
class Crowd {
  readonly element: HTMLElement;
  readonly list = create("div", { class: "sw-list sw-members" });
  readonly #words = create("span", { class: "sw-name" });
  readonly #more = create("button", { class: "sw-plain", type: "button", "aria-expanded": "false" });
  readonly #parts: { [state in StepState]: HTMLElement };
  readonly #failed = new Set<HTMLElement>();
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
    this.element = create("div", { class: "sw-part", "data-kind": "crowd" }, line, bar, this.list);
    this.#more.addEventListener("click", () => this.#toggle());
  }

  place(element: HTMLElement, state: StepState): void {
    const shown = state === "failed" && (this.#failed.has(element) || this.#failed.size < FAILED_SHOWN_COUNT);
    if (shown) this.#failed.add(element);
    else this.#failed.delete(element);
    element.classList.toggle("sw-aside", !shown);
  }

  draw(counts: Counts): void {
    this.#total = totalOf(counts);
    setText(this.#words, countWords(counts));
    setAttribute(this.element, "data-state", counts.running > 0 ? "open" : "closed");
    for (const state of STATES) this.#parts[state].style.flexGrow = String(counts[state]);
    this.#drawMore();
  }

  #toggle(): void {
    this.#open = !this.#open;
    this.list.classList.toggle("sw-all", this.#open);
    setAttribute(this.#more, "aria-expanded", String(this.#open));
    this.#drawMore();
  }

  #drawMore(): void {
    setText(this.#more, this.#open ? "Show fewer" : `Show all ${counted(this.#total, "step")}`);
    setHidden(this.#more, this.#total === 0);
  }
}
