/** A stop is sent by both ways, and the person is told what has become of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { BROADCAST, commIdOf } from "../src/protocol/control.ts";
import { BUSY } from "../src/words/english.ts";
import { shownState, statusWords, stopWords } from "../src/words/status-words.ts";
import { message, rig, RUN, status } from "./fakes.ts";

function running() {
  const all = rig();
  all.store.receive("patch", message([], 0, 0));
  return all;
}

test("an acknowledgement within a second makes it heard", () => {
  const { store, model, clock } = running();
  store.stop();
  assert.equal(shownState(store), "stopping");
  const [sent] = model.commands("stop");
  assert.equal(sent?.run_id, RUN);
  store.receive("patch", message([], 0, 0, { acks: [sent!.request_id] }));
  clock.pass(5000);
  assert.equal(store.stopping.phase, "heard");
});

test("no acknowledgement within a second is told as a busy kernel, and listening goes on", () => {
  const { store, model, clock } = running();
  store.stop();
  clock.pass(999);
  assert.equal(store.stopping.phase, "sent");
  clock.pass(2);
  assert.equal(store.stopping.phase, "busy");
  assert.equal(statusWords(store), "Stop pending");
  assert.match(BUSY, /interrupt/);
  store.receive("patch", message([], 0, 0, { acks: [model.commands("stop")[0]!.request_id] }));
  assert.equal(store.stopping.phase, "heard");
});

test("a send that throws means that the kernel is gone; what arrived is kept", () => {
  const { store, model, clock } = running();
  clock.pass(1000);
  model.gone = true;
  store.stop();
  assert.equal(shownState(store), "gone");
  clock.pass(3000);
  assert.equal(store.elapsed_s(), 2, "the clock stays where it was");
  store.receive("patch", message([], 0, 0));
  assert.equal(shownState(store), "streaming", "a message proves the contrary");
});

test("the host's word that the comm has changed is checked by a hello", () => {
  const { store, model, clock } = running();
  model.gone = true;
  model.fire("comm_live_update");
  clock.pass(400);
  assert.equal(shownState(store), "gone");
});

test("a run that is over is not stopped", () => {
  const { store, model } = running();
  store.receive("patch", message([], 0, 0, { status: status({ rev: 2, state: "finished" }) }));
  store.stop();
  assert.equal(model.commands("stop").length, 0);
});

test("the control channel gets the same message, addressed to the comm", () => {
  const { store, model } = running();
  const sent: unknown[][] = [];
  model.widget_manager = {
    kernel: { clientId: "me", username: "u", sendControlMessage: (...values: unknown[]) => sent.push(values) },
  };
  store.stop();
  const [control, expectReply, disposeOnDone] = sent[0] as [Record<string, never>, boolean, boolean];
  assert.deepEqual([expectReply, disposeOnDone, control["channel"]], [false, true, "control"]);
  assert.deepEqual(control["content"], { comm_id: "view", data: { method: "custom", content: model.commands("stop")[0] } });
});

test("a kernel that needs no second way is not sent one, and the run's time at the click is told", () => {
  const { store, model, clock } = running();
  model.widget_manager = { kernel: { sendControlMessage: () => assert.fail("not needed") } };
  store.receive("patch", message([], 0, 0, { status: status({ rev: 2, control: false }) }));
  clock.pass(250);
  store.stop();
  assert.equal(model.commands("stop")[0]?.["at_s"], 1.25);
});

test("a kernel in the browser hears the same message on a broadcast channel", async () => {
  const { store, model } = running();
  const kernel = new BroadcastChannel(BROADCAST);
  try {
    const heard = new Promise((resolve) => kernel.addEventListener("message", ({ data }) => resolve(data)));
    store.stop();
    assert.deepEqual(await heard, { comm_id: "view", content: model.commands("stop")[0] });
  } finally {
    kernel.close();
  }
});

test("a control channel that fails does no harm", () => {
  const { store, model } = running();
  model.widget_manager = { kernel: { sendControlMessage: () => assert.fail("dead") } };
  store.stop();
  assert.equal(model.commands("stop").length, 1);
});

test("the comm's id is the run id up to its last dot", () => {
  assert.deepEqual(["a.b.12", "a.1", "nodot", ""].map(commIdOf), ["a.b", "a", "", ""]);
});

test("the moments of a stop are told in words", () => {
  const { store } = running();
  const stop = { requested_s: 4, heard_s: 4.006, closed_s: 4.021 };
  store.receive("patch", message([], 0, 0, { status: status({ rev: 3, state: "stopped", stop }) }));
  assert.equal(stopWords(store), "Stop received after 6 ms, source closed after 21 ms");
});

for (const [kernelStatus, control, expected] of [
  ["busy", true, 1],
  ["idle", true, 0],
  ["busy", false, 0],
] as const) {
  test(`a gap asks on the control channel ${expected} times when ${kernelStatus} and control is ${control}`, () => {
    const { store, model } = running();
    const asked: object[] = [];
    model.widget_manager = {
      kernel: { status: kernelStatus, sendControlMessage: (sent: object) => asked.push(sent) },
    };
    store.receive("patch", message([], 7, 7, { status: status({ rev: 2, control }) }));
    assert.equal(model.commands("resync").length, 1);
    assert.equal(asked.length, expected);
  });
}
