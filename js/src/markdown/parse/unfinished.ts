/**
 * Parts of a growing text that are not shown yet: a last line that is only a marker so far, and a possible
 * definition. The inline phase (`Growth`) holds back the rest.
 */

import type { Block } from "./block.ts";
import { scanDefinition } from "./references.ts";
import { MORE, scanLabel } from "./scanners.ts";

/** A longer line is always shown. */
const MARKER_CHARS = 300;

/** Quote marks and list markers, then one marker that nothing follows. */
const MARKER = new RegExp(
  "^[\\s>]*(?:(?:[-+*]|\\d{1,9}[.)])[ \\t]+)*" +
    "(?:[-+*=_ \\t]*|\\d{1,9}[.)]?|#{1,6}|`{1,2}|`{3,}[^`]*|~{1,2}|~{3,}.*|[|:\\- \\t]*|\\[[ xX]?\\]?|\\${1,2}|\\\\\\[?)\\s*$",
);
const FENCE_END = /^[\s>]*(?:`{1,}|~{1,})[ \t]*$/;

/** Whether the unfinished line is held back, with `tip` the deepest open block. */
export function isHeldBack(line: string, tip: Block): boolean {
  if (line.length > MARKER_CHARS) return false;
  if (tip.kind === "code" && tip.fence) return FENCE_END.test(line) && line.includes(tip.fence.char);
  return MARKER.test(line);
}

/** The length of the start of a growing paragraph that is, or may become, definitions. */
export function hiddenStart_chars(text: string): number {
  let from = 0;
  while (text.charAt(from) === "[") {
    const rest = text.slice(from);
    const definition = scanDefinition(rest);
    if (definition === null) return from;
    if (definition === MORE) return mayDefine(rest) ? text.length : from;
    from += definition.end;
  }
  return from;
}

/** The label is complete; only the address is missing. */
function mayDefine(rest: string): boolean {
  const label = scanLabel(rest, 0);
  return label !== null && label !== MORE;
}
