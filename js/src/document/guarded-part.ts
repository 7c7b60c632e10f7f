/**
 * One part whose renderer may fail: then its data is shown folded, with one sentence, and other parts are
 * drawn as before. The console says why, once.
 */

import { create, setText } from "../base/dom.ts";
import { withSignal } from "../parts/part-view.ts";
import type { Context, Mounted, Renderer } from "../parts/part-view.ts";
import { mountUnknown } from "../parts/unknown/unknown.ts";
import type { Part } from "../protocol/patch.ts";
import * as english from "../words/english.ts";

export class GuardedPart implements Mounted {
  readonly #scope = new AbortController();
  readonly #context: Context;
  #part: Part;
  #inner: Mounted;
  #broken = false;

  /** Draws `part` with `renderer`; `dispose` ends everything that it started. */
  constructor(part: Part, renderer: Renderer, context: Context) {
    this.#part = part;
    this.#context = withSignal(context, this.#scope.signal);
    context.signal.addEventListener("abort", () => this.dispose(), { once: true, signal: this.#scope.signal });
    try {
      this.#inner = renderer(part, this.#context);
    } catch (error) {
      this.#inner = this.#fallBack(error);
    }
  }

  get element(): HTMLElement {
    return this.#inner.element;
  }

  /** The renderer itself: one that contains other parts has more methods. */
  get inner(): Mounted {
    return this.#inner;
  }

  get ticks(): boolean {
    return this.#inner.tick !== undefined;
  }

  update(part: Part): void {
    this.#part = part;
    this.#try(() => this.#inner.update(part));
  }

  tick(elapsed_s: number): void {
    this.#try(() => this.#inner.tick?.(elapsed_s));
  }

  dispose(): void {
    if (this.#scope.signal.aborted) return;
    this.#scope.abort();
    try {
      this.#inner.dispose();
    } catch (error) {
      report(this.#part, error);
    }
  }

  #try(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#broken) return; // the fallback has failed too
    const { element } = this.#inner;
    if (element.querySelector(".sw-list .sw-part")) {
      this.#broken = true; // it contains other parts, so it stays as it is
      return report(this.#part, error);
    }
    this.#inner = this.#fallBack(error);
    element.replaceWith(this.#inner.element);
  }

  #fallBack(error: unknown): Mounted {
    this.#broken = true;
    report(this.#part, error);
    const plain = mountUnknown(this.#part, this.#context);
    const sentence = create("div", { class: "sw-note" });
    setText(sentence, english.PART_BROKEN);
    const element = create("div", { class: "sw-part", "data-kind": "broken" }, sentence, plain.element);
    const mounted = { element, update: (part: Part) => plain.update(part), dispose: () => plain.dispose() };
    mounted.update(this.#part);
    return mounted;
  }
}

const report = ({ id, kind }: Part, error: unknown): void =>
  console.error(`streamwidget: the part ${JSON.stringify(id)} of kind ${JSON.stringify(kind)} could not be drawn.`, error);
