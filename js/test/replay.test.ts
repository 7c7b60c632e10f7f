/** The kernel's cases: replaying all patches on an empty document gives the document. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { applyPatch, emptyDocument, noChanges, plainDocument } from "../src/protocol/patch.ts";
import type { Fields, Patch, PatchMessage, WirePart } from "../src/protocol/wire.ts";
import { rig } from "./fakes.ts";

/** Seen from `js/`, where `npm test` runs. */
const FOLDER = "../tests/cases/replay/";

interface Case {
  name: string;
  patches: Patch[];
  document: { run: Fields; parts: WirePart[] };
  messages?: PatchMessage[];
}

const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

test("there are cases to replay", () => assert.ok(names.length > 0, `no case in ${FOLDER}`));

for (const file of names) {
  const { name, patches, document, messages } = JSON.parse(readFileSync(FOLDER + file, "utf8")) as Case;
  test(`replaying: ${name}`, () => {
    const replayed = emptyDocument();
    for (const patch of patches) applyPatch(replayed, patch, noChanges());
    assert.deepEqual(plainDocument(replayed), document);
    assert.deepEqual(replayed.strays, []);
  });
  if (messages) {
    test(`receiving: ${name}`, () => {
      const { store } = rig();
      for (const one of messages) store.receive("patch", one);
      assert.deepEqual(plainDocument(store.document), document);
    });
  }
}
