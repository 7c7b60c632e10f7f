/**
 * The parts of one view as a tree: what belongs to a step stands inside it.
 *
 * Mounts what is new, updates what changed, leaves the rest alone. Within a step, as in the run
 * itself, the order is that of the document.
 */

import { Family, stepState } from "./family.ts";
import type { Changes, Document, Part } from "../patch.ts";
import type { Context, Mounted, Parts } from "../renderers/renderer.ts";
import { mountPart } from "./kinds.ts";
import { Step } from "./step.ts";
import type { Holds } from "./step.ts";
import type { Json } from "../wire.ts";

/** A step that names itself among its parents must not hang the page. */
const PARENTS_COUNT = 32;

const ANSWERS: ReadonlySet<string> = new Set(["text", "error"]);
const RESULTS: ReadonlySet<string> = new Set(["table", "metric", "value", "artifact", "custom"]);

/** A step and what is in it; the run itself is one without a part. */
interface Branch {
  readonly mounted: Step | null;
  readonly parent: Branch | null;
  readonly family: Family;
  readonly holds: Holds;
}

export class PartTree implements Parts {
  readonly #root: HTMLElement;
  readonly #context: Context;
  readonly #mounted = new Map<string, Mounted>();
  readonly #branches = new Map<string, Branch>();
  /** Where each mounted step stands. */
  readonly #home = new Map<string, Branch>();
  /** Mounted parts that want to know of time passing. */
  readonly #ticking = new Set<Mounted>();
  readonly #watching = new Set<Mounted>();
  /** Branches to be drawn at the end of this update. */
  readonly #stale = new Set<Branch>();
  #trunk: Branch;
  #count = 0;

  constructor(root: HTMLElement, context: Context) {
    this.#root = root;
    this.#context = context;
    this.#trunk = this.#newTrunk();
  }

  /** Draws `changes` of `document`; everything when they are null. */
  update(document: Document, changes: Changes | null): void {
    if (changes === null || changes.reset) this.clear();
    else this.#updateChanged(document, changes.parts);
    this.#mountNew(document);
    for (const branch of this.#stale) {
      branch.family.draw();
      branch.mounted?.family(branch.family.counts, branch.holds);
    }
    this.#stale.clear();
  }

  tick(elapsed_s: number): void {
    for (const mounted of this.#ticking) mounted.tick?.(elapsed_s);
  }

  /** Tells the parts that want to know that the run has another state. */
  status(): void {
    for (const mounted of this.#watching) mounted.status?.();
  }

  /** Opens the steps around a part, and the part itself if it is a step; gives its element. */
  reveal(id: string): HTMLElement | undefined {
    for (let at: Branch | null | undefined = this.#branches.get(id); at; at = at.parent) at.mounted?.open();
    return this.#mounted.get(id)?.element;
  }

  clear(): void {
    for (const mounted of this.#mounted.values()) mounted.dispose();
    for (const all of [this.#mounted, this.#branches, this.#home, this.#ticking, this.#watching, this.#stale]) all.clear();
    this.#count = 0;
    this.#root.replaceChildren();
    this.#trunk = this.#newTrunk();
  }

  #newTrunk(): Branch {
    const holds = { answers: false, results: false };
    return { mounted: null, parent: null, family: new Family(this.#root), holds };
  }

  #updateChanged(document: Document, ids: Set<string>): void {
    for (const id of ids) {
      const part = document.byId.get(id);
      const mounted = part && this.#mounted.get(id);
      if (mounted) this.#updateOne(part, mounted);
    }
  }

  #updateOne(part: Part, mounted: Mounted): void {
    mounted.update(part);
    const { state, ended_s } = part.fields;
    const going = state === "open" || state === "running" || ended_s === null;
    if (mounted.tick && going) this.#ticking.add(mounted);
    else this.#ticking.delete(mounted);
    const home = this.#home.get(part.id);
    if (home?.family.stepChanged(part.id, stepState(state))) this.#stale.add(home);
  }

  #mountNew(document: Document): void {
    for (; this.#count < document.parts.length; this.#count += 1) {
      const part = document.parts[this.#count]!;
      const mounted = mountPart(part, this.#context);
      this.#mounted.set(part.id, mounted);
      if (mounted.status) this.#watching.add(mounted);
      if (mounted instanceof Step) this.#addStep(part, mounted);
      else this.#addPart(part, mounted);
      this.#updateOne(part, mounted);
    }
  }

  #addStep(part: Part, mounted: Step): void {
    const parent = this.#branchOf(part.fields["parent_id"]);
    parent.family.addStep(part.id, mounted.element, stepState(part.fields["state"]));
    const holds = { answers: false, results: false };
    this.#branches.set(part.id, { mounted, parent, family: new Family(mounted.list), holds });
    this.#home.set(part.id, parent);
    this.#stale.add(parent);
  }

  #addPart(part: Part, mounted: Mounted): void {
    const branch = this.#branchOf(part.fields["step_id"]);
    branch.family.add(mounted.element);
    this.#stale.add(branch);
    const what = ANSWERS.has(part.kind) ? "answers" : RESULTS.has(part.kind) ? "results" : null;
    if (what) this.#hold(branch, what);
  }

  /** Notes what a step holds, up to the run. */
  #hold(branch: Branch, what: keyof Holds): void {
    let depth = 0;
    for (let at: Branch | null = branch; at && !at.holds[what] && depth < PARENTS_COUNT; at = at.parent) {
      at.holds[what] = true;
      this.#stale.add(at);
      depth += 1;
    }
  }

  #branchOf(stepId: Json | undefined): Branch {
    return (typeof stepId === "string" && this.#branches.get(stepId)) || this.#trunk;
  }
}
