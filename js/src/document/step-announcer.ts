/** Announces to screen readers when a top-level step starts or ends. */

import type { Changes, Document, Part } from "../protocol/patch.ts";
import type { Context } from "../parts/part-view.ts";
import { label } from "../base/safety.ts";
import * as english from "../words/english.ts";

export class StepAnnouncer {
  readonly #context: Context;
  readonly #states = new Map<string, string>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Announces the newest change; nothing of earlier steps, or of a run that has ended. */
  update(document: Document, changes: Changes | null): void {
    if (!changes || !this.#context.alive()) return;
    let newest: Part | null = null;
    for (const id of changes.parts) {
      const part = document.byId.get(id);
      if (part?.kind !== "step" || typeof part.fields["parent_id"] === "string") continue;
      const state = String(part.fields["state"]);
      if (this.#states.get(id) === state) continue;
      this.#states.set(id, state);
      newest = part;
    }
    if (newest) this.#context.say(english.stepNews(label(newest.fields["name"]), label(newest.fields["state"])));
  }
}
