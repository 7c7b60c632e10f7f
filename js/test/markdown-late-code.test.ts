/** Formulas' code and colours arrive at any moment of the stream. What is drawn at the end does not depend on when. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { MarkdownEngine } from "../src/markdown/engine.ts";
import type { Highlighter, Plugins } from "../src/markdown/draw/drawing.ts";
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

const highlighter = (language: string): Highlighter | null =>
  language === "unknown" ? null : (code) => code.split(/(?<=\n)/).map((line, at) => [line, at % 2 ? "sw-tok-keyword" : null] as const);

function math(tex: string, display: boolean): Element {
  const formula = document.createElement("math");
  formula.textContent = `${display ? "display" : "inline"} ${tex}`;
  return formula;
}

const ALL: Plugins = { highlighter, math: () => math };

/** The root after all pieces, where formulas and colours arrived before one of them, or after the last. */
function renderedLate(pieces: readonly string[], next: Random): TinyElement {
  const moments = { math: 0, colours: 0 };
  for (const name of ["math", "colours"] as const) moments[name] = Math.floor(next() * (pieces.length + 2));
  const there = { math: false, colours: false };
  let again = (): void => {};
  const root = newRoot();
  const plugins: Plugins = {
    highlighter: (language) => (there.colours ? highlighter(language) : undefined),
    math: () => (there.math ? math : null),
    whenMore: (call) => {
      again = call;
      return () => {};
    },
  };
  const engine = new MarkdownEngine(root, { policy: OPEN_POLICY, images: "data", plugins });
  const arrive = (moment: number): void => {
    const arrived = (["math", "colours"] as const).filter((name) => moments[name] === moment);
    if (arrived.length === 0) return;
    for (const name of arrived) there[name] = true;
    if (next() < 0.2) engine.settle(); // a job may find it before the page tells of it
    again();
    if (next() < 0.5) engine.settle(); // else the jobs wait, as behind a busy page
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
/** Blocks that may hold formulas, closed soon after they began; code of one box, of several, and too long to be coloured whole. */
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

test(`${COUNT} documents are drawn the same whenever formulas and colours arrive`, () => {
  for (let seed = SEED; seed < SEED + COUNT; seed += 1) {
    const next = random(seed);
    const text = document_of(seed, next);
    const whole = exactHtml(rendered([text], { policy: OPEN_POLICY, images: "data", plugins: ALL }));
    assert.equal(exactHtml(renderedLate(randomPieces(text, next), next)), whole, `seed ${seed}: ${JSON.stringify(text)}`);
  }
});
