/** The scale of a knob: values and places of a slider, in both directions. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Scale } from "../src/parts/knob/knob-scale.ts";

const log = new Scale({ minimum: 1e-5, maximum: 1, step: null, is_log: true });
const whole = new Scale({ minimum: 8, maximum: 512, step: 8, is_log: false });

test("a logarithmic knob has its geometric mean in the middle", () => {
  assert.equal(log.at(0.5), 0.00316);
  assert.equal(log.place(1e-5), 0);
  assert.equal(log.place(1), 1);
});

test("a value between two steps is moved to the nearer one, and into the bounds", () => {
  assert.equal(whole.within(13), 16);
  assert.equal(whole.within(1e9), 512);
  assert.equal(new Scale({ minimum: 0, maximum: 1, step: 0.1 }).within(0.30000000000000004), 0.3);
});

test("a place keeps the value at it, wherever the slider is", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (place) => {
      for (const scale of [log, whole]) {
        const value = scale.at(place);
        assert.equal(scale.at(scale.place(value)), value);
        assert.equal(scale.within(value), value);
      }
    }),
  );
});

test("arrows go one step, pages ten, and Home and End to the bounds", () => {
  const by = (key: string): number | null => whole.byKey(64, key, false);
  assert.deepEqual(["ArrowRight", "ArrowDown", "PageUp", "PageDown", "Home", "End", "a"].map(by), [72, 56, 144, 8, 8, 512, null]);
  assert.equal(whole.byKey(64, "ArrowLeft", true), 72);
  assert.ok(log.byKey(1e-3, "ArrowUp", false)! > 1e-3);
});

test("a knob without bounds moves by ones", () => {
  assert.equal(new Scale({ minimum: null, maximum: null, step: null }).beside(5, 1), 6);
});
