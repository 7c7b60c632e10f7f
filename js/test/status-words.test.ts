/** Only numbers that nobody reported are marked as estimates. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { rateWords, tokensOut, tokenWords } from "../src/words/status-words.ts";
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
