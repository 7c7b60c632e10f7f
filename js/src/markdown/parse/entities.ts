/** Character references: numeric ones by rule, named ones from the browser's own table. */

import { namedCharacter } from "../../base/dom.ts";

const REPLACEMENT = "\ufffd";

/** The character for `reference` (`&...;`); the reference itself if it is unknown. */
export function decodeEntity(reference: string): string {
  if (reference.charAt(1) !== "#") return namedCharacter(reference) ?? reference;
  const hexadecimal = /^&#x/i.test(reference);
  const code = Number.parseInt(reference.slice(hexadecimal ? 3 : 2), hexadecimal ? 16 : 10);
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return code === 0 || code > 0x10ffff || surrogate ? REPLACEMENT : String.fromCodePoint(code);
}
