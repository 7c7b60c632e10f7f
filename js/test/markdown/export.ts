/**
 * Compares Python's static HTML with what the engine draws, in one form for both.
 *
 *     node export.mjs < [{"name", "markdown", "html"}, ...]     prints those that differ, as JSON
 *
 * Called by `tests/unit/test_markdown_agrees.py`. Without `html` it prints what there is to render.
 */

import { readFileSync } from "node:fs";
import { standardHtml, tidy } from "./html.ts";
import { NASTY } from "./nasty.ts";
import { rendered } from "./rendered.ts";
import { EXAMPLES } from "./spec.ts";
import { GFM } from "./gfm.ts";

interface Row {
  readonly name: string;
  readonly markdown: string;
  readonly html: string;
}

/** What the two are meant to write differently, as one of them: the words of a picture, a box, a host. */
const ONE_FORM: readonly (readonly [pattern: RegExp, as: string])[] = [
  [/<input[^>]*checked[^>]*>/g, "☑"],
  [/<input[^>]*>/g, "☐"],
  [/ ?<span class="sw-host">[^<]*<\/span>/g, ""],
  [/<button[^>]*class="sw-back"[^>]*>[^<]*<\/button>/g, ""],
  [/<button[^>]*>([^<]*)<\/button>/g, "$1"],
  [/<sup[^>]*>/g, "<sup>"],
  [/<span class="sw-nolink"[^>]*>/g, "<span>"],
  [/<span class="sw-image"[^>]*>/g, '<span class="sw-image">'],
  [/ class="(?:language-[^"]*|sw-notes|sw-task|sw-math(?: sw-display)?|sw-formula|sw-math-source)"/g, ""],
  [/ (?:target|rel)="[^"]*"/g, ""],
];

const oneForm = (tidied: string): string =>
  ONE_FORM.reduce((text, [pattern, as]) => text.replace(pattern, as), tidied);

function differs({ name, markdown, html }: Row): { name: string; page: string; static: string }[] {
  const page = oneForm(standardHtml(rendered([markdown], {}) as never));
  const other = oneForm(tidy(html));
  return page === other ? [] : [{ name, page, static: other }];
}

const examples = [
  ...EXAMPLES.map(({ number, markdown }) => ({ name: String(number), markdown })),
  ...GFM.map(({ markdown }, at) => ({ name: `gfm ${at + 1}`, markdown })),
];
examples.push(...NASTY.map((markdown) => ({ name: `nasty: ${markdown.slice(0, 20)}`, markdown })));
const input = readFileSync(0, "utf8");
const answer = input === "" ? examples : (JSON.parse(input) as Row[]).flatMap(differs);
process.stdout.write(JSON.stringify(answer));
