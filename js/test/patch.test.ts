/** Ops take effect as ARCHITECTURE.md says, and nothing from the wire throws. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyPatch, applySnapshot, emptyDocument, noChanges, plainDocument } from "../src/patch.ts";
import type { Fields, Op, Patch } from "../src/wire.ts";
import { add, append, snapshot } from "./fakes.ts";

interface Row {
  name: string;
  patches: Patch[];
  parts: Fields[];
  run?: Fields;
}

const text = (id: string, value: string, more: Fields = {}): Fields => ({
  id,
  kind: "text",
  state: "open",
  text: value,
  ...more,
});

const TABLE: Row[] = [
  { name: "nothing", patches: [], parts: [] },
  { name: "text grows", patches: [[add("a")], [append("a", "one "), append("a", "two")]], parts: [text("a", "one two")] },
  {
    name: "fields merge",
    patches: [[add("a"), { op: "set", id: "a", fields: { state: "closed" } }]],
    parts: [text("a", "", { state: "closed" })],
  },
  {
    name: "facts of the run merge",
    patches: [[{ op: "run", fields: { source: "x", format: null } }], [{ op: "run", fields: { format: "y" } }]],
    parts: [],
    run: { source: "x", format: "y" },
  },
  { name: "an unknown kind is kept", patches: [[add("a", "hologram", "?")]], parts: [text("a", "?", { kind: "hologram" })] },
  { name: "an id nobody added is set aside", patches: [[append("ghost", "boo")]], parts: [] },
  { name: "an unknown op is set aside", patches: [[{ op: "explode", id: "a" } as unknown as Op, add("b")]], parts: [text("b", "")] },
  { name: "the same id again updates in place", patches: [[add("a"), append("a", "x"), add("b"), add("a", "text", "xy")]], parts: [text("a", "xy"), text("b", "")] },
];

for (const { name, patches, parts, run = {} } of TABLE) {
  test(`applying: ${name}`, () => {
    const document = emptyDocument();
    for (const patch of patches) applyPatch(document, patch, noChanges());
    assert.deepEqual(plainDocument(document), { run, parts });
  });
}

test("whatever comes as an op, applying it does not throw", () => {
  fc.assert(
    fc.property(fc.array(fc.anything()), (junk) => {
      const document = emptyDocument();
      applyPatch(document, junk as Patch, noChanges());
      plainDocument(document);
    }),
  );
});

test("a snapshot keeps the parts that only grew, so that they are not drawn again", () => {
  const document = emptyDocument();
  applyPatch(document, [add("a"), append("a", "on")], noChanges());
  const part = document.parts[0];
  const changes = noChanges();
  applySnapshot(document, snapshot(9, { parts: [text("a", "one") as never, text("b", "") as never] }), changes);
  assert.equal(document.parts[0], part);
  assert.deepEqual(part?.pieces, ["on", "e"]);
  assert.equal(part?.generation, 0);
  assert.equal(changes.reset, false);
});

test("a snapshot with another text or another order draws again", () => {
  const document = emptyDocument();
  applyPatch(document, [add("a", "text", "old"), add("b")], noChanges());
  const changes = noChanges();
  applySnapshot(document, snapshot(9, { parts: [text("b", "") as never, text("a", "new") as never] }), changes);
  assert.equal(document.byId.get("a")?.generation, 1);
  assert.equal(changes.reset, true);
});
