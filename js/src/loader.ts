/**
 * The `_esm` of every view: fetches the bundle from the one carrier widget, once per page.
 *
 * It travels with every widget and lies in every saved notebook, so it is kept small. anywidget
 * evaluates it once per model and gives a model two seconds to initialize: nothing here is awaited
 * in `initialize`.
 */

import { evaluate } from "./code.ts";
import type { Bytes } from "./code.ts";
import type { connect, mount } from "./index.ts";
import type { Model, Snapshot } from "./wire.ts";

declare const HASH: string;

interface Bundle {
  connect: typeof connect;
  mount: typeof mount;
}
interface Manager {
  get_model(id: string): Promise<Model>;
}

const hash = HASH; // named once: the build puts it in wherever it is written
const KEY = Symbol.for("streamwidget/" + hash);
const page = globalThis as unknown as { [key: symbol]: Promise<Bundle> | undefined };

/** After a reload models come in any order: the carrier may be a moment later than we are. */
const TRY_AFTER_MS = [0, 50, 200, 500, 1000];
const ANSWER_WITHIN_MS = 5000;

async function load(model: Model): Promise<Bundle> {
  for (const wait of TRY_AFTER_MS) {
    await new Promise((done) => setTimeout(done, wait));
    try {
      const manager = model.widget_manager as Manager;
      const carrier = await manager.get_model(String(model.get("_code")).slice(10)); // IPY_MODEL_<id>
      return await evaluate(carrier.get("src") as Bytes, hash);
    } catch {}
  }
  return evaluate(await askKernel(model), hash);
}

function askKernel(model: Model): Promise<Bytes> {
  return new Promise((answered, failed) => {
    model.on("msg:custom", (message: { code?: string }, buffers: Bytes[]) => {
      if (message.code && buffers[0]) answered(buffers[0]);
    });
    setTimeout(failed, ANSWER_WITHIN_MS);
    model.send({ cmd: "code", run_id: "", request_id: `${Math.random()}` });
  });
}

/** Better than nothing: the text of the snapshot, as it is. */
function showPlainly(model: Model, el: HTMLElement): void {
  const pre = document.createElement("pre");
  const draw = (): void => {
    const { parts = [] } = (model.get("snapshot") ?? {}) as Partial<Snapshot>;
    const text = parts.map((part) => part["text"] ?? part["message"] ?? "").join("\n");
    pre.textContent = `(Plain text: the code did not arrive.)\n${text}`;
  };
  draw();
  model.on("change:snapshot", draw);
  el.append(pre);
}

/** One closure per model: anywidget evaluates this module for each. */
export default () => {
  let ready: Promise<(el: HTMLElement, signal: AbortSignal) => void>;
  return {
    initialize({ model }: { model: Model }): void {
      const early: [string, unknown][] = [];
      let take = (kind: string, value: unknown): void => void early.push([kind, value]);
      for (const kind of ["patch", "snapshot"]) {
        model.on(`change:${kind}`, () => take(kind, model.get(kind)));
      }
      ready = (page[KEY] ??= load(model)).then((bundle) => {
        const store = bundle.connect(model, early, evaluate);
        take = (kind, value) => store.receive(kind, value);
        return (el, signal) => bundle.mount({ store, el, signal });
      });
      // The next model tries again.
      ready.catch(() => delete page[KEY]);
    },
    async render({ model, el }: { model: Model; el: HTMLElement }): Promise<() => void> {
      const over = new AbortController();
      try {
        (await ready)(el, over.signal);
      } catch {
        showPlainly(model, el);
      }
      return () => over.abort();
    },
  };
};
