/**
 * A page with views on fake models: the real loader and the real bundle, no kernel.
 *
 * `gallery.show(names)` puts scenes into the page; `gallery.models` are the fakes, to send through.
 */

import { scenes } from "./scenes.js";

/** A model as anywidget's proxy shows it, with traits that a test sets. */
export class FakeModel {
  constructor(traits, carrier) {
    this.traits = { _code: "IPY_MODEL_carrier", ...traits };
    this.listeners = {};
    this.sent = [];
    this.gone = false;
    this.answers = true;
    this.widget_manager = { get_model: async (id) => (PARTS.includes(id) ? part(id) : carrier) };
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
    if (PARTS.includes(content.what)) setTimeout(() => this.give(content.what), 1);
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

/** What a page loads when a view first needs it. */
const PARTS = ["highlight", "math"];

async function part(name) {
  const bytes = await (await fetch(`${name}.js.gz`)).arrayBuffer();
  return { get: () => new DataView(bytes) };
}

const carrier = () => part("bundle");

async function show(names) {
  const [{ default: widget }, code] = [await import("./loader.js"), await carrier()];
  document.body.replaceChildren();
  for (const name of names) {
    const model = new FakeModel(scenes[name].traits, code);
    gallery.models[name] = model;
    const { initialize, render } = widget();
    initialize({ model });
    const el = document.createElement("div");
    el.className = "scene";
    document.body.append(el);
    gallery.ends[name] = await render({ model, el });
    await scenes[name].after?.(model, el);
  }
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

globalThis.gallery = { show, scenes, reset, fake, models: {}, ends: {} };
