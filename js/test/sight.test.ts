import assert from "node:assert/strict";
import { test } from "node:test";
import { Sight } from "../src/protocol/sight.ts";
import { FakeClock } from "./fakes.ts";

function rig() {
  const clock = new FakeClock();
  const told: boolean[] = [];
  const sight = new Sight(clock, (seen) => void told.push(seen));
  return { clock, told, sight };
}

test("the kernel hears that nobody looks after a second, and at once that somebody does", () => {
  const { clock, told, sight } = rig();
  const { signal } = new AbortController();
  const set = (seen: boolean): void => sight.look(signal, seen);
  set(true);
  set(false);
  clock.pass(900);
  assert.deepEqual(told, []);
  clock.pass(200);
  assert.deepEqual(told, [false]);
  set(true);
  assert.deepEqual(told, [false, true]);
});

test("scrolling past says nothing", () => {
  const { clock, told, sight } = rig();
  const { signal } = new AbortController();
  const set = (seen: boolean): void => sight.look(signal, seen);
  set(true);
  for (let n = 0; n < 20; n += 1) {
    set(n % 2 === 0);
    clock.pass(300);
  }
  set(true);
  clock.pass(5000);
  assert.deepEqual(told, []);
});

test("one of several views in sight is enough, and a view that is closed sees nothing", () => {
  const { clock, told, sight } = rig();
  const [one, two] = [new AbortController(), new AbortController()];
  const set = (seen: boolean): void => sight.look(one.signal, seen);
  sight.look(two.signal, true);
  set(false);
  clock.pass(5000);
  assert.deepEqual(told, []);
  two.abort();
  clock.pass(5000);
  assert.deepEqual(told, [false]);
  set(true);
  one.abort();
  set(true);
  clock.pass(5000);
  assert.deepEqual(told, [false, true, false]);
});
