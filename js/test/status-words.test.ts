/** Only numbers that nobody reported are marked as estimates. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { costWords, estimateWords, rateWords, statusWords, tokensOut, tokenWords, usedShare } from "../src/words/status-words.ts";
import type { Status } from "../src/protocol/wire.ts";
import { message, rig, status } from "./fakes.ts";

const REPORTED = { input_tokens: 1200, output_tokens: 340, token_count: 300, tokens_estimated: true };

const CASES: readonly [string, Partial<Status>, string, string][] = [
  ["a report", REPORTED, "1,200 tokens in, 340 out", "340 tokens"],
  ["a report at the end", { ...REPORTED, state: "finished", token_count: 900 }, "1,200 tokens in, 340 out", "340 tokens"],
  ["a report that is itself an estimate", { ...REPORTED, input_estimated: true, output_estimated: true }, "~1,200 tokens in, ~340 out", "~340 tokens"],
  ["an estimated prompt", { ...REPORTED, input_estimated: true }, "~1,200 tokens in, 340 out", "340 tokens"],
  ["a report of the input only", { ...REPORTED, output_tokens: null }, "1,200 tokens in, ~300 out", "~300 tokens"],
  ["a report older than the text", { ...REPORTED, output_tokens: 1 }, "1,200 tokens in, ~300 out", "~300 tokens"],
  ["no report", { token_count: 300 }, "~300 tokens", "~300 tokens"],
  ["no tokens", { token_count: 0 }, "", ""],
];

for (const [name, more, both, out] of CASES) {
  test(`tokens of ${name}`, () => {
    assert.equal(tokenWords(status(more)), both);
    assert.equal(tokensOut(status(more)), out);
  });
}

test("the rate of a run that is over is exact if its tokens were reported", () => {
  const { store } = rig();
  store.receive("patch", message([], 0, 0, { status: status({ ...REPORTED, state: "finished", elapsed_s: 10.2 }) }));
  assert.equal(rateWords(store), "34 tokens/s");
});

const budget = (more: object) => ({ limit: 0.5, used: 0.12, unit: "USD", soft: null, shared: false, ...more });
const COSTS: readonly [string, Partial<Status>, string][] = [
  ["nothing known", {}, ""],
  ["a reported cost", { cost: 0.0123, currency: "USD" }, "$0.0123"],
  ["a running cost", { cost: 0.0123, currency: "USD", cost_estimated: true }, "~$0.0123"],
  ["a limit of money", { cost: 0.12, currency: "USD", budget: budget({}) }, "$0.12 of $0.50"],
  ["a running cost with a limit", { cost: 0.12, currency: "USD", cost_estimated: true, budget: budget({}) }, "~$0.12 of $0.50"],
  ["a limit of tokens", { cost: 0.12, currency: "USD", budget: budget({ limit: 1000, used: 612, unit: "tokens" }) }, "$0.12, 612 of 1,000 tokens"],
  ["a limit that runs share", { cost: 0.03, currency: "USD", budget: budget({ shared: true }) }, "$0.0300, $0.12 of $0.50 shared"],
  ["an ended run whose limit others share", { state: "finished", cost: 0.03, currency: "USD", budget: budget({ shared: true }) }, "$0.0300"],
];

for (const [name, more, words] of COSTS) {
  test(`the cost of ${name}: ${words}`, () => assert.equal(costWords(status(more)), words));
}

const estimate = (more: object) => ({ input_tokens: 200, output_tokens: 800, cost: 0.0305, currency: "USD", ...more });
const ESTIMATES: readonly [string, Status["estimate"], string][] = [
  ["no request", null, ""],
  ["a price", estimate({}), "up to ~$0.0305 estimated"],
  ["a price, and an answer of any length", estimate({ output_tokens: null }), "~$0.0305 estimated for the input"],
  ["no price", estimate({ cost: null }), "up to ~1,000 tokens estimated"],
  ["no price and no bound", estimate({ cost: null, output_tokens: null }), "~200 tokens estimated for the input"],
];

for (const [name, facts, words] of ESTIMATES) {
  test(`an estimate with ${name}: ${words}`, () => assert.equal(estimateWords(status({ estimate: facts ?? null })), words));
}

test("the bar is full at the limit, and warns from the share that the budget names", () => {
  assert.equal(usedShare(status({})), null);
  assert.deepEqual(usedShare(status({ budget: budget({ used: 0.3 }) })), { share: 0.6, isHigh: false });
  assert.deepEqual(usedShare(status({ budget: budget({ used: 0.4 }) })), { share: 0.8, isHigh: true });
  assert.deepEqual(usedShare(status({ budget: budget({ used: 0.3, soft: 0.5 }) })), { share: 0.6, isHigh: true });
  assert.deepEqual(usedShare(status({ budget: budget({ used: 9, soft: 0.5 }) })), { share: 1, isHigh: true });
  assert.deepEqual(usedShare(status({ budget: budget({ limit: 0, used: 0 }) })), { share: 1, isHigh: true });
});

test("a run that a shared budget holds waits for the reader, as the one that asks", () => {
  for (const more of [{ held: true }, { asks: ["q1"] }]) {
    const { store } = rig();
    store.receive("patch", message([], 0, 0, { status: status({ state: "streaming", ...more }) }));
    assert.equal(statusWords(store), "Waiting for you");
  }
});
