/**
 * The parts of one view as a list, as a stream of text needs it: mounts what is new, updates what
 * changed, leaves the rest alone. Runs with steps and more are set out by `extras/part-tree.ts`.
 */

import type { Changes, Document } from "./patch.ts";
import { mountPart } from "./renderers/index.ts";
import type { Context, Mounted, Parts } from "./renderers/renderer.ts";

export class PartList implements Parts {
  readonly #root: HTMLElement;
  readonly #context: Context;
  readonly #mounted = new Map<string, Mounted>();
  #count = 0;

  constructor(root: HTMLElement, context: Context) {
    this.#root = root;
    this.#context = context;
  }

  update(document: Document, changes: Changes | null): void {
    if (changes === null || changes.reset) this.clear();
    for (const id of changes?.parts ?? []) {
      const part = document.byId.get(id);
      if (part) this.#mounted.get(id)?.update(part);
    }
    for (; this.#count < document.parts.length; this.#count += 1) {
      const part = document.parts[this.#count]!;
      const mounted = mountPart(part, this.#context);
      mounted.update(part);
      this.#mounted.set(part.id, mounted);
      this.#root.append(mounted.element);
    }
  }

  tick(elapsed_s: number): void {
    for (const mounted of this.#mounted.values()) mounted.tick?.(elapsed_s);
  }

  status(): void {
    for (const mounted of this.#mounted.values()) mounted.status?.();
  }

  /** Gives the parts away, to be set out by somebody else. */
  release(): ReadonlyMap<string, Mounted> {
    const parts = new Map(this.#mounted);
    this.#mounted.clear();
    this.clear();
    return parts;
  }

  clear(): void {
    for (const mounted of this.#mounted.values()) mounted.dispose();
    this.#mounted.clear();
    this.#count = 0;
    this.#root.replaceChildren();
  }
}
