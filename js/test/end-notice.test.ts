/** The end of a run is announced once, to a reader who asked for it and looks elsewhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EndNotice } from "../src/view/end-notice.ts";
import type { Page } from "../src/view/end-notice.ts";
import { message, rig, status } from "./fakes.ts";

interface Shown {
  title: string;
  body: string;
  tag: string;
}

class FakePage implements Page {
  hidden: boolean;
  title = "Analysis - JupyterLab";
  readonly shown: Shown[] = [];
  readonly #wanted: boolean;
  #back: (() => void) | null = null;

  constructor(hidden: boolean, wanted: boolean) {
    this.hidden = hidden;
    this.#wanted = wanted;
  }

  whenVisible(back: () => void): void {
    this.#back = back;
  }

  show(): void {
    this.hidden = false;
    this.#back?.();
  }

  notify(title: string, body: string, tag: string): void {
    this.shown.push({ title, body, tag });
  }

  wanted(): boolean {
    return this.#wanted;
  }
}

function endedOn(page: FakePage, { live = true } = {}): void {
  const { store, clock } = rig();
  const scope = new AbortController();
  new EndNotice({ store, clock, signal: scope.signal, page });
  const say = (state: string, rev: number): void => {
    const fields = status({ state, rev, title: "Nightly <b>run</b>", token_count: 3, elapsed_s: 2 } as never);
    store.receive("patch", { ...message([], 0), status: fields });
    clock.pass(300);
  };
  if (live) say("streaming", 1);
  say("finished", 2);
  clock.pass(1000);
  scope.abort();
}

const cases: [name: string, page: FakePage, options: { live?: boolean }, count: number][] = [
  ["a hidden page that was asked to is told once", new FakePage(true, true), {}, 1],
  ["a page that is looked at is not", new FakePage(false, true), {}, 0],
  ["nobody is told who did not ask", new FakePage(true, false), {}, 0],
  ["a run that was over before is not news", new FakePage(true, true), { live: false }, 0],
];

for (const [name, page, options, count] of cases) {
  test(name, () => {
    endedOn(page, options);
    assert.equal(page.shown.length, count);
    assert.equal(page.title.startsWith("● "), count === 1);
  });
}

test("the notice says which run ended and how, as text", () => {
  const page = new FakePage(true, true);
  endedOn(page);
  assert.deepEqual(page.shown.map(({ title, body }) => [title, body]), [["Nightly <b>run</b>", "Finished: 2.0 s, ~3 tokens."]]);
});

test("the mark leaves the tab's title when the reader comes back", () => {
  const page = new FakePage(true, true);
  endedOn(page);
  page.title = `● ${"renamed.ipynb"}`; // the host wrote its title anew, behind the mark
  page.show();
  assert.equal(page.title, "renamed.ipynb");
});

test("a question marks the tab of a hidden page, and notifies a reader who asked for it", () => {
  for (const wanted of [false, true]) {
    const page = new FakePage(true, wanted);
    const { store, clock } = rig();
    const scope = new AbortController();
    new EndNotice({ store, clock, signal: scope.signal, page });
    for (const [rev, asks] of [[], ["q1"], ["q1", "q2"]].entries()) {
      const fields = { ...status({ state: "streaming", rev: rev + 1, title: "Job" } as never), asks };
      store.receive("patch", { ...message([], 0), status: fields });
      clock.pass(1000);
    }
    assert.equal(page.title, "● Analysis - JupyterLab");
    assert.deepEqual(page.shown.map(({ body }) => body), wanted ? ["Waiting for you"] : []);
    page.show();
    assert.equal(page.title, "Analysis - JupyterLab");
    scope.abort();
  }
});
