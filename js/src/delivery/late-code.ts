/**
 * Code that a view loads when a text first needs it: for formulas, and for highlighting.
 *
 * Like the app, it is delivered by a carrier widget. The view requests it with a `code` command; the
 * kernel puts the carrier into the view's `_parts`, where it stays, also in a saved notebook. Until the code
 * is loaded, or if no kernel can send it, formulas are shown as TeX and code without colours.
 */

import * as english from "../words/english.ts";
import { addStyle } from "../base/styles.ts";
import type { Model } from "../protocol/wire.ts";
import { evaluate } from "./evaluate.ts";
import type { Bytes } from "./evaluate.ts";

/** The exports of each artefact; its `style` is added to that of the app. */
export interface LateModules {
  math: typeof import("../math/math.ts");
  grammars: typeof import("../highlight/grammars.ts");
}
export type LateName = keyof LateModules;

interface Manager {
  get_model(id: string): Promise<Model>;
}

/** Set by the build. */
declare const MATH_HASH: string;
declare const GRAMMARS_HASH: string;

const ARTEFACTS: { readonly [name in LateName]: { readonly hash: () => string; readonly without: string } } = {
  math: { hash: () => MATH_HASH, without: english.WITHOUT_MATH },
  grammars: { hash: () => GRAMMARS_HASH, without: english.WITHOUT_COLOURS },
};

/** After a reload, models arrive in any order: the carrier may come shortly after the view. */
const TRY_AFTER_MS = [0, 50, 200, 500, 1000, 3000, 9000];

/** State of the page: the modules, the carriers being read, and the waiting callbacks. */
const loaded: Partial<LateModules> = {};
const loading = new Set<string>();
const waiting = new Set<() => void>();

/** The late code, as one model uses it. */
export class LateCode {
  readonly #model: Model;
  readonly #ask: (name: LateName) => void;
  readonly #signal: AbortSignal;
  readonly #wanted = new Set<LateName>();

  /** `ask` requests a carrier from the kernel. */
  constructor(model: Model, ask: (name: LateName) => void, signal: AbortSignal) {
    this.#model = model;
    this.#ask = ask;
    this.#signal = signal;
    const look = (): void => this.#wanted.forEach((name) => this.#look(name));
    model.on("change:_parts", look);
    signal.addEventListener("abort", () => model.off("change:_parts", look), { once: true });
  }

  /** The module; if the page does not have it, requests it and returns undefined. */
  get<Name extends LateName>(name: Name): LateModules[Name] | undefined {
    if (!this.#wanted.has(name)) {
      this.#wanted.add(name);
      // Requested even if the page has it, because the saved notebook needs it too.
      if (this.#carrierId(name) === null) this.#ask(name);
      else this.#look(name);
    }
    return (loaded as LateModules)[name];
  }

  /** Calls `call` whenever the page has loaded another module; the result cancels. */
  whenLoaded(call: () => void): () => void {
    waiting.add(call);
    return () => waiting.delete(call);
  }

  #carrierId(name: LateName): string | null {
    const parts = this.#model.get("_parts") as { [name: string]: unknown } | null | undefined;
    const id = parts && Object.hasOwn(parts, name) ? parts[name] : null;
    return typeof id === "string" ? id.slice(10) : null; // IPY_MODEL_<id>
  }

  #look(name: LateName): void {
    const id = this.#carrierId(name);
    if (id !== null && !loaded[name]) void this.#load(name, id);
  }

  async #load(name: LateName, id: string): Promise<void> {
    if (loading.has(id)) return;
    loading.add(id);
    const { hash, without } = ARTEFACTS[name];
    try {
      const carrier = await this.#carrier(id);
      const module = await evaluate<LateModules[LateName]>(carrier.get("src") as Bytes, hash());
      if (!loaded[name]) addStyle(module.style);
      Object.assign(loaded, { [name]: module });
    } catch (error) {
      if (!this.#signal.aborted) console.error(`streamwidget: ${without}, their code did not load.`, error);
      return;
    } finally {
      loading.delete(id); // the next view tries again
    }
    for (const call of waiting) call();
  }

  async #carrier(id: string): Promise<Model> {
    let cause: unknown;
    for (const wait_ms of TRY_AFTER_MS) {
      await new Promise((done) => setTimeout(done, wait_ms));
      try {
        return await (this.#model.widget_manager as Manager).get_model(id);
      } catch (error) {
        cause = error;
      }
    }
    throw new Error(`streamwidget: the widget manager has no model ${id}.`, { cause });
  }
}
