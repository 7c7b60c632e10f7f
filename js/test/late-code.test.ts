/** Code that comes late is requested once, only where it is not there already, and never breaks what shows it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LateCode } from "../src/delivery/late-code.ts";
import { FakeModel } from "./fakes.ts";

interface Rig {
  model: FakeModel;
  math: LateCode;
  scope: AbortController;
  asked_count: () => number;
}

function setUp(parts?: unknown): Rig {
  const model = new FakeModel();
  model.traits["_parts"] = parts;
  let count = 0;
  const scope = new AbortController();
  const math = new LateCode(model, () => (count += 1), scope.signal);
  return { model, math, scope, asked_count: () => count };
}

test("math is requested once", () => {
  const { math, asked_count } = setUp({});
  assert.equal(math.get("math"), undefined);
  assert.equal(math.get("math"), undefined);
  assert.equal(asked_count(), 1);
});

test("math whose carrier is named in the state is not requested", () => {
  const { math, scope, asked_count } = setUp({ math: "IPY_MODEL_other" });
  math.get("math");
  assert.equal(asked_count(), 0);
  scope.abort();
});

test("the carrier that is named is the one that is looked for", async () => {
  const { model, math } = setUp({});
  const looked = new Promise((done) => (model.widget_manager = { get_model: (id: string) => (done(id), new Promise(() => {})) }));
  math.get("math");
  model.traits["_parts"] = { math: "IPY_MODEL_abc", other: "IPY_MODEL_def" };
  model.fire("change:_parts");
  assert.equal(await looked, "abc");
});

for (const parts of [undefined, null, 5, "x", [], { math: 5 }, { math: null }]) {
  test(`a state of ${JSON.stringify(parts)} has no carrier`, () => {
    const { model, math, asked_count } = setUp(parts);
    math.get("math");
    model.fire("change:_parts");
    assert.equal(asked_count(), 1);
  });
}

test("bytes with another hash are not run, and the console says so", async (context) => {
  const { model, math } = setUp({ math: "IPY_MODEL_hostile" });
  const said: unknown[][] = [];
  const reported = new Promise<void>((done) => {
    context.mock.method(console, "error", (...words: unknown[]) => (said.push(words), done()));
  });
  const src = new DataView(new TextEncoder().encode("globalThis.evil = 1").buffer);
  model.widget_manager = { get_model: async () => ({ get: () => src }) };
  math.get("math");
  await reported;
  assert.match(String(said[0]?.[1]), /SHA-256 is \w+, not 0/);
  assert.equal((globalThis as { evil?: number }).evil, undefined);
});

test("what is requested for one need is not requested for the other", () => {
  const { model, math } = setUp({ grammars: "IPY_MODEL_g" });
  const asked: string[] = [];
  model.widget_manager = { get_model: () => new Promise(() => {}) };
  const late = new LateCode(model, (name) => asked.push(name), new AbortController().signal);
  late.get("grammars");
  late.get("math");
  late.get("math");
  assert.deepEqual(asked, ["math"]);
  assert.equal(math.get("grammars"), undefined);
});

test("a closed model no longer listens", () => {
  const { model, scope } = setUp({});
  assert.equal(model.listeners_count, 1);
  scope.abort();
  assert.equal(model.listeners_count, 0);
});
