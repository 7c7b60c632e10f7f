/**
 * A part of a custom kind, drawn by the user's module: code that was registered in Python and is
 * as trusted as the notebook. Its failures stay inside the part.
 *
 * The module exports `mount({ part, el, signal })`, or has it in its default export; `mount` may return a function
 * that is called with the part after each change.
 */

import { importModule } from "../../delivery/evaluate.ts";
import { create, setText } from "../../base/dom.ts";
import { plainPart } from "../../protocol/patch.ts";
import type { Part } from "../../protocol/patch.ts";
import type { Context, Mounted } from "../part-view.ts";
import { mountUnknown } from "../unknown/unknown.ts";
import { label } from "../../base/safety.ts";
import type { WirePart } from "../../protocol/wire.ts";
import * as english from "../../words/english.ts";

type Redraw = ((part: WirePart) => void) | void;
type Mount = (given: { part: WirePart; el: HTMLElement; signal: AbortSignal }) => Redraw | Promise<Redraw>;

/** Evaluated once per page, for any number of parts of the kind. */
const modules = new Map<string, Promise<Mount>>();

export class Custom implements Mounted {
  readonly element: HTMLElement;
  readonly #el = create("div", { class: "sw-own" });
  readonly #context: Context;
  readonly #over = new AbortController();
  #part: Part;
  #redraw: Redraw = undefined;
  #ready = false;

  constructor(part: Part, context: Context) {
    this.#part = part;
    this.#context = context;
    this.element = create("div", { class: "sw-part", "data-kind": "custom" }, this.#el);
    context.signal.addEventListener("abort", () => this.#over.abort(), { once: true, signal: this.#over.signal });
    void this.#mount();
  }

  update(part: Part): void {
    this.#part = part;
    if (this.#ready) this.#contained(() => this.#redraw?.(plainPart(part)));
  }

  dispose(): void {
    this.#over.abort();
  }

  async #mount(): Promise<void> {
    const { renderer } = this.#part.fields;
    if (typeof renderer !== "string") return this.#fallBack();
    try {
      const mount = await moduleOf(renderer, this.#context);
      if (this.#over.signal.aborted) return;
      this.#redraw = await mount({ part: plainPart(this.#part), el: this.#el, signal: this.#over.signal });
      this.#ready = true;
      this.update(this.#part);
    } catch (error) {
      this.#failed(error);
    }
  }

  #contained(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#ready = false;
    setText(this.#el, "");
    this.#fallBack();
    this.#el.prepend(create("div", { class: "sw-note" }, english.rendererFailed(label(this.#part.fields["name"]), error instanceof Error ? label(error.message) : label(String(error)))));
  }

  /** Its data unformatted: nothing received is hidden. */
  #fallBack(): void {
    const plain = mountUnknown(this.#part, this.#context);
    plain.update(this.#part);
    this.#el.append(plain.element);
  }
}

function moduleOf(reference: string, context: Context): Promise<Mount> {
  const known = modules.get(reference);
  if (known) return known;
  const loading = load(reference, context);
  modules.set(reference, loading);
  loading.catch(() => modules.delete(reference));
  return loading;
}

async function load(reference: string, context: Context): Promise<Mount> {
  const carrier = await context.model(reference);
  const module = (await importModule(carrier.get("src"))) as { mount?: unknown; default?: unknown };
  const given = module.default as { mount?: unknown } | undefined;
  for (const mount of [module.mount, module.default, given?.mount]) {
    if (typeof mount === "function") return mount as Mount;
  }
  throw new Error(english.NO_MOUNT);
}
