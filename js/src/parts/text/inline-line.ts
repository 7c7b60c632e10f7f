/** Inline Markdown for single lines: the message of a step, a cell of a table. */

import { setText } from "../../base/dom.ts";
import type { Options } from "../../markdown/engine.ts";
import { MarkdownEngine } from "../../markdown/engine.ts";

/** Text without any of these needs no parsing. */
const MARKS = /[*_`~[$<&\\]|https?:|www\./;
const OPENERS = /^(\s*)([#>+*-](?=\s|>|$)|>|~~~|```|\|)/;
const NUMBERS = /^(\s*\d+)([.)])/;
/** The text that was drawn as Markdown, by element. */
const drawn = new WeakMap<HTMLElement, string>();

export function drawLine(host: HTMLElement, text: string, options: Options): void {
  if (!MARKS.test(text)) {
    drawn.delete(host);
    return setText(host, text);
  }
  if (drawn.get(host) === text) return;
  drawn.set(host, text);
  host.replaceChildren();
  const engine = new MarkdownEngine(host, options);
  engine.feed(asInline(text));
  engine.finish();
}

/** One line that cannot begin a block, such as a heading or a list. */
export const asInline = (text: string): string =>
  text.replace(/\s+/g, " ").replace(OPENERS, "$1\\$2").replace(NUMBERS, "$1\\$2");

const WRITTEN = /^(#{1,6} |[-*+] |\d+[.)] |> |```|\|.*\|\s*$)|\*\*\S|\]\(\S/m;

/** True if the text of a tool was written as Markdown; the output of a program is not. */
export const isWritten = (text: string): boolean => WRITTEN.test(text);
