/** The page writes the record into its notebook, and nothing else there. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { runKept, SavedOutput, saverOf } from "../src/delivery/saved-output.ts";
import { BoardKept } from "../src/board/board-model.ts";
import { Store } from "../src/protocol/store.ts";
import { register } from "../src/protocol/stores.ts";
import type { Fields, RunState } from "../src/protocol/wire.ts";
import { FakeClock, FakeModel, message, rig, RUN, status } from "./fakes.ts";

const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";
const viewOf = (model_id: string): Fields => ({ [WIDGET_VIEW]: { model_id } as Fields, "text/plain": "live" });
const RECORD = { data: { "text/html": "<h3>T</h3>" }, metadata: { streamwidget: { run: RUN } } };

interface Saved {
  output_type: string;
  data: Fields;
  metadata: Fields;
}

/** A notebook of one cell: what the page shows, and what is saved. */
function notebook(...data: Fields[]) {
  const saved: Saved[] = data.map((each) => ({ output_type: "display_data", data: each, metadata: {} }));
  const origins: unknown[] = [];
  const cell = {
    outputs: {
      length: data.length,
      get: (at: number) => ({ data: data[at]! }),
      set: (at: number, output: { data?: Fields }) => void (data[at] = output.data!),
    },
    sharedModel: {
      getOutputs: () => structuredClone(saved),
      updateOutputs(start: number, end: number, outputs: Saved[], origin: unknown): void {
        saved.splice(start, end - start, ...outputs);
        origins.push(origin);
      },
    },
  };
  return { saved, shown: data, origins, model: { dirty: false, cells: { length: 1, get: () => cell } } };
}

function view(...data: Fields[]) {
  const book = notebook(...data);
  const { store, model, clock } = rig();
  model.widget_manager = { context: { model: book.model } };
  const output = new SavedOutput({ model, kept: runKept(store), clock, signal: new AbortController().signal });
  const answer = (more: Fields): void => {
    for (const listener of store.customs) listener({ record: "r", ...RECORD, ...more });
  };
  return { ...book, output, store, widget: model, clock, answer };
}

test("who writes is known by the host", () => {
  const { widget } = view(viewOf("view"));
  assert.equal(saverOf(widget), "page");
  widget.widget_manager = {};
  assert.equal(saverOf(widget), "none");
});

test("at the end the record is asked for once and takes the place of the widget, silently", () => {
  const { store, widget, clock, saved, origins, model, answer } = view(viewOf("other"), viewOf("view"));
  store.receive("patch", message([], 0, 0, { status: status({ rev: 5, state: "finished" }) }));
  clock.pass(20);
  clock.pass(20);
  assert.equal(widget.commands("record").length, 1);
  answer({ over: true });
  answer({ over: true });
  assert.deepEqual(saved[1], { output_type: "display_data", ...RECORD });
  assert.deepEqual(saved[0]?.data, viewOf("other"), "other views are left alone");
  assert.deepEqual(origins, ["silent-change"], "the same bytes are written once");
  assert.equal(model.dirty, true);
});

test("while a run is live its words stand beside the widget, and a dead kernel leaves the last state", () => {
  const { store, widget, clock, saved, answer } = view(viewOf("view"));
  store.receive("patch", message([], 0, 0, { status: status({ rev: 5, state: "streaming" }) }));
  clock.pass(20);
  clock.pass(2500);
  assert.equal(widget.commands("record").length, 1);
  answer({ over: false, live: { "text/plain": "3 of 5 steps" } });
  assert.deepEqual(saved[0]?.data, { ...viewOf("view"), "text/plain": "3 of 5 steps" });
  widget.fire("comm:close");
  clock.pass(20);
  assert.deepEqual(saved[0]?.data, RECORD.data);
});

test("a kernel that dies before the page had its state leaves the words of the display", () => {
  const { store, widget, clock, saved } = view(viewOf("view"));
  store.receive("patch", message([], 0, 0, { status: status({ rev: 5, state: "streaming" }) }));
  clock.pass(20);
  widget.fire("comm:close");
  clock.pass(20);
  assert.deepEqual(saved[0]?.data, { "text/plain": "live" });
});

test("the reader can put the record in the place of the view, once there is one", () => {
  const { output, store, clock, shown, answer } = view(viewOf("other"), viewOf("view"));
  store.receive("patch", message([], 0, 0, { status: status({ rev: 5, state: "streaming" }) }));
  answer({ over: false, live: { "text/plain": "3 of 5 steps" } });
  assert.equal(output.showRecord, null);
  store.receive("patch", message([], 0, 0, { status: status({ rev: 6, state: "finished" }) }));
  clock.pass(20);
  assert.equal(output.showRecord, null);
  answer({ over: true });
  output.showRecord!();
  assert.deepEqual(shown, [viewOf("other"), RECORD.data]);
  assert.equal(output.showRecord, null, "no view of it is left");
});

test("an output that is no longer the widget is left alone", () => {
  const { store, clock, saved, answer } = view(viewOf("view"));
  saved[0] = { output_type: "display_data", data: { "text/plain": "mine" }, metadata: {} };
  store.receive("patch", message([], 0, 0, { status: status({ rev: 5, state: "finished" }) }));
  clock.pass(20);
  answer({ over: true });
  assert.deepEqual(saved[0]?.data, { "text/plain": "mine" });
});

test("a board is recorded when its last run is over, and not while a run is unknown to the page", () => {
  const clock = new FakeClock();
  const model = new FakeModel();
  model.traits["_id"] = "board";
  const book = notebook({ ...viewOf("board"), "text/plain": "- a: running" });
  model.widget_manager = { context: { model: book.model } };
  const { signal } = new AbortController();
  const kept = new BoardKept(model, ["a", "b"], clock, signal);
  new SavedOutput({ model, kept, clock, signal });
  const stores = ["a", "b"].map((view) => {
    const store = new Store(new FakeModel(), clock);
    register(view, { store, mount: () => {} }, signal);
    return store;
  });
  const receive = (at: number, state: RunState, rev: number): void => {
    const run_id = `${"ab"[at]}.1`;
    stores[at]!.receive("patch", message([], 0, 0, { run_id, status: status({ rev, state }) }));
  };
  receive(0, "finished", 2);
  clock.pass(5000);
  assert.deepEqual([kept.phase, model.commands("record").length], ["unknown", 0]);
  receive(1, "streaming", 2);
  clock.pass(3000);
  assert.deepEqual([kept.phase, model.commands("record").length], ["live", 1]);
  receive(1, "failed", 3);
  clock.pass(3000);
  assert.deepEqual([kept.phase, model.commands("record").length], ["over", 2]);
  const record = { data: { "text/html": "<h3>Runs</h3>" }, metadata: { streamwidget: { run: "board.2" } } };
  for (const take of kept.customs) take({ record: "r", over: true, ...record });
  assert.deepEqual(book.saved[0], { output_type: "display_data", ...record });
});
