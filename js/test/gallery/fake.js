/**
 * A page with views on fake models: the real loader and the real bundle, no kernel.
 *
 * `gallery.show(names)` puts scenes into the page; `gallery.models` are the fakes, to send through.
 * With `gallery.slow` the kernel does not answer when it is asked for parts: `give` does it for it.
 */

import { scenes } from "./scenes.js";

/** The carriers that the kernel has put there. */
const PARTS = { math: "IPY_MODEL_math", grammars: "IPY_MODEL_grammars" };

/** A model as anywidget's proxy shows it, with traits that a test sets. */
export class FakeModel {
  constructor(traits, carrier) {
    this.traits = { _code: "IPY_MODEL_carrier", _parts: gallery.slow ? {} : PARTS, ...traits };
    this.listeners = {};
    this.sent = [];
    this.gone = false;
    this.answers = true;
    this.widget_manager = { get_model: async (id) => (id === "carrier" ? carrier : models.get(id) ?? code(`${id}.js.gz`)) };
  }
  get(name) {
    return this.traits[name];
  }
  on(name, callback) {
    (this.listeners[name] ??= []).push(callback);
  }
  off(name, callback) {
    this.listeners[name] = (this.listeners[name] ?? []).filter((one) => one !== callback);
  }
  send(content) {
    if (this.gone) throw new Error("Cannot send");
    this.sent.push(content);
    if (PARTS[content.what] && !gallery.slow) setTimeout(() => this.give(content.what), 1);
    if (this.answers) setTimeout(() => this.acknowledge([content.request_id]), 1);
  }
  set(name, value) {
    this.traits[name] = value;
    for (const callback of this.listeners[`change:${name}`] ?? []) callback();
  }
  acknowledge(acks) {
    const { run_id, seq, status } = this.traits.snapshot ?? {};
    if (run_id) this.patch({ run_id, from_seq: seq, seq, ops: [], status, acks });
  }
  /** As the kernel does: names the carrier of a part in the state. */
  give(name) {
    this.set("_parts", { ...this.traits._parts, [name]: `IPY_MODEL_${name}` });
  }
  custom(message, buffers) {
    for (const callback of this.listeners["msg:custom"] ?? []) callback(message, buffers);
  }
  patch(message) {
    this.set("patch", { acks: [], ...message });
  }
}

/** Other models that a scene has put there: renderers of its own kinds. */
const models = new Map();

/** How many carriers are on their way. */
let loading_count = 0;

async function code(name) {
  loading_count += 1;
  const bytes = await (await fetch(name)).arrayBuffer();
  loading_count -= 1;
  return { get: () => new DataView(bytes) };
}

/** Waits for what was drawn, for the work between frames, and for parts that are on their way, however busy the machine is. */
async function settle(ms) {
  await new Promise((done) => setTimeout(done, ms));
  for (let calm_count = 0; calm_count < 3; calm_count = loading_count === 0 ? calm_count + 1 : 0) {
    await new Promise((done) => requestAnimationFrame(done));
    await new Promise((done) => requestIdleCallback(done, { timeout: 1000 }));
  }
}

async function show(names) {
  const [{ default: widget }, carrier] = [await import("./loader.js"), await code("app.js.gz")];
  document.body.replaceChildren();
  for (const name of names) {
    const scene = scenes[name];
    for (const [id, traits] of Object.entries(scene.models ?? {})) models.set(id, new FakeModel(traits, carrier));
    const model = new FakeModel(scene.traits, carrier);
    gallery.models[name] = model;
    const { initialize, render } = widget();
    for (const [id, member] of Object.entries(scene.members ?? {})) await join(id, member, widget, carrier);
    initialize({ model });
    const el = document.createElement("div");
    el.className = "scene jp-OutputArea-output";
    document.body.append(el);
    gallery.ends[name] = await render({ model, el });
    await scene.after?.(model, el);
  }
}

/** A view that is there without being shown, as those of a board. */
async function join(id, traits, widget, carrier) {
  const model = new FakeModel(traits, carrier);
  gallery.models[id] = model;
  widget().initialize({ model });
}

/** Forgets the code, as a page that was just opened. */
function reset() {
  for (const key of Object.getOwnPropertySymbols(globalThis)) {
    if (key.description?.startsWith("streamwidget/")) delete globalThis[key];
  }
}

/** A model of a scene; without a carrier its manager knows no other model. */
function fake(name, carrier) {
  const model = new FakeModel(scenes[name].traits, carrier);
  if (!carrier) model.widget_manager.get_model = () => Promise.reject(new Error("widget model not found"));
  return model;
}

globalThis.settle = settle;
globalThis.gallery = { show, scenes, reset, fake, models: {}, ends: {} };
