/**
 * Parts of the front end that a page loads when something first needs them.
 *
 * Their bytes come as the bundle's do, in a carrier widget of their own: the view asks for it by a
 * `code` command, the kernel puts it into the view's `_parts`, where it stays, also in a saved
 * notebook. Until then, and where there is no kernel to ask, `get` gives null and the page is plainer.
 */

import type { Bytes, evaluate } from "./code.ts";
import { shared } from "./shared.ts";
import type { Model } from "./wire.ts";

export interface LazyParts {
  rest: typeof import("./rest.ts");
  extras: typeof import("./extras.ts");
  highlight: typeof import("./highlight.ts");
  math: typeof import("./math/index.ts");
}
export type PartName = keyof LazyParts;

/** The module of a part: takes what the core hands over. */
interface Wrapped {
  default(core: readonly unknown[]): never;
}

interface Manager {
  get_model(id: string): Promise<Model>;
}

/** The hash of each part; the build puts it in. */
declare const PARTS: { readonly [name in PartName]: string };
const HASHES = PARTS;

/** After a reload models come in any order: the carrier may be a moment later than the view. */
const TRY_AFTER_MS = [0, 50, 200, 500, 1000, 3000, 9000];

/** How the loader makes bytes into a module: it has that already. */
let run: typeof evaluate;
export const loadWith = (given: typeof evaluate): void => void (run = given);

/** What this page has loaded. */
const page: { [name in PartName]?: LazyParts[name] } = {};
/** The ids of the carriers that it is loading from. */
const loading = new Set<string>();
const watching = new Set<() => void>();

/** The lazy parts as one model gets them. */
export class Lazy {
  readonly #model: Model;
  readonly #ask: (what: PartName) => void;
  readonly #wanted = new Set<PartName>();

  constructor(model: Model, ask: (what: PartName) => void) {
    this.#model = model;
    this.#ask = ask;
    model.on("change:_parts", () => this.#look());
  }

  /** The part; null while the page does not have it. */
  get<Name extends PartName>(name: Name): LazyParts[Name] | null {
    return page[name] ?? null;
  }

  /** This view needs the part. Asked for even where the page has it: the saved notebook needs it too. */
  want(name: PartName): void {
    if (this.#wanted.has(name)) return;
    this.#wanted.add(name);
    if (this.#idOf(name) === null) this.#ask(name);
    else this.#look();
  }

  /** Has `again` called whenever the page has got a part; what it gives ends that. */
  whenMore(again: () => void): () => void {
    watching.add(again);
    return () => watching.delete(again);
  }

  #idOf(name: PartName): string | null {
    const parts = this.#model.get("_parts") as { [name: string]: unknown } | null | undefined;
    const id = parts && Object.hasOwn(parts, name) ? parts[name] : null;
    return typeof id === "string" ? id.slice(10) : null; // IPY_MODEL_<id>
  }

  #look(): void {
    for (const name of this.#wanted) {
      const id = this.#idOf(name);
      if (id !== null && !page[name]) void this.#load(name, id);
    }
  }

  async #load(name: PartName, id: string): Promise<void> {
    if (loading.has(id)) return;
    loading.add(id);
    try {
      const carrier = await this.#carrier(id);
      page[name] = (await run<Wrapped>(carrier.get("src") as Bytes, HASHES[name])).default(shared);
    } catch {
      return; // plainer, but all there
    } finally {
      loading.delete(id); // after a failure the next view tries again
    }
    for (const again of watching) again();
  }

  async #carrier(id: string): Promise<Model> {
    for (const wait_ms of TRY_AFTER_MS) {
      await new Promise((done) => setTimeout(done, wait_ms));
      try {
        return await (this.#model.widget_manager as Manager).get_model(id);
      } catch {}
    }
    throw new Error(`no carrier ${id}`);
  }
}
