/** Line spacing: the reader's choice, for all views of this page, also later ones. */

import { setAttribute } from "../base/dom.ts";

const KEY = "streamwidget-density";

export type Density = "compact" | "comfortable";

export function restoreDensity(view: HTMLElement): void {
  try {
    draw(view, localStorage.getItem(KEY));
  } catch {} // without storage, each view starts with the default
}

/** `beside`: a view whose own root is searched too. */
export function setDensity(density: Density, beside: HTMLElement): void {
  for (const root of new Set([document, beside.getRootNode() as Document | ShadowRoot])) {
    for (const view of root.querySelectorAll<HTMLElement>(".sw-view")) draw(view, density);
  }
  try {
    localStorage.setItem(KEY, density);
  } catch {} // as above
}

const draw = (view: HTMLElement, density: string | null): void =>
  setAttribute(view, "data-density", density === "compact" ? density : null);
