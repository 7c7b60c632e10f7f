/** How blocks begin: one function for each kind, tried in order. CommonMark 0.31.2, sections 4 and 5. */

import type { Block, Kind, ListData } from "./block.ts";
import type { Cursor } from "./line-cursor.ts";
import { normalizeLabel, unescapeText } from "./scanners.ts";
import { cellsOf, delimiterRow } from "./table-lines.ts";

/** No block began; a container began, so try more; a leaf began, and the line belongs to it. */
export type Started = "none" | "container" | "leaf";

/** The functions of the parser that block starts use. */
interface LineReader {
  readonly cursor: Cursor;
  readonly line: number;
  readonly tip: Block;
  readonly mayNest: boolean;
  add(kind: Kind): Block;
  closeUnmatched(): void;
  /** Closes the deepest open block. */
  closeTip(): void;
  takeDefinitions(block: Block): void;
}

type Start = (parser: LineReader, container: Block) => Started;

const HEADING = /^#{1,6}(?=[ \t]|$)/;
const FENCE = /^(?:`{3,}(?=[^`]*$)|~{3,})/;
const UNDERLINE = /^(?:=+|-+)[ \t]*$/;
const RULE = /^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$/;
const BULLET = /^[*+-](?=[ \t]|$)/;
const NUMBER = /^(\d{1,9})([.)])(?=[ \t]|$)/;
const NOTE = /^\[\^([^\]\s]{1,200})\]:/;
/** Bare tags, as those of `inline-parser.ts`; a `details` that ends in the same line is inline. */
const DETAILS = /^<details>(?!.*<\/details>)/i;
const SUMMARY = /^<summary>(?:(.*?)<\/summary>)?/i;
const DETAILS_END = /^<\/details>/i;
/** Characters that can begin a block if the line is not indented code. */
const SPECIAL = /^[#`~*+_=<>0-9$\\|:[-]/;

const quote: Start = (parser) => {
  const { cursor } = parser;
  if (cursor.indented || cursor.first !== ">" || !parser.mayNest) return "none";
  takeQuoteMark(parser);
  parser.add("quote");
  return "container";
};

/** Past `>` and the one space or column after it. */
export function takeQuoteMark({ cursor }: LineReader): void {
  cursor.skipSpace();
  cursor.skip(1);
  if (cursor.atSpace) cursor.skipColumns(1);
}

const heading: Start = (parser) => {
  const { cursor } = parser;
  const mark = cursor.indented ? null : HEADING.exec(cursor.restFromNext());
  if (!mark) return "none";
  cursor.skipSpace();
  cursor.skip(mark[0].length);
  const block = parser.add("heading");
  block.level = mark[0].length;
  block.lines.push(headingText(cursor.rest()));
  cursor.skip(cursor.text.length - cursor.at);
  return "leaf";
};

/** Without the closing run of `#`, if a space comes before it. */
function headingText(line: string): string {
  const text = line.trim();
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 35) end -= 1;
  return end === 0 || /[ \t]/.test(text.charAt(end - 1)) ? text.slice(0, end).trimEnd() : text;
}

const fence: Start = (parser) => {
  const { cursor } = parser;
  const mark = cursor.indented ? null : FENCE.exec(cursor.restFromNext());
  if (!mark) return "none";
  const { indent } = cursor;
  cursor.skipSpace();
  cursor.skip(mark[0].length);
  const language = /^\S*/.exec(cursor.rest().trim())![0];
  const block = parser.add("code");
  block.fence = { char: mark[0].charAt(0), length: mark[0].length, indent, language: unescapeText(language) };
  cursor.skip(cursor.text.length - cursor.at);
  return "leaf";
};

/**
 * Display math on separate lines: `$$` or `\[` begins it, and it must end before a blank line,
 * otherwise it is a paragraph (see `endMath`).
 */
const math: Start = (parser, container) => {
  const { cursor } = parser;
  if (cursor.indented) return "none";
  const line = cursor.restFromNext().trimEnd();
  const closer = /^\$\$(?!\$)/.test(line) ? "$$" : /^\\\[(?:\s|$)/.test(line) ? "\\]" : "";
  if (closer === "" || line.indexOf(closer, 2) >= 0) return "none";
  if (container.kind === "paragraph" && line.length > 2) return "none";
  const block = parser.add("math");
  block.closer = closer;
  block.lines.push(cursor.restFromNext());
  cursor.skip(cursor.text.length - cursor.at);
  return "leaf";
};

const underline: Start = (parser, container) => {
  const { cursor } = parser;
  if (cursor.indented || container.kind !== "paragraph") return "none";
  if (!UNDERLINE.test(cursor.restFromNext())) return "none";
  parser.closeUnmatched();
  parser.takeDefinitions(container);
  if (container.lines.length === 0) return "none";
  container.kind = "heading";
  container.level = cursor.first === "=" ? 1 : 2;
  container.end = parser.line;
  cursor.skip(cursor.text.length - cursor.at);
  return "leaf";
};

const rule: Start = (parser) => {
  const { cursor } = parser;
  if (cursor.indented || !RULE.test(cursor.restFromNext())) return "none";
  parser.add("rule");
  cursor.skip(cursor.text.length - cursor.at);
  return "leaf";
};

const item: Start = (parser, container) => {
  const { cursor } = parser;
  if (cursor.indented || !parser.mayNest) return "none";
  const line = cursor.restFromNext();
  const bullet = BULLET.exec(line);
  const number = bullet ? null : NUMBER.exec(line);
  const mark = bullet ?? number;
  if (!mark) return "none";
  const start = number ? Number(number[1]) : 0;
  const interrupts = container.kind === "paragraph";
  if (interrupts && ((number && start !== 1) || line.slice(mark[0].length).trim() === "")) return "none";
  const list: ListData = { ordered: number !== null, mark: number ? number[2]! : mark[0], start };
  const offset = cursor.indent;
  cursor.skipSpace();
  cursor.skip(mark[0].length);
  const indent = offset + mark[0].length + takeItemSpace(parser);
  parser.closeUnmatched();
  const current = parser.tip;
  if (current.kind !== "list" || !sameList(current.list!, list)) parser.add("list").list = list;
  const block = parser.add("item");
  block.list = list;
  block.indent = indent;
  return "container";
};

/** Moves past the space after a marker; returns its columns. Five or more begin indented code after one. */
function takeItemSpace({ cursor }: LineReader): number {
  const wide = cursor.blank || cursor.indent >= 5;
  const columns = wide ? 1 : cursor.indent;
  if (cursor.atSpace) cursor.skipColumns(columns);
  return columns;
}

const sameList = (one: ListData, other: ListData): boolean =>
  one.ordered === other.ordered && one.mark === other.mark;

const note: Start = (parser) => {
  const { cursor } = parser;
  if (cursor.indented || !parser.mayNest) return "none";
  const mark = NOTE.exec(cursor.restFromNext());
  if (!mark) return "none";
  cursor.skipSpace();
  cursor.skip(mark[0].length);
  parser.add("note").label = normalizeLabel(mark[1]!);
  return "container";
};

/** A delimiter row after a paragraph's line with as many cells. */
const table: Start = (parser, container) => {
  const { cursor } = parser;
  if (cursor.indented || container.kind !== "paragraph" || container !== parser.tip) return "none";
  const header = container.lines[container.lines.length - 1] ?? "";
  const align = delimiterRow(cursor.restFromNext().trimEnd());
  if (!align || cellsOf(header).length !== align.length) return "none";
  const alone = container.lines.length === 1;
  if (!alone) container.lines = container.lines.slice(0, -1);
  const block = alone ? container : parser.add("table");
  block.kind = "table";
  block.lines = [];
  block.header = header;
  block.align = align;
  block.end = parser.line;
  cursor.skip(cursor.text.length - cursor.at);
  return "leaf";
};

const details: Start = (parser) => {
  const { cursor } = parser;
  if (cursor.indented || !parser.mayNest || !DETAILS.test(cursor.restFromNext())) return "none";
  cursor.skipSpace();
  cursor.skip("<details>".length);
  parser.add("details");
  return "container";
};

/** The first block of a `details`; content after its end tag belongs to the next one. */
const summary: Start = (parser, container) => {
  const { cursor } = parser;
  if (container.kind !== "details" || container.children.length > 0 || cursor.indented) return "none";
  const mark = SUMMARY.exec(cursor.restFromNext());
  if (!mark) return "none";
  cursor.skipSpace();
  const block = parser.add("summary");
  cursor.skip(mark[1] === undefined ? "<summary>".length : mark[0].length);
  if (mark[1] === undefined) return "leaf";
  block.lines.push(mark[1].trim());
  parser.closeTip();
  return "container";
};

/** What an end tag inside of it does not end. */
const HOLDERS: ReadonlySet<Kind> = new Set<Kind>(["quote", "item", "note"]);

/** An end tag at the start of a line ends the `details` that its line stands in, and what is open in that. */
const detailsEnd: Start = (parser, container) => {
  const { cursor } = parser;
  const around = container.kind === "details" ? container : HOLDERS.has(container.kind) ? null : container.parent;
  if (cursor.indented || around?.kind !== "details") return "none";
  if (!DETAILS_END.test(cursor.restFromNext())) return "none";
  cursor.skipSpace();
  cursor.skip("</details>".length);
  parser.closeUnmatched();
  while (parser.tip !== around) parser.closeTip();
  endDetails(parser, around);
  return "container";
};

/** Ends a `details`, the deepest open block, by its tag. */
export function endDetails(parser: Pick<LineReader, "line" | "closeTip">, block: Block): void {
  block.level = 1;
  block.end = parser.line;
  parser.closeTip();
}

const indentedCode: Start = (parser) => {
  const { cursor } = parser;
  if (!cursor.indented || cursor.blank || parser.tip.kind === "paragraph") return "none";
  cursor.skipColumns(4);
  parser.add("code");
  return "leaf";
};

const STARTS: readonly Start[] = [quote, heading, fence, math, underline, rule, item, note, table, details, summary, detailsEnd, indentedCode];

export function startBlock(parser: LineReader, container: Block): Started {
  const { cursor } = parser;
  if (!cursor.indented && !SPECIAL.test(cursor.first)) return "none";
  for (const start of STARTS) {
    const started = start(parser, container);
    if (started !== "none") return started;
  }
  return "none";
}
