/**
 * The parts of one view as a tree: the parts of a step are inside it.
 *
 * Mounts new parts, updates changed ones, and leaves the rest alone. Within a step, as in the run
 * itself, the order is that of the document. Steps nested deeper than a bound are drawn beside each other.
 */

import type { Context } from "../parts/part-view.ts";
import { holdsNothing, Step } from "../parts/step/step.ts";
import type { Holds } from "../parts/step/step.ts";
import { hasFailed } from "../parts/tool-call/tool-call.ts";
import type { Changes, Document, Part } from "../protocol/patch.ts";
import type { Json } from "../protocol/wire.ts";
import { GuardedPart } from "./guarded-part.ts";
import { rendererOf } from "./kinds.ts";
import { PartList, RESULTS_COUNT } from "./part-list.ts";
import type { Drawer } from "./part-list.ts";

/** Deepest nesting of steps, because layout is recursive. */
const DEPTH = 12;
/** Longest time for new parts in one frame; the rest are drawn in the next frame. */
const SLICE_MS = 24;
/** A part that is followed by so many others would be removed at once, so it is not drawn at all. */
const BEHIND_COUNT = 200;

const ANSWERS: ReadonlySet<string> = new Set(["text", "error"]);
const RESULTS: ReadonlySet<string> = new Set(["table", "metric", "value", "artifact", "custom", "ask", "knob"]);

const isResult = ({ kind }: Part): boolean => ANSWERS.has(kind) || RESULTS.has(kind);

/** A step and its content; the run itself is a branch without a part. */
interface Branch {
  readonly id: string | null;
  readonly parent: Branch | null;
  readonly depth: number;
  readonly holds: Holds;
  /** Its parts, in order. */
  readonly ids: Set<string>;
  /** Null while the step is not drawn. */
  list: PartList | null;
  step: Step | null;
}

export class PartTree implements Drawer {
  readonly #root: HTMLElement;
  readonly #context: Context;
  readonly #later: (call: () => void) => void;
  readonly #mounted = new Map<string, GuardedPart>();
  readonly #branches = new Map<string, Branch>();
  /** The branch of each part. */
  readonly #home = new Map<string, Branch>();
  /** Mounted parts that show the passing time. */
  readonly #ticking = new Set<GuardedPart>();
  /** Branches to draw at the end of this update. */
  readonly #stale = new Set<Branch>();
  #document: Document | null = null;
  #trunk: Branch;
  #placed_count = 0;
  /** Of the parts up to `#counted`, the results that are still to be placed, by the step that contains them. */
  readonly #ahead = new Map<Json | undefined, number>();
  #counted = 0;
  #slicing = false;

  /** `later` runs its argument in the next frame. */
  constructor(root: HTMLElement, context: Context, later: (call: () => void) => void) {
    this.#root = root;
    this.#context = context;
    this.#later = later;
    this.#trunk = this.#newTrunk();
  }

  /** Draws `changes` of `document`; everything when they are null. */
  update(document: Document, changes: Changes | null): void {
    this.#document = document;
    if (changes === null || changes.reset) this.clear();
    else this.#updateChanged(document, changes);
    this.#placeNew(document);
    this.#drawStale();
  }

  tick(elapsed_s: number): void {
    for (const mounted of this.#ticking) mounted.tick(elapsed_s);
  }

  /** Opens the steps around a part, and the part itself if it is a step; returns its element. */
  reveal(id: string): HTMLElement | undefined {
    for (let at: Branch | null | undefined = this.#branches.get(id); at; at = at.parent) at.step?.open();
    return this.#mounted.get(id)?.element;
  }

  clear(): void {
    for (const mounted of this.#mounted.values()) mounted.dispose();
    for (const all of [this.#mounted, this.#branches, this.#home, this.#ticking, this.#stale]) all.clear();
    this.#placed_count = this.#counted = 0;
    this.#ahead.clear();
    this.#root.replaceChildren();
    this.#trunk = this.#newTrunk();
  }

  mount(id: string): HTMLElement | null {
    const part = this.#document?.byId.get(id);
    if (!part) return null;
    const mounted = new GuardedPart(part, rendererOf(part.kind), this.#context);
    this.#mounted.set(id, mounted);
    this.#updateOne(part, mounted);
    if (mounted.inner instanceof Step) this.#fill(part.id, mounted.inner);
    return mounted.element;
  }

  unmount(id: string): void {
    const mounted = this.#mounted.get(id);
    if (!mounted) return;
    const branch = this.#branches.get(id);
    if (branch?.list) this.#empty(branch);
    this.#mounted.delete(id);
    this.#ticking.delete(mounted);
    mounted.dispose();
  }

  #newTrunk(): Branch {
    const list = new PartList(this.#root, this);
    const holds = holdsNothing();
    return { id: null, parent: null, depth: 0, holds, ids: new Set(), list, step: null };
  }

  /** Draws the parts of a step that has just been drawn. */
  #fill(id: string, step: Step): void {
    const branch = this.#branches.get(id);
    if (!branch) return;
    branch.step = step;
    branch.list = new PartList(step.list, this);
    branch.parent?.list?.stepDrawn(id, step.element);
    const parts = [...branch.ids].flatMap((inner) => this.#document?.byId.get(inner) ?? []);
    let ahead = parts.filter(isResult).length;
    for (const part of parts) {
      const inner = part.id;
      if (part.kind === "step") branch.list.addStep(part);
      if (isResult(part)) ahead -= 1;
      const holds = this.#branches.get(inner)?.holds;
      if (holds?.answers || holds?.results) branch.list.stepHasResults(inner);
      if (holds && holds.failed.size > 0) branch.list.stepHasFailures(inner, true);
      this.#draw(branch, part, isResult(part) ? ahead >= RESULTS_COUNT : parts.length > BEHIND_COUNT);
    }
    this.#stale.add(branch);
  }

  /** Removes the drawn content of a step, until the step is drawn again. */
  #empty(branch: Branch): void {
    branch.list = null;
    branch.step = null;
    for (const id of branch.ids) this.unmount(id);
  }

  #updateChanged(document: Document, { parts, removed }: Changes): void {
    for (const id of removed) this.#remove(id, removed);
    if (removed.size > 0) this.#recount();
    for (const id of parts) {
      const part = document.byId.get(id);
      if (!part) continue;
      const mounted = this.#mounted.get(id);
      if (mounted) this.#updateOne(part, mounted);
      if (part.kind === "step") this.#stepChanged(part);
      else if (part.kind === "tool-call") this.#countCall(this.#home.get(id), id, hasFailed(part));
    }
  }

  /** The remaining parts of a removed step move to the run. */
  #remove(id: string, removed: ReadonlySet<string>): void {
    const home = this.#home.get(id);
    if (!home) return;
    this.#placed_count -= 1;
    for (const call of [id, ...(this.#branches.get(id)?.holds.failed ?? [])]) this.#countCall(home, call, false);
    const element = this.#mounted.get(id)?.element;
    const orphans = this.#branches.get(id)?.ids ?? [];
    this.unmount(id);
    element?.remove();
    this.#home.delete(id);
    this.#branches.delete(id);
    home.list?.remove(id);
    home.ids.delete(id);
    for (const inner of orphans) if (!removed.has(inner)) this.#placeIn(this.#trunk, inner, false);
    this.#stale.add(home);
  }

  #updateOne(part: Part, mounted: GuardedPart): void {
    mounted.update(part);
    const { state, ended_s } = part.fields;
    const live = state === "open" || state === "running" || ended_s === null;
    if (mounted.ticks && live) this.#ticking.add(mounted);
    else this.#ticking.delete(mounted);
  }

  #stepChanged(part: Part): void {
    const home = this.#home.get(part.id);
    if (home?.list?.stepChanged(part)) this.#stale.add(home);
  }

  /** Places new parts, as many as fit into a frame. */
  #placeNew(document: Document): void {
    const { parts } = document;
    this.#countAhead(parts);
    const end = performance.now() + SLICE_MS;
    while (this.#placed_count < parts.length) {
      if (performance.now() > end) return this.#placeRest();
      const part = parts[this.#placed_count]!;
      const behind = isResult(part) ? this.#lookAhead(part, -1) >= RESULTS_COUNT : parts.length - this.#placed_count > BEHIND_COUNT;
      this.#placed_count += 1;
      this.#place(part, behind);
    }
  }

  #countAhead(parts: readonly Part[]): void {
    for (; this.#counted < parts.length; this.#counted += 1) {
      const part = parts[this.#counted]!;
      if (isResult(part)) this.#lookAhead(part, 1);
    }
  }

  /** Changes and returns the number of results to come in the step of `part`. */
  #lookAhead({ fields }: Part, by: 1 | -1): number {
    const ahead = (this.#ahead.get(fields["step_id"]) ?? 0) + by;
    this.#ahead.set(fields["step_id"], ahead);
    return ahead;
  }

  /** Parts were removed, including some that were not placed yet. */
  #recount(): void {
    this.#ahead.clear();
    this.#counted = this.#placed_count;
  }

  #placeRest(): void {
    if (this.#slicing) return;
    this.#slicing = true;
    this.#later(() => {
      this.#slicing = false;
      if (this.#context.signal.aborted || !this.#document) return;
      this.#placeNew(this.#document);
      this.#drawStale();
    });
  }

  #place(part: Part, behind: boolean): void {
    const isStep = part.kind === "step";
    const branch = this.#branchOf(part.fields[isStep ? "parent_id" : "step_id"], isStep);
    if (isStep) {
      const holds = holdsNothing();
      const inner = { id: part.id, parent: branch, depth: branch.depth + 1, holds, ids: new Set<string>(), list: null, step: null };
      this.#branches.set(part.id, inner);
      branch.list?.addStep(part);
    }
    this.#placeIn(branch, part.id, behind);
    const what = ANSWERS.has(part.kind) ? "answers" : RESULTS.has(part.kind) ? "results" : null;
    if (what) this.#hold(branch, what);
    if (part.kind === "tool-call") this.#countCall(branch, part.id, hasFailed(part));
  }

  #placeIn(branch: Branch, id: string, behind: boolean): void {
    this.#home.set(id, branch);
    branch.ids.add(id);
    const part = this.#document?.byId.get(id);
    if (part) this.#draw(branch, part, behind);
  }

  /** `behind`: it would be replaced by later parts. */
  #draw(branch: Branch, part: Part, behind: boolean): void {
    if (!branch.list) return;
    if (behind && (isResult(part) || !branch.list.hasRoom)) branch.list.addUndrawn(part.id);
    else branch.list.add(part.id, isResult(part));
    this.#stale.add(branch);
  }

  /** Records the content of a step in all steps around it. */
  #hold(branch: Branch, what: "answers" | "results"): void {
    for (let at: Branch | null = branch; at && !at.holds[what]; at = at.parent) {
      at.holds[what] = true;
      if (at.id !== null) at.parent?.list?.stepHasResults(at.id);
      this.#stale.add(at);
    }
  }

  /** Counts a failed tool call in the step that it stands in and every step around, or no longer. */
  #countCall(branch: Branch | undefined, id: string, failed: boolean): void {
    for (let at: Branch | null = branch ?? null; at && at.holds.failed.has(id) !== failed; at = at.parent) {
      if (failed) at.holds.failed.add(id);
      else at.holds.failed.delete(id);
      if (at.id !== null) at.parent?.list?.stepHasFailures(at.id, at.holds.failed.size > 0);
      this.#stale.add(at);
    }
  }

  /** The branch of a step, or for a step within steps too deep one of those around it. */
  #branchOf(stepId: Json | undefined, isStep: boolean): Branch {
    let branch = (typeof stepId === "string" && this.#branches.get(stepId)) || this.#trunk;
    while (isStep && branch.depth >= DEPTH) branch = branch.parent!;
    return branch;
  }

  #drawStale(): void {
    for (const branch of this.#stale) {
      branch.list?.draw();
      if (branch.list) branch.step?.family(branch.list.counts, branch.holds);
    }
    this.#stale.clear();
  }
}
