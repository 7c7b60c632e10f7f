/** The list of parts of one view: mounts what is new, updates what changed, leaves the rest alone. */

import type { Changes, Document } from "./patch.ts";
import type { Plugins } from "./markdown/plugins.ts";
import { mountPart } from "./renderers/index.ts";
import { markdownOptions } from "./renderers/markdown.ts";
import type { Context, Mounted } from "./renderers/renderer.ts";

/** A step that names itself among its parents must not hang the page. */
const PARENTS_COUNT = 32;

export class PartList {
  readonly #root: HTMLElement;
  readonly #elapsed: () => number | null;
  readonly #plugins: Plugins;
  readonly #mounted = new Map<string, Mounted>();
  /** Mounted parts that want to know of time passing. */
  readonly #ticking = new Set<Mounted>();
  #count = 0;

  constructor(root: HTMLElement, elapsed: () => number | null, plugins: Plugins) {
    this.#root = root;
    this.#plugins = plugins;
    this.#elapsed = elapsed;
  }

  /** Draws `changes` of `document`; everything when they are null. */
  update(document: Document, changes: Changes | null): void {
    if (changes === null || changes.reset) this.clear();
    else this.#updateChanged(document, changes.parts);
    this.#mountNew(document);
  }

  tick(elapsed_s: number): void {
    for (const mounted of this.#ticking) mounted.tick?.(elapsed_s);
  }

  clear(): void {
    for (const mounted of this.#mounted.values()) mounted.dispose();
    this.#mounted.clear();
    this.#ticking.clear();
    this.#count = 0;
    this.#root.replaceChildren();
  }

  #updateChanged(document: Document, ids: Set<string>): void {
    for (const id of ids) {
      const part = document.byId.get(id);
      if (part) this.#mounted.get(id)?.update(part);
    }
  }

  #mountNew(document: Document): void {
    const context = this.#contextOf(document);
    for (; this.#count < document.parts.length; this.#count += 1) {
      const part = document.parts[this.#count]!;
      const mounted = mountPart(part, context);
      mounted.update(part);
      this.#mounted.set(part.id, mounted);
      if (mounted.tick) this.#ticking.add(mounted);
      this.#root.append(mounted.element);
    }
  }

  #contextOf(document: Document): Context {
    return {
      elapsed_s: this.#elapsed,
      markdown: markdownOptions(document.run, this.#plugins),
      depthOf(stepId) {
        let depth = 0;
        let parent = document.byId.get(stepId)?.fields["parent_id"];
        while (typeof parent === "string" && depth < PARENTS_COUNT) {
          depth += 1;
          parent = document.byId.get(parent)?.fields["parent_id"];
        }
        return depth;
      },
    };
  }
}
