/** The state of a chat against a kernel that loses messages, and is busy, or gone. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readChatMessage, readChatOptions } from "../src/chat/chat-messages.ts";
import { ChatState, isLive, isQueued } from "../src/chat/chat-state.ts";
import { textOf } from "../src/protocol/patch.ts";
import { add, append, FakeClock, FakeModel, status } from "./fakes.ts";

const turn = (id: string, parent: string | null, state = "streaming", question = `question ${id}`): object => ({
  id, parent, run_id: `chat.${id}`, question, state, char_count: 0,
});

const run = (id: string, from_seq: number, ops: object[], more: object = {}): object => ({
  run_id: `chat.${id}`, from_seq, seq: from_seq + ops.length, ops, status: status(), acks: [], ...more,
});

const message = (from_rev: number, rev: number, turns: object[], runs: object[] = [], leaf = String(rev)): object => ({
  from_rev, rev, leaf, turns, runs, acks: [],
});

function rig(): { state: ChatState; model: FakeModel; clock: FakeClock } {
  const [model, clock] = [new FakeModel(), new FakeClock()];
  const options = readChatOptions({ id: "chat", title: "A chat" })!;
  const state = new ChatState(model, options, clock, "page");
  state.attach({});
  return { state, model, clock };
}

test("a new chat reports what it has, and who saves the record", () => {
  const { model } = rig();
  const [hello] = model.commands("hello");
  assert.deepEqual([hello?.run_id, hello?.["rev"], hello?.["saves"]], ["chat.0", 0, "page"]);
});

test("the path leads from the first turn to the last one that is shown", () => {
  const { state } = rig();
  state.receive(message(0, 4, [turn("1", null), turn("2", "1"), turn("3", "1"), turn("4", "3", "queued")], [], "4"));
  assert.deepEqual(state.path().map(({ facts }) => facts.id), ["1", "3", "4"]);
  assert.equal(isQueued(state.turns.get("4")!), true);
});

test("an edit and a retry are versions of a turn, in the order in which they were asked", () => {
  const { state, model } = rig();
  state.receive(message(0, 4, [turn("1", null, "finished"), turn("2", "1"), turn("3", null), turn("4", "1")], [], "2"));
  const second = state.turns.get("2")!;
  assert.deepEqual(state.versions(second).map(({ facts }) => facts.id), ["2", "4"]);
  state.show(state.turns.get("4")!);
  state.ask("again", second);
  state.retry(second);
  assert.deepEqual(model.commands("show").map((one) => one["turn"]), ["4"]);
  assert.deepEqual(model.commands("ask").map((one) => one["instead"]), ["2"]);
  assert.deepEqual(model.commands("retry").map(({ run_id }) => run_id), ["chat.2"]);
});

test("the path can change without any turn", () => {
  const { state } = rig();
  state.receive(message(0, 2, [turn("1", null, "finished"), turn("2", null, "finished")], [], "2"));
  state.receive(message(2, 3, [], [], "1"));
  assert.deepEqual(state.path().map(({ facts }) => facts.id), ["1"]);
});

test("a circle of parents ends", () => {
  const { state } = rig();
  state.receive(message(0, 2, [turn("1", "2"), turn("2", "1")], [], "2"));
  assert.equal(state.path().length, 2);
});

test("the text of a live answer grows with its patches", () => {
  const { state } = rig();
  state.receive(message(0, 1, [turn("1", null)], [run("1", 0, [[add("t1", "text", "Hel")]])]));
  state.receive(message(1, 1, [], [run("1", 1, [[append("t1", "lo")]])], "1"));
  const { store } = state.turns.get("1")!;
  assert.equal(textOf(store!.document.byId.get("t1")!), "Hello");
});

test("changes of the list that are missing are requested again", () => {
  const { state, model } = rig();
  state.receive(message(0, 1, [turn("1", null)]));
  state.receive(message(2, 3, [turn("3", "2")], [], "3"));
  assert.equal(state.turns.size, 1);
  assert.deepEqual(model.commands("hello").filter(({ run_id }) => run_id === "chat.0").map((one) => one["rev"]), [0, 1]);
  state.receive(message(1, 3, [turn("2", "1"), turn("3", "2")], [], "3"));
  assert.deepEqual(state.path().map(({ facts }) => facts.id), ["1", "2", "3"]);
});

test("an answer that is not shown stays with the kernel until it is", () => {
  const { state, model } = rig();
  state.receive(message(0, 2, [turn("1", null, "finished"), turn("2", "1")], [run("1", 7, [], { seq: 7 })], "2"));
  assert.equal(state.turns.get("1")!.store, null);
  state.storeOf(state.turns.get("1")!);
  assert.deepEqual(model.commands("hello").at(-1)?.run_id, "chat.1");
});

test("the snapshot of an answer is drawn without a request", () => {
  const { state, model } = rig();
  const snapshot = { run_id: "chat.1", seq: 3, status: status({ state: "finished" }), run: {}, parts: [{ id: "t1", kind: "text", text: "Hi" }] };
  state.receive(message(0, 1, [turn("1", null, "finished")], [snapshot]));
  assert.equal(state.turns.get("1")!.store!.document.parts.length, 1);
  assert.equal(model.commands("resync").length, 0);
});

test("a question is pending until the kernel has taken it", () => {
  const { state, model, clock } = rig();
  assert.equal(state.ask("Why?"), true);
  const [asked] = model.commands("ask");
  assert.equal(asked?.["text"], "Why?");
  assert.deepEqual(state.pending.map(({ text, state }) => [text, state]), [["Why?", "sending"]]);
  clock.pass(1500);
  assert.equal(state.pending[0]!.state, "busy", "the kernel runs a cell");
  model.tell("msg:custom", { asked: asked!.request_id, outcome: "taken" });
  assert.equal(state.pending.length, 0);
});

test("a refused retry is said", () => {
  const { state, model } = rig();
  const given: unknown[] = [];
  state.refused.add((pending, reason) => given.push(pending, reason));
  state.receive(message(0, 1, [turn("1", null, "finished")]));
  for (const outcome of ["taken", "refused"]) {
    state.retry(state.path()[0]!);
    const asked = model.commands("retry").at(-1)!.request_id;
    for (const _ of [1, 2]) model.tell("msg:custom", { asked, outcome, reason: "" });
  }
  model.tell("msg:custom", { asked: "of another page", outcome: "refused", reason: "" });
  assert.deepEqual(given, [null, ""]);
});

test("a refused question is given back", () => {
  const { state, model } = rig();
  const given: string[] = [];
  state.refused.add((pending, reason) => given.push(pending!.text, reason, ...pending!.attached.map(({ name }) => name)));
  state.ask("Why?", undefined, [{ name: "df", kind: "table" }]);
  const [asked] = model.commands("ask");
  assert.deepEqual(asked!["attach"], [{ name: "df", kind: "table" }]);
  model.tell("msg:custom", { asked: asked!.request_id, outcome: "refused", reason: "df is gone." });
  assert.deepEqual([given, state.pending.length], [["Why?", "df is gone.", "df"], 0]);
});

test("the names that can be attached come from the kernel, and none do if it does not answer", async () => {
  const { state, model, clock } = rig();
  const listed = state.attachable();
  const items = [{ name: "df", kind: "table", detail: "3 × 2" }, 5, null];
  model.tell("msg:custom", { attachable: model.commands("attachable")[0]!.request_id, items });
  assert.deepEqual(await listed, [{ name: "df", kind: "table", detail: "3 × 2" }]);
  const silent = state.attachable();
  clock.pass(1500);
  assert.deepEqual(await silent, []);
  model.gone = true;
  assert.deepEqual(await state.attachable(), []);
});

test("without a kernel nothing is asked", () => {
  const { state, model } = rig();
  model.gone = true;
  assert.equal(state.ask("Why?"), false);
  assert.equal(state.pending.length, 0);
});

test("a question that was sent when the kernel went away stays, and is sent again as the same request", () => {
  const { state, model } = rig();
  state.ask("Why?");
  model.tell("comm:close", undefined);
  const [pending] = state.pending;
  assert.deepEqual([pending?.text, pending?.state], ["Why?", "unsent"]);
  model.gone = true;
  state.askAgain(pending!);
  assert.equal(pending!.state, "unsent");
  model.gone = false;
  state.askAgain(pending!);
  assert.equal(pending!.state, "sending");
  const [first, second] = model.commands("ask");
  assert.deepEqual(second, first, "the kernel recognises it");
  model.tell("msg:custom", { asked: first!.request_id, outcome: "taken" });
  assert.equal(state.pending.length, 0);
});

test("a question that was not sent can be removed", () => {
  const { state, model } = rig();
  state.ask("Why?");
  model.tell("comm:close", undefined);
  state.discard(state.pending[0]!);
  assert.equal(state.pending.length, 0);
});

test("a question is sent again, ever more rarely, until the kernel has taken it", () => {
  const { state, model, clock } = rig();
  state.ask("Why?");
  clock.pass(100_000);
  const asks = model.commands("ask");
  assert.equal(asks.length, 8, "after 1, 3, 7, 15, 31, 61 and 91 s");
  assert.equal(new Set(asks.map(({ request_id }) => request_id)).size, 1, "the kernel recognises it");
  model.tell("msg:custom", { asked: asks[0]!.request_id, outcome: "taken" });
  clock.pass(100_000);
  assert.equal(model.commands("ask").length, 8);
});

test("after a lost connection only the chat and answers that have not ended report themselves", () => {
  const { state, model, clock } = rig();
  state.receive(message(0, 2, [turn("1", null, "finished"), turn("2", "1")], [
    { run_id: "chat.1", seq: 1, status: status({ state: "finished" }), run: {}, parts: [{ id: "t1", kind: "text", text: "Hi" }] },
    run("2", 0, [[add("t1")]]),
  ], "2"));
  const before = model.commands("hello").length;
  model.fire("comm_live_update");
  clock.pass(400);
  assert.deepEqual(model.commands("hello").slice(before).map(({ run_id }) => run_id), ["chat.0", "chat.2"]);
});

test("a stop names the run of its turn, also of a question that waits", () => {
  const { state, model } = rig();
  state.receive(message(0, 2, [turn("1", null), turn("2", "1", "queued")], [run("1", 0, [[add("t1")]])], "2"));
  state.stop(state.turns.get("2")!);
  state.stop(state.turns.get("1")!);
  assert.deepEqual(model.commands("stop").map(({ run_id }) => run_id), ["chat.2", "chat.1"]);
});

test("an answer is live until its run or the list reports the end", () => {
  const { state } = rig();
  state.receive(message(0, 1, [turn("1", null)], [run("1", 0, [[add("t1")]])]));
  const first = state.turns.get("1")!;
  assert.equal(isLive(first), true);
  state.receive(message(1, 1, [], [run("1", 1, [], { status: status({ rev: 2, state: "finished" }) })], "1"));
  assert.equal(isLive(first), false);
});

test("a disposed chat leaves no listener behind", () => {
  const { state, model } = rig();
  state.receive(message(0, 1, [turn("1", null)], [run("1", 0, [[add("t1")]])]));
  state.dispose();
  assert.equal(model.listeners_count, 0);
});

test("invalid messages are left out", () => {
  for (const value of [null, 5, "x", [], {}, { from_rev: -1, rev: 0, turns: [], runs: [] }, { from_rev: 0, rev: 0, turns: {}, runs: [] }]) {
    assert.equal(readChatMessage(value), null);
  }
  const read = readChatMessage({ from_rev: 0, rev: 1, leaf: 5, turns: [null, { id: 5 }, turn("1", null)], runs: [5, {}], acks: [1, "a"] });
  assert.deepEqual([read?.leaf, read?.turns.length, read?.runs.length, read?.acks], [null, 1, 0, ["a"]]);
  assert.equal(readChatOptions({}), null);
  assert.equal(readChatOptions({ id: "x", when_busy: "eval", suggestions: [1, "a"] })?.whenBusy, "queue");
});
