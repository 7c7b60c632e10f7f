/**
 * The `_esm` of every view: fetches the app from the one carrier widget, once per page.
 *
 * Every widget and every saved notebook contains it, so it is small. anywidget
 * evaluates it once per model and gives a model two seconds to initialize: nothing here is awaited
 * in `initialize`.
 */

import type { connect } from "../app.ts";
import type { Model, Snapshot } from "../protocol/wire.ts";
import { evaluate } from "./evaluate.ts";
import type { Bytes } from "./evaluate.ts";
import { LOADING_FAILED } from "../words/loading.ts";

/** Set by the build. */
declare const APP_HASH: string;

interface App {
  connect: typeof connect;
}
interface Manager {
  get_model(id: string): Promise<Model>;
}
interface Given {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
}

const hash = APP_HASH;
const KEY = Symbol.for(`streamwidget/${hash}`);
const page = globalThis as unknown as { [key: symbol]: Promise<App> | undefined };

/** After a reload, models arrive in any order: the carrier may come shortly after the view. */
const TRY_AFTER_MS = [0, 50, 200, 500, 1000];
/** A manager may wait long for a model that it does not know: marimo's waits 10 s. */
const CARRIER_WITHIN_MS = 3000;
const ANSWER_WITHIN_MS = 5000;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** The app: loaded by another model if that succeeded, else by this one. */
async function appFor(model: Model): Promise<App> {
  const others = await page[KEY]?.catch(() => null);
  if (others) return others;
  const own = (page[KEY] = load(model));
  own.catch(() => page[KEY] === own && delete page[KEY]);
  return own;
}

async function load(model: Model): Promise<App> {
  const carried = fromCarrier(model);
  let cause: unknown;
  const app = await Promise.race([carried, pause(CARRIER_WITHIN_MS)]).catch((error: unknown) => void (cause = error));
  if (app) return app;
  const asked = askKernel(model, cause).then((code) => evaluate<App>(code, hash));
  return Promise.race([carried.catch(() => asked), asked]);
}

async function fromCarrier(model: Model): Promise<App> {
  let cause: unknown;
  for (const wait_ms of TRY_AFTER_MS) {
    await pause(wait_ms);
    try {
      const manager = model.widget_manager as Manager;
      const carrier = await manager.get_model((model.get("_code") as string).slice(10)); // IPY_MODEL_<id>
      return await evaluate(carrier.get("src") as Bytes, hash);
    } catch (error) {
      cause = error;
    }
  }
  throw cause;
}

/** A view that cannot reach the carrier (another frame, another manager) requests the app from its kernel. */
function askKernel(model: Model, cause: unknown): Promise<Bytes> {
  return new Promise((answered, failed) => {
    model.on("msg:custom", (message: { code?: string }, buffers: Bytes[]) => {
      if (message.code && buffers[0]) answered(buffers[0]);
    });
    setTimeout(() => failed(cause), ANSWER_WITHIN_MS);
    model.send({ cmd: "code", run_id: "", request_id: `${Math.random()}` });
  });
}

/** The text of the snapshot, unformatted. */
function showPlainly({ model, el }: Given): void {
  const pre = document.createElement("pre");
  const draw = (): void => {
    const { parts = [] } = (model.get("snapshot") ?? {}) as Partial<Snapshot>;
    pre.textContent = [LOADING_FAILED, "", ...parts.map((part) => part?.["text"] ?? part?.["message"])].join("\n");
  };
  draw();
  model.on("change:snapshot", draw);
  el.append(pre);
}

/** A controller that also aborts with `signal`, where the host gives one. */
function scopeOf(signal: AbortSignal | undefined): AbortController {
  const scope = new AbortController();
  signal?.addEventListener("abort", () => scope.abort());
  return scope;
}

/** One closure per model: anywidget evaluates this module for each. */
export default () => {
  // The host removes a model's listeners with the model; the store ends with the signal.
  let ready: Promise<ReturnType<typeof connect>>;
  return {
    initialize({ model, signal }: Given): () => void {
      const scope = scopeOf(signal);
      const early: [string, unknown][] = [];
      let take = (kind: string, value: unknown): void => void early.push([kind, value]);
      for (const kind of ["patch", "snapshot"]) {
        model.on(`change:${kind}`, () => take(kind, model.get(kind)));
      }
      ready = appFor(model).then((app) => {
        const connected = app.connect({ model, early, signal: scope.signal });
        take = (kind, value) => connected.receive(kind, value);
        return connected;
      });
      ready.catch(() => {}); // reported where it is shown
      return () => scope.abort();
    },
    async render(given: Given): Promise<() => void> {
      const scope = scopeOf(given.signal);
      try {
        (await ready).mount(given.el, scope.signal);
      } catch (error) {
        console.error(LOADING_FAILED, error);
        showPlainly(given);
      }
      return () => scope.abort();
    },
  };
};
