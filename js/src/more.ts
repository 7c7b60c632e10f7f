/**
 * Code that comes when it is first needed: the extras, in a carrier of their own like the bundle.
 *
 * The view's trait `_extras` names the carrier once the kernel has made it, which it does when such
 * a part is first there or a page asks. Loaded once per page, whichever view was first.
 */

import type * as Extras from "./extras.ts";
import { gunzipModule } from "./code.ts";
import type { CommandMessage, Model } from "./wire.ts";

declare const EXTRAS_HASH: string;

export type ExtrasModule = typeof Extras;

/** Once loaded: known at once, so that what is mounted later is there in the same frame. */
let loaded: ExtrasModule | null = null;
let evaluating: Promise<unknown> | null = null;
const waiting = new Set<(module: ExtrasModule) => void>();

const ASK_AFTER_MS = 400;

export class More {
  readonly #model: Model;
  readonly #ask: () => CommandMessage | null;
  #asked: Promise<ExtrasModule> | null = null;

  constructor(model: Model, ask: () => CommandMessage | null) {
    this.#model = model;
    this.#ask = ask;
  }

  get now(): ExtrasModule | null {
    return loaded;
  }

  /** Fails when neither this view nor another of the page can get it. */
  load(): Promise<ExtrasModule> {
    if (loaded) return Promise.resolve(loaded);
    this.#asked ??= new Promise((done, failed) => {
      waiting.add(done);
      this.#load().catch((error: unknown) => {
        this.#asked = null;
        failed(error);
      });
    });
    return this.#asked;
  }

  async #load(): Promise<void> {
    const reference = await this.#reference();
    const manager = this.#model.widget_manager as { get_model(id: string): Promise<Model> };
    const carrier = await manager.get_model(reference.replace(/^IPY_MODEL_/, ""));
    evaluating ??= gunzipModule(carrier.get("src") as ArrayBufferView<ArrayBuffer>, EXTRAS_HASH);
    evaluating.catch(() => (evaluating = null));
    loaded = (await evaluating) as ExtrasModule;
    for (const done of waiting) done(loaded);
    waiting.clear();
  }

  /** The carrier's name; asked for if the kernel has not told it by itself. */
  #reference(): Promise<string> {
    return new Promise((found, failed) => {
      const look = (): boolean => {
        const reference = this.#model.get("_extras");
        if (typeof reference !== "string" || reference === "") return false;
        found(reference);
        return true;
      };
      if (look()) return;
      this.#model.on("change:_extras", () => void look());
      setTimeout(() => {
        if (!look() && this.#ask() === null) failed(new Error("The kernel is gone, and this part's code with it."));
      }, ASK_AFTER_MS);
    });
  }
}
