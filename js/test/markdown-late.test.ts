/**
 * What draws tables, code, notes and formulas comes when a text first needs it, at any moment of
 * the stream. What is drawn at the end does not depend on when.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as blocks from "../src/markdown/blocks.ts";
import { MarkdownEngine } from "../src/markdown/engine.ts";
import type { Plugins, Tokenize } from "../src/markdown/plugins.ts";
import { exactHtml } from "./markdown/html.ts";
import { NASTY } from "./markdown/nasty.ts";
import { random, randomDocument, randomPieces } from "./markdown/random.ts";
import type { Random } from "./markdown/random.ts";
import { rendered } from "./markdown/rendered.ts";
import { OPEN_POLICY } from "./markdown/spec.ts";
import { newRoot } from "./markdown/tiny-dom.ts";
import type { TinyElement } from "./markdown/tiny-dom.ts";

const COUNT = Number(process.env["FUZZ"] ?? 2000);
const SEED = Number(process.env["FUZZ_SEED"] ?? 1);

const tokenize: Tokenize = (language, code) =>
  language === "unknown" ? null : code.split(/(?<=\n)/).map((line, at) => [line, at % 2 ? "sw-tok-keyword" : null] as const);

function math(tex: string, display: boolean): Element {
  const formula = document.createElement("math");
  formula.textContent = `${display ? "display" : "inline"} ${tex}`;
  return formula;
}

const ALL: Plugins = { blocks: () => blocks, tokenize, math: () => math };
const NAMES = ["blocks", "tokenize", "math"] as const;

/** The root after all pieces, where each plugin came before one of them, or after the last. */
function renderedLate(pieces: readonly string[], next: Random): TinyElement {
  const arrivals = new Map(NAMES.map((name) => [name, Math.floor(next() * (pieces.length + 2))]));
  const there = new Set<string>();
  let again = (): void => {};
  const root = newRoot();
  const plugins: Plugins = {
    blocks: () => (there.has("blocks") ? blocks : null),
    tokenize: (language, code) => (there.has("tokenize") ? tokenize(language, code) : null),
    math: () => (there.has("math") ? math : null),
    whenMore: (call) => {
      again = call;
      return () => {};
    },
  };
  const engine = new MarkdownEngine(root, { policy: OPEN_POLICY, images: "data", plugins });
  const arrive = (moment: number): void => {
    for (const name of NAMES) {
      if (arrivals.get(name) !== moment) continue;
      there.add(name);
      again();
      if (next() < 0.5) engine.settle(); // else the jobs wait, as behind a busy page
    }
  };
  pieces.forEach((piece, moment) => {
    arrive(moment);
    engine.feed(piece);
    if (next() < 0.1) engine.settle();
  });
  arrive(pieces.length);
  engine.finish();
  arrive(pieces.length + 1);
  engine.settle();
  return root as unknown as TinyElement;
}

const code = (lines_count: number): string => Array.from({ length: lines_count }, (_, at) => `line ${at} of ${lines_count}`).join("\n");
/** Each of the blocks that wait, closed soon after it began; code of one box, of several, and too long to be coloured whole. */
const WAITING = `\`\`\`python
one = 1
\`\`\`

| a | b |
|---|---|
| 1 | $x$ |

$$
y^2
$$

Text with $z$ and a note[^n].

- \`\`\`unknown
  two
  \`\`\`

[^n]: The note, with $n$, \`code\` and

    \`\`\`js
    three
    \`\`\`

\`\`\`js
${code(120)}
\`\`\`

\`\`\`js
${code(1100)}
\`\`\`

The end.
`;

const document_of = (seed: number, next: Random): string =>
  seed % 20 === 0 ? WAITING : seed % 40 === 1 ? NASTY[seed % NASTY.length]! : randomDocument(next);

test(`${COUNT} documents are drawn the same whenever what draws their blocks comes`, () => {
  for (let seed = SEED; seed < SEED + COUNT; seed += 1) {
    const next = random(seed);
    const text = document_of(seed, next);
    const whole = exactHtml(rendered([text], { policy: OPEN_POLICY, images: "data", plugins: ALL }));
    assert.equal(exactHtml(renderedLate(randomPieces(text, next), next)), whole, `seed ${seed}: ${JSON.stringify(text)}`);
  }
});
