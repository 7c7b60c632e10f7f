/** The content of a run: its parts as a tree, and its steps over time. */

import type { Clock } from "../base/clock.ts";
import type { Context } from "../parts/part-view.ts";
import type { Changes, Document } from "../protocol/patch.ts";
import type { Store } from "../protocol/store.ts";
import { PartTree } from "./part-tree.ts";
import { StepAnnouncer } from "./step-announcer.ts";
import { Timeline } from "./timeline.ts";

interface Given {
  list: HTMLElement;
  strip: HTMLElement;
  store: Store;
  clock: Clock;
  context: Context;
  /** Scrolls an element into view. */
  show(element: HTMLElement): void;
}

export class RunDocument {
  readonly #tree: PartTree;
  readonly #timeline: Timeline;
  readonly #announcer: StepAnnouncer;

  constructor({ list, strip, store, clock, context, show }: Given) {
    this.#tree = new PartTree(list, context, (call) => void clock.paint(call));
    this.#announcer = new StepAnnouncer(context);
    this.#timeline = new Timeline(strip, store, context.signal, (id) => {
      const element = this.#tree.reveal(id);
      if (element) show(element);
    });
  }

  /** Draws `changes` of `document`; everything when they are null. */
  update(document: Document, changes: Changes | null): void {
    this.#tree.update(document, changes);
    this.#timeline.update(changes);
    this.#announcer.update(document, changes);
  }

  tick(elapsed_s: number): void {
    this.#tree.tick(elapsed_s);
    this.#timeline.tick(elapsed_s);
  }

  clear(): void {
    this.#tree.clear();
    this.#timeline.clear();
  }
}
