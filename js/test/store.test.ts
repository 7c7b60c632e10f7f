/** Whatever happens to messages on the way, the document ends as the kernel has it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "../src/protocol/store.ts";
import {
  announcement, costWords, elapsedWords, firstWords, footWords, rateWords, statusWords, stopWords, tokenWords, warningWords,
} from "../src/words/status-words.ts";
import { nearValid } from "./near-valid.ts";
import fc from "./seeded.ts";
import { applyPatch, emptyDocument, noChanges, plainDocument } from "../src/protocol/patch.ts";
import type { Patch } from "../src/protocol/wire.ts";
import { add, append, message, rig, RUN, snapshot, status } from "./fakes.ts";

const PATCHES: Patch[] = [[add("a")], [append("a", "one ")], [append("a", "two "), add("b")], [append("b", "three")]];

function whole(patches: readonly Patch[]): object {
  const document = emptyDocument();
  for (const patch of patches) applyPatch(document, patch, noChanges());
  return plainDocument(document);
}

const patchesArbitrary = fc.array(
  fc.array(fc.tuple(fc.nat(2), fc.string({ unit: "grapheme", maxLength: 4 })), { maxLength: 4 }),
  { minLength: 1, maxLength: 12 },
).map((all): Patch[] => [
  [add("0"), add("1"), add("2")],
  ...all.map((patch) => patch.map(([id, text]) => append(String(id), text))),
]);

/** Messages as a hostile network could deliver them: any range, in any order, some never. */
const deliveries = (length: number) =>
  fc.array(fc.tuple(fc.nat(length), fc.nat(length)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const), { maxLength: 20 });

test("any ranges in any order, some lost, end in the kernel's document once resync is answered", () => {
  fc.assert(
    fc.property(
      patchesArbitrary.chain((patches) => fc.tuple(fc.constant(patches), deliveries(patches.length))),
      ([patches, ranges]) => {
        const { store, model, clock } = rig();
        for (const [from, to] of ranges) store.receive("patch", message(patches, from, to));
        store.receive("patch", message(patches, patches.length));
        for (let n = 0; n < 20 && store.seq < patches.length; n += 1) {
          const asked = model.commands("resync").at(-1);
          assert.ok(asked, "a gap is asked about");
          store.receive("patch", message(patches, Number(asked["seq"])));
          clock.pass(250);
        }
        assert.deepEqual(plainDocument(store.document), whole(patches));
      },
    ),
    { numRuns: 300 },
  );
});

test("a snapshot at any point changes nothing in what the document becomes", () => {
  fc.assert(
    fc.property(
      patchesArbitrary.chain((patches) => fc.tuple(fc.constant(patches), fc.nat(patches.length), fc.nat(patches.length))),
      ([patches, at, when]) => {
        const { store } = rig();
        const { parts, run } = whole(patches.slice(0, at)) as { parts: never[]; run: never };
        for (let n = 0; n < patches.length; n += 1) {
          if (n === when) store.receive("snapshot", snapshot(at, { parts, run }));
          store.receive("patch", message(patches, Math.min(n, store.seq), n + 1));
        }
        assert.deepEqual(plainDocument(store.document), whole(patches));
      },
    ),
    { numRuns: 300 },
  );
});

test("an overlap applies only what is new", () => {
  const { store } = rig();
  store.receive("patch", message(PATCHES, 0, 3));
  store.receive("patch", message(PATCHES, 1, 4));
  store.receive("patch", message(PATCHES, 0, 2));
  assert.deepEqual(plainDocument(store.document), whole(PATCHES));
});

test("a gap is asked about at most every 200 ms, and again while it is not closed", () => {
  const { store, model, clock } = rig();
  store.receive("patch", message(PATCHES, 0, 1));
  for (let n = 0; n < 10; n += 1) {
    store.receive("patch", message(PATCHES, 2, 3));
    clock.pass(10);
  }
  assert.equal(model.commands("resync").length, 1);
  assert.deepEqual(model.commands("resync")[0]?.["seq"], 1);
  clock.pass(100);
  assert.equal(model.commands("resync").length, 2);
  store.receive("patch", message(PATCHES, 1));
  clock.pass(10_000);
  assert.equal(model.commands("resync").length, 2);
  assert.deepEqual(plainDocument(store.document), whole(PATCHES));
});

test("a snapshot never moves a view backwards", () => {
  const { store } = rig();
  store.receive("patch", message(PATCHES, 0));
  store.receive("snapshot", snapshot(2, { parts: [] }));
  assert.deepEqual(plainDocument(store.document), whole(PATCHES));
});

test("a newer run replaces, an older one is ignored", () => {
  const { store } = rig();
  store.receive("patch", message(PATCHES, 0, 4, { run_id: "view.9" }));
  store.receive("patch", message([[add("new")]], 0, 1, { run_id: "view.10" }));
  store.receive("patch", message(PATCHES, 0, 4, { run_id: "view.9" }));
  assert.equal(store.runId, "view.10");
  assert.deepEqual(store.document.parts.map(({ id }) => id), ["new"]);
});

test("a status with a smaller rev is old news", () => {
  const { store } = rig();
  store.receive("patch", message([], 0, 0, { status: status({ rev: 5, state: "stopping" }) }));
  store.receive("patch", message([], 0, 0, { status: status({ rev: 4, state: "streaming" }) }));
  assert.equal(store.status.state, "stopping");
});

test("attaching says hello with what the model held", () => {
  const { store, model } = rig();
  assert.deepEqual([model.sent[0]?.cmd, model.sent[0]?.["seq"], model.sent[0]?.run_id], ["hello", 0, ""]);
  store.attach(snapshot(7), {});
  assert.deepEqual([model.sent[1]?.["seq"], model.sent[1]?.run_id], [7, RUN]);
});

test("the end is confirmed once, and again only when it is repeated", () => {
  const { store, model, clock } = rig();
  const end = { status: status({ rev: 8, state: "finished" }) } as const;
  store.receive("patch", message([], 0, 0, end));
  assert.deepEqual(model.commands("seen").map((one) => one["rev"]), [8]);
  const seen = model.commands("seen")[0]!;
  store.receive("patch", message([], 0, 0, { ...end, acks: [seen.request_id] }));
  assert.equal(model.commands("seen").length, 1, "its acknowledgement carries the end and is no repetition");
  clock.pass(500);
  store.receive("patch", message([], 0, 0, end));
  assert.equal(model.commands("seen").length, 2);
});

test("the end is not confirmed while something is missing", () => {
  const { store, model } = rig();
  const end = { status: status({ rev: 8, state: "finished" }) } as const;
  store.receive("patch", message(PATCHES, 2, 4, end));
  assert.equal(model.commands("seen").length, 0);
  store.receive("patch", message(PATCHES, 0, 4, end));
  assert.equal(model.commands("seen").length, 1);
});

test("listeners are told once per painted frame, of every part that changed", () => {
  const { store, clock } = rig();
  const told: string[][] = [];
  const over = new AbortController();
  clock.pass(20);
  store.subscribe(({ parts }) => told.push([...parts]), over.signal);
  for (let n = 0; n < 4; n += 1) store.receive("patch", message(PATCHES, n, n + 1));
  assert.deepEqual(told, []);
  clock.pass(20);
  assert.deepEqual(told, [["a", "b"]]);
  over.abort();
  store.receive("patch", message([...PATCHES, [append("a", "!")]], 4, 5));
  clock.pass(20);
  assert.equal(told.length, 1);
});

test("time is counted on while the kernel is there, and never goes back", () => {
  const { store, clock } = rig();
  store.receive("patch", message([], 0, 0, { status: status({ elapsed_s: 2 }) }));
  clock.pass(500);
  assert.equal(store.elapsed_s(), 2.5);
  store.receive("patch", message([], 0, 0, { status: status({ elapsed_s: 2.4 }) }));
  assert.equal(store.elapsed_s(), 2.5);
  store.receive("patch", message([], 0, 0, { status: status({ rev: 2, state: "finished", elapsed_s: 2.45 }) }));
  assert.equal(store.elapsed_s(), 2.45);
});

test("whatever comes as a message, receiving it does not throw", () => {
  fc.assert(
    fc.property(fc.constantFrom("patch", "snapshot", "custom"), fc.anything(), (kind, junk) => {
      rig().store.receive(kind, junk);
    }),
  );
});

test("messages that are almost right do not throw, and a right one after them takes effect", () => {
  fc.assert(
    fc.property(fc.array(nearValid, { maxLength: 6 }), (messages) => {
      const { store, clock } = rig();
      const signal = new AbortController().signal;
      store.subscribe(() => wordsOf(store), signal);
      for (const [kind, value] of messages) store.receive(kind, value);
      clock.pass(100);
      wordsOf(store);
      plainDocument(store.document);
      store.receive("snapshot", snapshot(1, { run_id: "view.99", status: status({ rev: 99, title: "right" }) }));
      assert.equal(store.status.title, "right");
    }),
    { numRuns: 2000 },
  );
});

/** Everything that a view says about its run. */
const wordsOf = (store: Store): string =>
  [statusWords, warningWords, rateWords, footWords, announcement, stopWords].map((words) => words(store)).join() +
  tokenWords(store.status) + firstWords(store.status) + costWords(store.status) + elapsedWords(store.elapsed_s());

test("a listener that throws is reported, and the others are called", (context) => {
  const said = context.mock.method(console, "error", () => {});
  const { store, clock } = rig();
  const { signal } = new AbortController();
  let called_count = 0;
  store.subscribe(() => {
    throw new Error("broken");
  }, signal);
  store.subscribe(() => (called_count += 1), signal);
  store.receive("patch", message([[add("a")]], 0));
  clock.pass(50);
  assert.equal(called_count, 1);
  assert.equal(said.mock.callCount(), 1);
});

test("a disposed store has left its model, sends nothing and draws nothing", () => {
  const { store, model, clock } = rig();
  store.receive("patch", message([[add("a")]], 0));
  store.stop();
  store.dispose();
  const sent_count = model.sent.length;
  let drawn_count = 0;
  store.subscribe(() => (drawn_count += 1), new AbortController().signal);
  store.receive("patch", message([[add("b")]], 1, 1));
  clock.pass(10_000);
  assert.equal(model.listeners_count, 0);
  assert.equal(model.sent.length, sent_count);
  assert.equal(drawn_count, 0);
});

test("pause, resume and retry wait for the kernel, and say when it is busy", () => {
  const { store, model, clock } = rig();
  store.receive("patch", message([], 0, 0, { status: status({ can_pause: true }) }));
  store.pause();
  store.pause();
  assert.equal(model.commands("pause").length, 1);
  assert.deepEqual(store.pending, { cmd: "pause", busy: false });
  clock.pass(1100);
  assert.match(warningWords(store), /kernel is busy/);
  store.receive("patch", message([], 0, 0, { acks: [model.commands("pause")[0]!.request_id] }));
  assert.equal(store.pending, null);
});
