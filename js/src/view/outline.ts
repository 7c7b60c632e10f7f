/** The headings and results of a long document, as a menu that jumps to them. */

import type { Item } from "../base/menu.ts";

/** With fewer headings an outline is useless. */
const LEAST_COUNT = 4;
const MOST_COUNT = 60;
const ENTRIES = ".sw-markdown :is(h1, h2, h3), :is([data-kind=table], [data-kind=metric], [data-kind=artifact]) > .sw-line .sw-name";
const LEVELS: { readonly [name: string]: number } = { H1: 1, H2: 2, H3: 3 };

export function hasOutline(list: HTMLElement): boolean {
  return list.querySelectorAll(ENTRIES).length >= LEAST_COUNT;
}

/** `show` scrolls an element into view. */
export function outlineItems(list: HTMLElement, show: (element: HTMLElement) => void): Item[] {
  return [...list.querySelectorAll<HTMLElement>(ENTRIES)]
    .slice(0, MOST_COUNT)
    .filter((entry) => entry.textContent.trim() !== "")
    .map((entry) => ({
      words: entry.textContent.trim().slice(0, 120),
      level: LEVELS[entry.tagName] ?? 2,
      act: () => show(entry),
    }));
}
