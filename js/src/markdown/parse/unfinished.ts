/**
 * What a growing text does not show yet: a last line that is only a marker so far, and what may be
 * a definition. The rest of the policy is where it belongs, in the inline phase (`Growth`).
 */

import type { Block } from "./block.ts";
import { scanDefinition } from "./references.ts";
import { MORE, scanLabel } from "./scanners.ts";

/** A longer line is shown, whatever it is. */
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

/** How much of the start of a growing paragraph is, or may become, definitions. */
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

/** The label is whole, so only the address is missing. */
function mayDefine(rest: string): boolean {
  const label = scanLabel(rest, 0);
  return label !== null && label !== MORE;
}
