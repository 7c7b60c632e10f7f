/**
 * What is drawn at the end does not depend on how the text was cut, and agrees with an independent
 * implementation. `FUZZ=20000 FUZZ_SEED=7 npm test` tries more.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { exactHtml, standardHtml, tidy } from "./markdown/html.ts";
import { NASTY } from "./markdown/nasty.ts";
import { random, randomDocument, randomPieces } from "./markdown/random.ts";
import { rendered } from "./markdown/rendered.ts";

const COUNT = Number(process.env["FUZZ"] ?? 2000);
const SEED = Number(process.env["FUZZ_SEED"] ?? 1);

const whole = (text: string): string => exactHtml(rendered([text]));

test("nasty documents are drawn the same in one piece and in small ones", () => {
  for (const text of NASTY) assert.equal(exactHtml(rendered(text.length > 3000 ? text.match(/[^]{1,37}/g)! : text)), whole(text), text);
});

test(`${COUNT} random documents are drawn the same however they are cut`, () => {
  for (let seed = SEED; seed < SEED + COUNT; seed += 1) {
    const next = random(seed);
    const text = randomDocument(next);
    assert.equal(exactHtml(rendered(randomPieces(text, next))), whole(text), `seed ${seed}: ${JSON.stringify(text)}`);
  }
});

const oracle = new MarkdownIt({ html: false, linkify: false });
oracle.validateLink = () => true;
oracle.disable("linkify");

/**
 * What markdown-it's preset has not (math, single tildes, footnotes, tasks, autolinks, details), and where it
 * departs from the reference implementation: a table's head that is indented, dashes below a line
 * with a bar (a heading, before it can be a table of one column), a line after a definition, lazy lines and lines of a code span that are indented. Deeper nesting than its own
 * limit, too.
 */
const ONLY_OURS =
  /<\/?(?:details|summary)>|\$|\\[([]|~|\[\^|https?:|www\.|@|^[\s>]*(?:(?:[-+*]|\d+[.)])\s+)+\[[ x]\]|^ {4}.*\||\]:|>{20}|\[{20}|(?:\* ?a ){20}|^ *(?:>|\d+[.)] +\d+[.)] ).*(?:\n(?!$).*)*\n {4}|`(?:.*\n(?!\n))+? +\S|\|.*\n *-+ *$/im;

test(`${COUNT} random documents are drawn as markdown-it renders them, where both know the syntax`, () => {
  let compared = 0;
  for (let seed = SEED; seed < SEED + COUNT; seed += 1) {
    const text = randomDocument(random(seed)).trimEnd();
    if (ONLY_OURS.test(text)) continue;
    compared += 1;
    assert.equal(standardHtml(rendered([text])), tidy(oracle.render(text)), `seed ${seed}: ${JSON.stringify(text)}`);
  }
  assert.ok(compared > COUNT / 20, `only ${compared} were comparable`);
});
