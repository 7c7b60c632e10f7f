/** The tree of JSON that arrives bit by bit: the same at every cut, never wrong, linear. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "./seeded.ts";
import { JsonReader, TEXT_CHARS } from "../src/parts/value/json-reader.ts";
import type { JsonNode } from "../src/parts/value/json-reader.ts";
import type { Json } from "../src/protocol/wire.ts";

function valueOf(node: JsonNode): Json {
  if (node.kind === "array") return node.children.map(valueOf);
  if (node.kind === "object") return Object.fromEntries(node.children.map((child) => [child.key!, valueOf(child)]));
  if (node.kind === "string") return node.text;
  return JSON.parse(node.text) as Json;
}

function read(pieces: readonly string[]): { reader: JsonReader; whole: boolean } {
  const reader = new JsonReader();
  for (const piece of pieces) reader.feed(piece);
  return { reader, whole: reader.finish() };
}

const cut = (text: string, at: readonly number[]): string[] => {
  const ends = [...new Set(at.map((n) => n % (text.length + 1)))].sort((a, b) => a - b);
  return [...ends, text.length].map((end, n) => text.slice(n === 0 ? 0 : ends[n - 1], end));
};

test("any JSON value, in any cuts and layout, becomes the tree of its value", () => {
  // A key twice keeps its first place and its last value in JSON.parse, and both in the tree.
  const json = fc.jsonValue({ stringUnit: "grapheme" });
  fc.assert(
    fc.property(json, fc.array(fc.nat(), { maxLength: 8 }), fc.constantFrom(undefined, 2, "\t"), (value, at, space) => {
      const text = JSON.stringify(value, null, space);
      const { reader, whole } = read(cut(text, at));
      assert.equal(whole, true);
      assert.deepEqual(valueOf(reader.root!), JSON.parse(text));
    }),
  );
});

const WRONG = [
  "", " ", "{", "[1,", '{"a"', '{"a":', '{"a":1,}', "[1,]", "[,1]", "01", "1.", "-", "+1", "tru", "nul", "True", "{'a':1}", "[1 2]", "1 2",
  '"a', '"\\x"', '"\\u12g4"', "}", "]", "[}", '{"a":1]', "NaN", "//x", '{"a" 1}', "{1:2}",
];
for (const text of WRONG) {
  test(`${JSON.stringify(text)} is not taken for whole JSON, whole or in pieces`, () => {
    assert.equal(read([text]).whole, false);
    assert.equal(read([...text]).whole, false);
  });
}

test("what is not over is open, and what is over is closed", () => {
  const reader = new JsonReader();
  reader.feed('{"a": [1, 23');
  const [list] = reader.root!.children;
  assert.deepEqual(list!.children.map(({ text, closed }) => [text, closed]), [["1", true], ["23", false]]);
  assert.equal(list!.closed, false);
  reader.feed("], ");
  assert.deepEqual([list!.closed, reader.root!.closed], [true, false]);
});

test("what came before an error stays, and what comes after it is let be", () => {
  const { reader } = read(['{"a": 1, "b": nope', ' "c": 2}']);
  assert.equal(reader.broken, true);
  assert.deepEqual(reader.root!.children.map(({ key }) => key), ["a", "b"]);
});

test("only nodes that changed are touched", () => {
  const reader = new JsonReader();
  reader.feed(`[${"1,".repeat(1000)}`);
  reader.take();
  reader.feed("2,3");
  assert.equal(reader.take().length, 3); // the list, the 2, the 3
});

test("a long text is counted whole and kept in part, and costs its length", () => {
  const reader = new JsonReader();
  reader.feed('"');
  for (let n = 0; n < 200_000; n += 1) reader.feed("xy");
  assert.equal(reader.root!.text.length, TEXT_CHARS);
  assert.equal(reader.root!.chars, 400_000);
});

test("nesting beyond the bound ends the reading, and nothing overflows", () => {
  assert.equal(read(["[".repeat(100_000)]).reader.broken, true);
});
