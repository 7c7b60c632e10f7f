/** All words that the page shows are in one catalogue; numbers, plurals and causes are composed there. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import catalogue from "../../src/streamwidget/catalogue.json";
import * as english from "../src/words/english.ts";
import { bytes, count, decimal, money, percent } from "../src/words/format.ts";
import { footWords, warningWords } from "../src/words/status-words.ts";
import type { Status } from "../src/protocol/wire.ts";
import { message, rig, status } from "./fakes.ts";

const SOURCES = "src/";
/** Where words for people are, and lists of names that nobody reads. */
const CATALOGUE = ["words/english.ts", "words/format.ts", "words/loading.ts"];
const NAMES = /^(?:highlight|math|markdown\/parse)\//;

interface Literal {
  readonly text: string;
  readonly before: string;
  readonly line: string;
}

/** The strings of a source file, and the pieces of its templates. */
function literalsOf(source: string): Literal[] {
  const found: Literal[] = [];
  const token = /\/\*[^]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"|`|[{}]|\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
  const holes: boolean[] = [];
  const note = (text: string, at: number): void => {
    const start = source.lastIndexOf("\n", at) + 1;
    const end = source.indexOf("\n", at);
    found.push({ text, before: source.slice(start, at), line: source.slice(start, end < 0 ? source.length : end) });
  };
  const template = (from: number): void => {
    const piece = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y;
    piece.lastIndex = from;
    const text = piece.exec(source)![0];
    note(text, from);
    const end = from + text.length;
    if (source[end] === "$") holes.push(true);
    token.lastIndex = end + (source[end] === "$" ? 2 : 1);
  };
  for (let match = token.exec(source); match; match = token.exec(source)) {
    const [text] = match;
    const after = token.lastIndex;
    if (text.startsWith("/") && !/^\/[/*]/.test(text) && !/(?:[=(,:[!&|?;{}]|return|=>)\s*$/.test(source.slice(0, match.index))) token.lastIndex = match.index + 1;
    else if (text === "`") template(after);
    else if (text === "{") holes.push(false);
    else if (text === "}" && holes.pop()) template(after);
    else if (text.startsWith('"')) note(text.slice(1, -1), match.index);
  }
  return found;
}

/** What only machines read: names of classes, keys, attributes and types, selectors, styles, code, paths. */
const MACHINES =
  /^(?:sw-[\w -]*|(?:Escape|Enter|Tab|Home|End|Backspace|Delete|ContextMenu|(?:Arrow|Page)\w+)|SHA-256|-Infinity|Notification|BroadcastChannel|StreamWidgetError|viewBox|preserveAspectRatio|noopener noreferrer nofollow|code |note |button, a|M[\d .a-zA-Z-]*|.*[{}<>[\]=].*|.*\(.*\).*|scaleX\(|calc\(| \* 1ch \+ |default-src .*|.*\/[\w.+-]+|:scope .*|\\\\?.*|%\w\w.*)$/s;
/** Where a string is shown, whatever it is. */
const SHOWN = /(?:setText\([^,]*, |(?:"aria-(?:label|valuetext)"|\btitle|placeholder|\bwords|\blabel): |"aria-label", |\banswer\(|\bsay\()$/;
/** For developers: the console, and errors that only it shows. */
const CONSOLE = /console\.|new Error\(|throw /;

const isWords = (text: string): boolean => /(?:^|[^\w.#:$-])[A-Z][a-z]{2,}(?:[ .,:;…?!)]|$)|[a-z]{2,} [a-z]{2,}|[a-z]…/.test(text);

test("the scanner finds strings, templates and what stands in their holes", () => {
  const source = 'a(/["`]/, "one"); // "no"\nb(`two ${c("three")} four`); /* "no" */ x = y / 2; z = "five";';
  assert.deepEqual(literalsOf(source).map(({ text }) => text), ["one", "two ", "three", " four", "five"]);
  for (const words of ["Stop", "no result", "Loading…", "First token after "]) assert.ok(isWords(words), words);
});

const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) => /(?<!\.d)\.(?:ts|css)$/.test(name));

test("no other file holds words for people", () => {
  const strays: string[] = [];
  for (const file of files) {
    if (CATALOGUE.includes(file) || NAMES.test(file)) continue;
    const source = readFileSync(SOURCES + file, "utf8");
    if (file.endsWith(".css")) {
      for (const [, text] of source.matchAll(/content: "([^"]*[A-Za-z]{3}[^"]*)"/g)) strays.push(`${file}: ${text}`);
      continue;
    }
    for (const { text, before, line } of literalsOf(source)) {
      if (/^(?:import|export) .*from|^} from/.test(line) || CONSOLE.test(before) || !/[A-Za-z]/.test(text)) continue;
      if ((isWords(text) && !MACHINES.test(text)) || (SHOWN.test(before) && !text.startsWith("sw-"))) strays.push(`${file}: ${text}`);
    }
  }
  assert.deepEqual(strays, []);
});

test("each word of the catalogue is used", () => {
  const all = files.filter((file) => file.endsWith(".ts")).map((file) => readFileSync(SOURCES + file, "utf8")).join("\n");
  const own = readFileSync(`${SOURCES}words/english.ts`, "utf8");
  const unused = Object.keys(english).filter((name) => !all.includes(`english.${name}`) && own.split(new RegExp(`\\b${name}\\b`)).length < 3);
  assert.deepEqual(unused, []);
});

test("numbers are grouped, singular is one, and units are symbols", () => {
  assert.deepEqual([0, 1, 2, 1204].map((n) => english.tokens(n)), ["0 tokens", "1 token", "2 tokens", "1,204 tokens"]);
  assert.equal(english.tokens(1204, true), "~1,204 tokens");
  assert.deepEqual([count(1204.55), decimal(12345.678, 2), decimal(12345.678, 2, true), percent(0.62)], ["1,204.6", "12345.68", "12,345.68", "62%"]);
  assert.deepEqual([999, 14_200, 3_200_000].map(bytes), ["999 B", "14.2 kB", "3.2 MB"]);
  assert.deepEqual([money(0.0123, "USD"), money(0.5, "EUR"), money(12, "CHF"), money(3, "<b>")], ["$0.0123", "€0.50", "CHF\u00a012.00", "<b> 3.00"]);
  assert.deepEqual([0.0000066, 0.00005, 0.0001, 1e-30, 0].map((cost) => money(cost, "USD")), ["$0.0000066", "$0.000050", "$0.0001", "$0.000000000000", "$0.00"]);
  assert.deepEqual([0.01, 0.5, 0.0123].map((limit) => english.amount(limit, "USD")), ["$0.01", "$0.50", "$0.0123"]);
});

test("a table says what it shows of how much", () => {
  const all = { there: 3, shown: 3, total: 3, filtered: false, loading: false };
  assert.equal(english.rowsShown(all), "3 rows");
  assert.equal(english.rowsShown({ ...all, loading: true }), "3 rows · loading");
  assert.equal(english.rowsShown({ ...all, there: 10_020, total: 100_080, shown: 1, filtered: true }), "1 match · Showing the first 10,020 of 100,080 rows. Sorting and filtering use these rows.");
});

const CAUSES: readonly [Status["stopped_by"], string][] = [
  [{ code: "reader", limit: null, unit: "" }, "Stopped by you"],
  [{ code: "budget", limit: 5000, unit: "tokens" }, "Stopped by the budget of 5,000 tokens"],
  [{ code: "budget", limit: 0.5, unit: "USD" }, "Stopped by the budget of $0.50"],
  [{ code: "shared-budget", limit: 5000, unit: "tokens" }, "Stopped by the shared budget of 5,000 tokens"],
  [{ code: "timeout", limit: 90, unit: "s" }, "Stopped by the timeout of 90 s"],
  [{ code: "rerun", limit: null, unit: "" }, "Stopped by a new run of its cell"],
  [{ code: "toString", limit: null, unit: "" }, ""],
  [null, ""],
];

for (const [cause, words] of CAUSES) {
  test(`the page says of ${JSON.stringify(cause)}: ${words}`, () => {
    const { store } = rig();
    store.receive("patch", message([], 0, 0, { status: status({ state: "stopped", stopped_by: cause ?? null }) }));
    assert.equal(footWords(store).split("  ·  ").find((fact) => !/token/.test(fact) || fact.startsWith("Stopped")) ?? "", words);
  });
}

test("every cause of a stop that Python knows has words here", () => {
  for (const code of Object.keys(catalogue.stop_causes)) assert.match(english.stoppedBy(code, "5 s"), /^Stopped by [a-z]/);
});

test("what could not be sent is named with its reason", () => {
  const { store } = rig();
  store.receive("patch", message([], 0, 0, { status: status({ not_sent: "TypeError: set" }) }));
  assert.match(warningWords(store), /^Part of this run could not be sent to the page \(TypeError: set\)\./);
});
