/** The menu of a view: files of the run, and how close its lines stand. */

import { setDensity } from "../density.ts";
import { create, setAttribute } from "../dom.ts";
import type { Document } from "../patch.ts";
import type { Context } from "../renderers/renderer.ts";
import { label } from "../safety.ts";

interface Given {
  view: HTMLElement;
  button: HTMLButtonElement;
  document: Document;
  take: Context["take"];
}

interface Item {
  words: string;
  act(): void;
  /** Of an item that is on or off. */
  checked?: boolean;
}

/** Tables beyond this are saved at their own buttons. */
const TABLES_COUNT = 5;

export function openMenu({ view, button, document: run, take }: Given): void {
  const over = new AbortController();
  const items = itemsOf(view, run, take);
  const buttons = items.map((item) => menuItem(item, () => close(true)));
  const menu = create("div", { class: "sw-menu", role: "menu", "aria-label": "More" }, ...buttons);
  const close = (back: boolean): void => {
    over.abort();
    menu.remove();
    setAttribute(button, "aria-expanded", "false");
    if (back) button.focus({ preventScroll: true });
  };
  setAttribute(button, "aria-expanded", "true");
  view.append(menu);
  // In the top layer: a short view would cut it off.
  menu.popover = "manual";
  menu.showPopover();
  place(menu, button);
  buttons[0]?.focus({ preventScroll: true });
  const { signal } = over;
  menu.addEventListener("keydown", (event) => key(event, buttons, close), { signal });
  const outside = ({ target }: Event): boolean => !menu.contains(target as Node) && !button.contains(target as Node);
  const leave = (event: Event): void => {
    if (outside(event)) close(false);
  };
  document.addEventListener("pointerdown", leave, { signal, capture: true });
  document.addEventListener("scroll", leave, { signal, capture: true });
  const again = (event: Event): void => {
    event.stopImmediatePropagation(); // else it would open anew
    close(true);
  };
  button.addEventListener("click", again, { signal, capture: true });
}

function itemsOf(view: HTMLElement, run: Document, take: Context["take"]): Item[] {
  const tables = run.parts.filter(({ kind }) => kind === "table").slice(0, TABLES_COUNT);
  const compact = view.dataset["density"] === "compact";
  return [
    { words: "Copy as Markdown", act: () => void take("markdown", "copy") },
    { words: "Save as Markdown", act: () => void take("markdown", "save") },
    { words: "Save as HTML", act: () => void take("html", "save") },
    { words: "Save events as JSONL", act: () => void take("jsonl", "save") },
    ...tables.map(({ id, fields }) => ({
      words: `Save “${label(fields["name"], 40) || "table"}” as CSV`,
      act: () => void take("csv", "save", id),
    })),
    { words: "Compact", checked: compact, act: () => setDensity(compact ? "comfortable" : "compact") },
  ];
}

function menuItem({ words, act, checked }: Item, done: () => void): HTMLButtonElement {
  const role = checked === undefined ? "menuitem" : "menuitemcheckbox";
  const button = create("button", { type: "button", role, tabindex: "-1" }, words);
  if (checked !== undefined) setAttribute(button, "aria-checked", String(checked));
  button.addEventListener("click", () => {
    done();
    act();
  });
  return button;
}

function place(menu: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const { offsetHeight, offsetWidth } = menu;
  const below = at.bottom + 4 + offsetHeight <= innerHeight;
  menu.style.top = `${Math.max(4, below ? at.bottom + 4 : at.top - 4 - offsetHeight)}px`;
  menu.style.left = `${Math.max(4, at.right - offsetWidth)}px`;
}

function key(event: KeyboardEvent, buttons: HTMLButtonElement[], close: (back: boolean) => void): void {
  const here = buttons.indexOf(event.target as HTMLButtonElement);
  const last = buttons.length - 1;
  const to: { readonly [key: string]: number } = {
    ArrowDown: here === last ? 0 : here + 1,
    ArrowUp: here <= 0 ? last : here - 1,
    Home: 0,
    End: last,
  };
  const next = to[event.key];
  if (next !== undefined) buttons[next]!.focus({ preventScroll: true });
  else if (event.key === "Escape") close(true);
  else if (event.key === "Tab") return close(true);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
