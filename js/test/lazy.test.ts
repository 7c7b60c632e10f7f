/** Parts are asked for once, only where they are not there already, and never break what shows them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../src/store.ts";
import { FakeClock, FakeModel } from "./fakes.ts";

function setUp(parts?: unknown): { model: FakeModel; store: Store; asked: () => unknown[] } {
  const model = new FakeModel();
  model.traits["_parts"] = parts;
  const store = new Store(model, new FakeClock());
  return { model, store, asked: () => model.commands("code").map((message) => message["what"]) };
}

test("a part that is wanted is asked for once", () => {
  const { store, asked } = setUp({});
  store.lazy.want("math");
  store.lazy.want("math");
  store.lazy.want("highlight");
  assert.deepEqual(asked(), ["math", "highlight"]);
  assert.equal(store.lazy.get("math"), null);
});

test("a part whose carrier is named in the state is not asked for", () => {
  const { store, asked } = setUp({ math: "IPY_MODEL_other" });
  store.lazy.want("math");
  assert.deepEqual(asked(), []);
});

test("the carrier that is named is the one that is looked for", async () => {
  const { model, store } = setUp({});
  const looked = new Promise((done) => (model.widget_manager = { get_model: done }));
  store.lazy.want("math");
  model.traits["_parts"] = { math: "IPY_MODEL_abc", highlight: "IPY_MODEL_def" };
  model.fire("change:_parts");
  assert.equal(await looked, "abc");
});

for (const parts of [undefined, null, 5, "x", [], { math: 5 }, { math: null }]) {
  test(`a state of ${JSON.stringify(parts)} has no carrier`, () => {
    const { model, store, asked } = setUp(parts);
    store.lazy.want("math");
    model.fire("change:_parts");
    assert.deepEqual(asked(), ["math"]);
  });
}

test("a dead comm is survived", () => {
  const { model, store } = setUp({});
  model.gone = true;
  store.lazy.want("math");
  assert.equal(store.lazy.get("math"), null);
});
