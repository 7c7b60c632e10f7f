/** Tags and the text between them: HTML, XML, and JSX inside of code. */

import { Cursor } from "./cursor.ts";
import type { Frame } from "./cursor.ts";
import type { HighlightToken, Region } from "./language.ts";
import { opens } from "./region.ts";
import { LANGUAGES } from "./languages.ts";

/** Elements whose content is in another language. */
const EMBEDDED: { readonly [name: string]: string } = { script: "javascript", style: "css" };
const VALUES: { readonly [quote: string]: Region } = {
  '"': { open: '"', close: '"', is: "string", lines: true },
  "'": { open: "'", close: "'", is: "string", lines: true },
};

/** Begins the tag at this position; false if there is none. */
export function openTag(cursor: Cursor): boolean {
  const end = cursor.match(/<(?:\/?[A-Za-z][\w.:-]{0,80}|\/?(?=>)|[!?]\w{1,80})/y);
  if (end < 0) return false;
  const closing = cursor.code[cursor.at + 1] === "/";
  const name = cursor.code.slice(cursor.at + (closing ? 2 : 1), end);
  cursor.stack.push({ mode: "tag", closing, name });
  cursor.give(end, cursor.has("jsx") && /^[A-Z]/.test(name) ? "type" : "keyword");
  return true;
}

/** Continues in the text between tags. */
export function inText(cursor: Cursor): void {
  const holes = cursor.has("jsx");
  while (cursor.at < cursor.code.length) {
    const char = cursor.code[cursor.at];
    if (char === "<") {
      if (opens(cursor) || openTag(cursor)) return;
    } else if (char === "{" && holes) {
      return openHole(cursor);
    } else if (char === "&" && !holes) {
      const end = cursor.match(/&#?\w{1,40};/y);
      if (end > 0) {
        cursor.give(end, "builtin");
        continue;
      }
    }
    cursor.at += 1;
  }
}

/** Continues inside a tag. */
export function inTag(cursor: Cursor, frame: Extract<Frame, { mode: "tag" }>): void {
  const char = cursor.code[cursor.at]!;
  const value = VALUES[char];
  if (value) return cursor.open(value);
  if (char === "{" && cursor.has("jsx")) return openHole(cursor);
  if (char === ">") return closeTag(cursor, frame, 1);
  if (char === "<") return void cursor.stack.pop();
  if (char === "/" || char === "?") {
    if (cursor.code[cursor.at + 1] === ">") return closeTag(cursor, { ...frame, closing: true }, 2, true);
    cursor.at += 1;
    return;
  }
  if (char === "=") return cursor.give(cursor.at + 1, "operator");
  const end = cursor.match(/[^\s"'=<>/?{}]+/y);
  if (end < 0) cursor.at += 1;
  else cursor.give(end, cursor.code[cursor.at - 1] === "=" ? "string" : "property");
}

function openHole(cursor: Cursor): void {
  cursor.give(cursor.at + 1, "operator");
  cursor.value = false;
  cursor.stack.push({ mode: "code", depth: 0 });
}

/** Reads the end of a tag: its element begins or ends. `alone`: it has no closing tag. */
function closeTag(cursor: Cursor, tag: { closing: boolean; name: string }, chars: number, alone = false): void {
  const { stack } = cursor;
  cursor.give(cursor.at + chars, "keyword");
  stack.pop();
  cursor.value = true;
  if (cursor.has("jsx")) {
    if (!tag.closing) stack.push({ mode: "text" });
    else if (!alone && stack.length > 1 && stack.at(-1)!.mode === "text") stack.pop();
  } else if (cursor.has("embeds") && !tag.closing) {
    embed(cursor, tag.name.toLowerCase());
  }
}

function embed({ stack }: Cursor, name: string): void {
  const language = LANGUAGES[Object.hasOwn(EMBEDDED, name) ? EMBEDDED[name]! : ""];
  if (language) stack.push({ mode: "embedded", end: name, inner: new Cursor(language) });
}

type Scan = (cursor: Cursor, code: string) => HighlightToken[];

/** Continues in another language, up to the closing tag of its element. */
export function inEmbedded(cursor: Cursor, { end, inner }: Extract<Frame, { mode: "embedded" }>, scan: Scan): void {
  const closing = new RegExp(`</${end}`, "gi");
  closing.lastIndex = cursor.at;
  const found = closing.exec(cursor.code);
  if (found) cursor.stack.pop();
  const to = found ? found.index : cursor.code.length;
  cursor.take(scan(inner, cursor.code.slice(cursor.at, to)), to);
}
