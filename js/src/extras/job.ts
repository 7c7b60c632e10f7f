/** A run that is more than text: its parts as a tree, and its steps over time. */

import type { Changes, Document } from "../patch.ts";
import type { Context, Parts } from "../renderers/renderer.ts";
import type { Store } from "../store.ts";
import { PartTree } from "./part-tree.ts";
import { StepSpeaker } from "./step-speaker.ts";
import { Timeline } from "./timeline.ts";

interface Given {
  list: HTMLElement;
  strip: HTMLElement;
  store: Store;
  context: Context;
  /** Brings an element into sight. */
  show(element: HTMLElement): void;
}

export class Job implements Parts {
  readonly #tree: PartTree;
  readonly #timeline: Timeline;
  readonly #speaker: StepSpeaker;

  constructor({ list, strip, store, context, show }: Given) {
    this.#tree = new PartTree(list, context);
    this.#speaker = new StepSpeaker(context);
    this.#timeline = new Timeline(strip, store, (id) => {
      const element = this.#tree.reveal(id);
      if (element) show(element);
    });
  }

  update(document: Document, changes: Changes | null): void {
    this.#tree.update(document, changes);
    this.#timeline.update(changes);
    this.#speaker.update(document, changes);
  }

  tick(elapsed_s: number): void {
    this.#tree.tick(elapsed_s);
    this.#timeline.tick(elapsed_s);
  }

  status(): void {
    this.#tree.status();
  }

  clear(): void {
    this.#tree.clear();
    this.#timeline.clear();
  }
}
