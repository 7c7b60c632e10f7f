/** A little Markdown where there is one line for it: the message of a step, a cell of a table. */

import { setText } from "../../base/dom.ts";
import type { Options } from "../../markdown/engine.ts";
import { MarkdownEngine } from "../../markdown/engine.ts";

/** Text without any of these is what it is. */
const MARKS = /[*_`~[$<&\\]|https?:|www\./;
const OPENERS = /^(\s*)([#>+*-](?=\s|>|$)|>|~~~|```|\|)/;
const NUMBERS = /^(\s*\d+)([.)])/;
/** What was drawn as Markdown, by where. */
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

/** One line that begins no block: neither a heading nor a list can stand there. */
export const asInline = (text: string): string =>
  text.replace(/\s+/g, " ").replace(OPENERS, "$1\\$2").replace(NUMBERS, "$1\\$2");

const WRITTEN = /^(#{1,6} |[-*+] |\d+[.)] |> |```|\|.*\|\s*$)|\*\*\S|\]\(\S/m;

/** Whether a text that some tool gave was written as Markdown; what a program prints is not. */
export const isWritten = (text: string): boolean => WRITTEN.test(text);
