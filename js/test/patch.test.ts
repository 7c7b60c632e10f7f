/** Ops take effect as ARCHITECTURE.md says, and nothing from the wire throws. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "./seeded.ts";
import { applyPatch, applySnapshot, emptyDocument, noChanges, plainDocument } from "../src/protocol/patch.ts";
import type { Fields, Json, Op, Patch } from "../src/protocol/wire.ts";
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

const extend = (id: string, ...items: Json[]): Op => ({ op: "extend", id, items });

TABLE.push(
  {
    name: "items grow and are replaced in place",
    patches: [[add("a"), extend("a", 1, 2)], [extend("a", [3]), { op: "put", id: "a", items: [[0, "one"], [9, "none"], [2, null]] }]],
    parts: [text("a", "", { items: ["one", 2, null] })],
  },
  {
    name: "the newest items are kept, and old positions count on",
    patches: [[add("a"), { op: "set", id: "a", fields: { keep: 3 } }], [extend("a", 0, 1, 2, 3, 4)], [{ op: "put", id: "a", items: [[1, "gone"], [4, "four"]] }]],
    parts: [text("a", "", { keep: 3, items: [2, 3, "four"], dropped: 2 })],
  },
  {
    name: "setting the items replaces them whole",
    patches: [[add("a"), { op: "set", id: "a", fields: { keep: 3 } }, extend("a", 0, 1, 2, 3)], [{ op: "set", id: "a", fields: { items: ["x"] } }]],
    parts: [text("a", "", { keep: 3, items: ["x"] })],
  },
);

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

test("however items are cut into extends, the same ones are kept", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 12 }), fc.nat(20), (sizes, keep) => {
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const items = Array.from({ length: total }, (_, n) => n);
      const build = (cuts: number[]) => {
        const document = emptyDocument();
        applyPatch(document, [{ op: "add", part: { id: "a", kind: "log", keep } }, extend("a")], noChanges());
        let at = 0;
        for (const size of cuts) applyPatch(document, [extend("a", ...items.slice(at, (at += size)))], noChanges());
        return plainDocument(document);
      };
      assert.deepEqual(build(sizes), build([total]));
    }),
  );
});

test("a snapshot brings the kept items, and a new list starts a renderer again", () => {
  const document = emptyDocument();
  applyPatch(document, [add("a"), extend("a", 1, 2, 3)], noChanges());
  const part = document.parts[0];
  const parts = [text("a", "", { keep: 2, items: [3, 4], dropped: 2 }) as never];
  applySnapshot(document, snapshot(9, { parts }), noChanges());
  assert.deepEqual(part?.items, { list: [3, 4], dropped: 2, generation: 1 });
  applyPatch(document, [extend("a", 5)], noChanges());
  assert.deepEqual(part?.items, { list: [4, 5], dropped: 3, generation: 1 });
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
