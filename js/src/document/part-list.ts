/**
 * One list of parts: those of the run itself, or those inside one step.
 *
 * A list draws a bounded number of parts: the first, the newest, and the results. The parts between them
 * are behind a button that counts them. Steps without results that ran side by side in
 * great number become a group: one line that counts them and opens to show them. The work for
 * a change depends on the change, not on how many parts there are.
 */

import { create, setText } from "../base/dom.ts";
import { stepState } from "../parts/step/step.ts";
import type { Counts, StepState } from "../parts/step/step.ts";
import type { Part } from "../protocol/patch.ts";
import { SideBySide } from "./side-by-side.ts";
import { StepGroup } from "./step-group.ts";
import * as english from "../words/english.ts";

/** Parts that are not results: how many of the first and of the newest are drawn. */
const FIRST_COUNT = 60;
const NEWEST_COUNT = 140;
/** Results that are drawn, the newest of a list. */
export const RESULTS_COUNT = 200;
/** Parts that one press of the button shows. */
const MORE_COUNT = 100;
/** So many steps of one list that ran side by side form a group. */
const GROUP_COUNT = 9;
const SIDE_BY_SIDE_COUNT = 3;

/** The functions of the tree that a list uses. */
export interface Drawer {
  /** Creates the element of a part. */
  mount(id: string): HTMLElement | null;
  /** Removes the element of a part; it may be mounted again. */
  unmount(id: string): void;
}

/** A part of the list that is drawn. */
interface Entry {
  readonly id: string;
  readonly element: HTMLElement;
}

export class PartList {
  readonly #list: HTMLElement;
  readonly #drawer: Drawer;
  readonly #counts: { [state in StepState]: number } = { running: 0, done: 0, failed: 0, stopped: 0 };
  readonly #states = new Map<string, StepState>();
  /** Drawn parts that may have to be removed, oldest first. */
  readonly #newest: Entry[] = [];
  readonly #results: Entry[] = [];
  #first_count = 0;
  readonly #gaps = new Map<Element, Gap>();
  /** Drawn steps, and those of them that ran side by side. */
  readonly #steps = new Map<string, HTMLElement>();
  readonly #parallel = new Set<string>();
  readonly #withResults = new Set<string>();
  readonly #withFailures = new Set<string>();
  readonly #sideBySide = new SideBySide();
  #group: StepGroup | null = null;
  /** True once there are enough steps for a group. */
  #isGathering = false;

  constructor(list: HTMLElement, drawer: Drawer) {
    this.#list = list;
    this.#drawer = drawer;
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** True while parts can be drawn without removing others. */
  get hasRoom(): boolean {
    return this.#first_count < FIRST_COUNT;
  }

  /** Draws the part at the end of the list. */
  add(id: string, isResult: boolean): void {
    const element = this.#drawer.mount(id);
    if (!element) return;
    this.#list.append(element);
    if (this.#parallel.has(id)) this.#gather([id]);
    if (isResult) this.#note(this.#results, { id, element }, RESULTS_COUNT);
    else if (this.hasRoom) this.#first_count += 1;
    else this.#note(this.#newest, { id, element }, NEWEST_COUNT);
  }

  /** Puts the part behind the button at the end of the list, without drawing it. */
  addUndrawn(id: string): void {
    this.#gapAt(this.#list.lastElementChild).append(id);
  }

  /** Counts a step; `add` draws it. */
  addStep(step: Part): void {
    const state = stepState(step.fields["state"]);
    this.#states.set(step.id, state);
    this.#counts[state] += 1;
    const parallel = this.#sideBySide.add(step);
    for (const id of parallel) this.#parallel.add(id);
    if (parallel.length > 0) this.#gather(parallel);
  }

  /** Sets the element of the step; `add` puts it in place. */
  stepDrawn(id: string, element: HTMLElement): void {
    this.#steps.set(id, element);
  }

  /** Records the state of a step; true if it has changed. */
  stepChanged(step: Part): boolean {
    const { id } = step;
    const state = stepState(step.fields["state"]);
    const before = this.#states.get(id);
    if (before === undefined || before === state) return false;
    this.#sideBySide.change(step);
    this.#states.set(id, state);
    this.#counts[before] -= 1;
    this.#counts[state] += 1;
    const element = this.#steps.get(id);
    if (element && this.#group?.holds(element)) this.#group.place(element, state, this.#withFailures.has(id));
    return true;
  }

  /** Removes a step with a result from the group: results are never folded away. */
  stepHasResults(id: string): void {
    this.#withResults.add(id);
    const element = this.#steps.get(id);
    if (!element || !this.#group?.holds(element)) return;
    this.#group.release(element);
    this.#group.element.after(element);
  }

  /** A tool call in the step has failed, or no longer: such a step stays in sight while its group is folded. */
  stepHasFailures(id: string, has: boolean): void {
    if (has) this.#withFailures.add(id);
    else this.#withFailures.delete(id);
    const element = this.#steps.get(id);
    if (element && this.#group?.holds(element)) this.#group.place(element, this.#states.get(id)!, has);
  }

  /** Forgets a part that was removed from the document. */
  remove(id: string): void {
    const state = this.#states.get(id);
    if (state) this.#counts[state] -= 1;
    for (const known of [this.#states, this.#parallel, this.#withResults, this.#withFailures]) known.delete(id);
    this.#sideBySide.remove(id);
    this.#forget(id);
    for (const gap of this.#gaps.values()) gap.remove(id);
  }

  /** Draws the counts; call it once after the changes of a frame. */
  draw(): void {
    for (const gap of this.#gaps.values()) gap.draw();
    this.#group?.draw();
  }

  #forget(id: string): void {
    const element = this.#steps.get(id);
    this.#steps.delete(id);
    if (element) this.#group?.release(element);
    for (const entries of [this.#newest, this.#results]) {
      const at = entries.findIndex((entry) => entry.id === id);
      if (at >= 0) entries.splice(at, 1);
    }
  }

  #note(entries: Entry[], entry: Entry, most_count: number): void {
    entries.push(entry);
    if (entries.length > most_count) this.#giveWay(entries.shift()!);
  }

  /** Replaces a drawn part by a button. */
  #giveWay({ id, element }: Entry): void {
    // A part that failed to draw has another element by now; then its place is the end.
    const place = element.parentElement ? element.previousElementSibling : this.#list.lastElementChild;
    const after = element.nextElementSibling;
    const parent = element.parentElement ?? this.#list;
    this.#drawer.unmount(id);
    element.remove();
    this.#forget(id);
    const before = place ? this.#gaps.get(place) : undefined;
    const next = after ? this.#gaps.get(after) : undefined;
    if (before && next) this.#join(before, next, id);
    else if (before) before.append(id);
    else if (next) next.prepend(id);
    else this.#newGap(parent, after).append(id);
  }

  #join(before: Gap, next: Gap, id: string): void {
    before.append(id);
    for (const other of next.ids) before.append(other);
    this.#dropGap(next);
  }

  #gapAt(place: Element | null): Gap {
    return (place && this.#gaps.get(place)) ?? this.#newGap(this.#list, null);
  }

  #newGap(parent: Element, next: Element | null): Gap {
    const gap = new Gap(() => this.#showMore(gap));
    this.#gaps.set(gap.element, gap);
    parent.insertBefore(gap.element, next);
    return gap;
  }

  #dropGap(gap: Gap): void {
    this.#gaps.delete(gap.element);
    gap.element.remove();
  }

  /** Draws the last parts behind the button; they stay, because the reader requested them. */
  #showMore(gap: Gap): void {
    let next: Element | null = gap.element.nextElementSibling;
    for (const id of gap.takeLast(MORE_COUNT)) {
      const element = this.#drawer.mount(id);
      if (!element) continue;
      gap.element.parentElement!.insertBefore(element, next);
      if (this.#parallel.has(id)) this.#gather([id]);
      next = gap.element.nextElementSibling;
    }
    if (gap.ids.size === 0) this.#dropGap(gap);
    this.draw();
  }

  /** Puts the steps that ran side by side and hold no result into the group; `fresh` are the latest. */
  #gather(fresh: readonly string[]): void {
    if (this.#parallel.size < GROUP_COUNT || this.#sideBySide.most_count < SIDE_BY_SIDE_COUNT) return;
    const candidates = this.#isGathering ? fresh : this.#parallel;
    this.#isGathering = true;
    for (const id of candidates) {
      const element = this.#steps.get(id);
      if (!element || this.#withResults.has(id) || this.#group?.holds(element)) continue;
      this.#group ??= this.#newGroup(element);
      this.#group.add(element, this.#states.get(id)!, this.#withFailures.has(id));
    }
  }

  #newGroup(before: Element): StepGroup {
    const group = new StepGroup();
    before.before(group.element);
    return group;
  }
}

/** Parts that are not drawn, behind a button in their place. */
class Gap {
  readonly element = create("button", { class: "sw-plain sw-gap", type: "button" });
  /** In order. A set, because a reset can remove thousands of parts at once. */
  #ids = new Set<string>();

  constructor(showMore: () => void) {
    this.element.addEventListener("click", showMore);
  }

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  append(id: string): void {
    this.#ids.add(id);
  }

  /** Takes time in proportion to the parts of the gap: for a part that gives way between others and the gap, which is rare. */
  prepend(id: string): void {
    this.#ids = new Set([id, ...this.#ids]);
  }

  remove(id: string): void {
    this.#ids.delete(id);
  }

  /** The last `most_count` IDs, newest first. */
  takeLast(most_count: number): string[] {
    const last = [...this.#ids].slice(-most_count).reverse();
    for (const id of last) this.#ids.delete(id);
    return last;
  }

  draw(): void {
    const { size } = this.#ids;
    setText(this.element, english.showParts(size, Math.min(MORE_COUNT, size)));
  }
}
