import assert from "node:assert/strict";
import { test } from "node:test";
import { asInline, isWritten } from "../src/parts/text/inline-line.ts";

const LINES: [string, string][] = [
  ["24 papers", "24 papers"],
  ["3. attempt", "3\\. attempt"],
  ["# no heading", "\\# no heading"],
  ["- no list", "\\- no list"],
  ["> no quote", "\\> no quote"],
  ["*emphasis* stays", "*emphasis* stays"],
  ["two\nlines", "two lines"],
];
for (const [text, line] of LINES) {
  test(`on one line, ${JSON.stringify(text)} is ${JSON.stringify(line)}`, () => assert.equal(asInline(text), line));
}

test("what a tool wrote as Markdown is told from what a program prints", () => {
  for (const text of ["# Found\n\ntext", "- one\n- two", "see **this**", "| a | b |\n|---|---|", "[x](https://a.example)"]) {
    assert.ok(isWritten(text), text);
  }
  for (const text of ["total 12\ndrwxr-xr-x 2 a b", "x = a * b * c", "-rw-r--r-- 1 a", "plain words", "a | b"]) {
    assert.ok(!isWritten(text), text);
  }
});
