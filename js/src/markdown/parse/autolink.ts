/** Bare addresses in the text: GFM's extended autolinks. */

import type { Found } from "./scanners.ts";

/** An address ends at a space, at `<`, and where punctuation of Chinese, Japanese or Korean begins. */
const URL_CHARS = /[^\s<\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u2018\u2019\u201c\u201d\u2026]*/y;
const DOMAIN = /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*/u;
const TRAILING = /[?!.,:*_~'"]$/;
const ENTITY = /&[A-Za-z0-9]+;$/;
const LOCAL = /[A-Za-z0-9._+-]+$/;
const MAIL_DOMAIN = /@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*/y;
const SCHEME = /(?:https?)$/i;
/** Longer ones are text. */
const LOCAL_CHARS = 64;
const DOMAIN_CHARS = 512;

/** The scheme at the end of `before`, where `://` follows; "" if it is not http or https. */
export function schemeBefore(before: string): string {
  const found = SCHEME.exec(before.slice(-6));
  if (!found) return "";
  const prior = before.charAt(before.length - found[0].length - 1);
  return prior === "" || !/[\p{L}\p{N}]/u.test(prior) ? found[0] : "";
}

/** What may come before `www.`. */
export const mayPrecede = (char: string): boolean => char === "" || /[\s*_~(]/.test(char);

/**
 * The rest of an address whose domain begins at `from`; null if it is not valid. `value` is the
 * text from `from` to `end`; `reach` is the end of the searched text, which shows whether
 * more text could change it.
 */
export function scanAddress(text: string, from: number): (Found & { readonly reach: number }) | null {
  const domain = DOMAIN.exec(text.slice(from, from + DOMAIN_CHARS));
  if (!domain || !isDomain(domain[0])) return null;
  URL_CHARS.lastIndex = from;
  const run = URL_CHARS.exec(text)![0];
  const value = trimAddress(run);
  return value.length < domain[0].length - 1 ? null : { value, end: from + value.length, reach: from + run.length };
}

/** At least one period, and no underscore in the last two segments. */
function isDomain(domain: string): boolean {
  const segments = domain.replace(/[._-]+$/, "").split(".");
  return segments.length > 1 && !segments.slice(-2).some((segment) => segment.includes("_"));
}

/** Removes punctuation, unmatched closing parentheses and an entity at the end. */
function trimAddress(run: string): string {
  let value = run;
  let surplus: number | null = null;
  for (;;) {
    const last = value.charAt(value.length - 1);
    if (TRAILING.test(last)) value = value.slice(0, -1);
    else if (last === ")") {
      surplus ??= count(value, ")") - count(value, "(");
      if (surplus <= 0) return value;
      surplus -= 1;
      value = value.slice(0, -1);
    } else if (last === ";") {
      const entity = ENTITY.exec(value.slice(-40));
      value = value.slice(0, -(entity ? entity[0].length : 1));
    } else return value;
  }
}

const count = (text: string, char: string): number => text.split(char).length - 1;

/** The part of a mail address before the `@`, at the end of `before`. */
export const mailLocalPart = (before: string): string => LOCAL.exec(before.slice(-LOCAL_CHARS))?.[0] ?? "";

/** The `@` and the domain of a mail address at `from`; null if there is none. */
export function scanMailDomain(text: string, from: number): Found | null {
  MAIL_DOMAIN.lastIndex = from;
  const found = MAIL_DOMAIN.exec(text)?.[0];
  if (!found || !found.includes(".") || /[-_]$/.test(found)) return null;
  return { value: found, end: from + found.length };
}
