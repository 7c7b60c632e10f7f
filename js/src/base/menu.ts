/** A menu in the top layer, below the button that opened it; used by keyboard, mouse and touch. */

import { create, setAttribute } from "./dom.ts";

export interface Item {
  words: string;
  act(): void;
  /** State of an item that is on or off. */
  checked?: boolean;
  /** Indentation, 1 to 3, as of headings. */
  level?: number;
}

interface Given {
  view: HTMLElement;
  button: HTMLButtonElement;
  label: string;
  items: readonly Item[];
}

export function openMenu({ view, button, label, items }: Given): void {
  const over = new AbortController();
  const buttons = items.map((item) => menuItem(item, () => close(true)));
  const menu = create("div", { class: "sw-menu", role: "menu", "aria-label": label }, ...buttons);
  const close = (back: boolean): void => {
    over.abort();
    menu.remove();
    setAttribute(button, "aria-expanded", "false");
    if (back) button.focus({ preventScroll: true });
  };
  setAttribute(button, "aria-expanded", "true");
  view.append(menu);
  // In the top layer, because a short view would cut it off.
  menu.popover = "manual";
  menu.showPopover();
  place(menu, button, view);
  buttons[0]?.focus({ preventScroll: true });
  const { signal } = over;
  menu.addEventListener("keydown", (event) => key(event, buttons, close), { signal });
  // The path, not the target: in a shadow root the document sees only its host.
  const outside = (event: Event): boolean => !event.composedPath().some((node) => node === menu || node === button);
  const leave = (event: Event): void => {
    if (outside(event)) close(false);
  };
  document.addEventListener("pointerdown", leave, { signal, capture: true });
  // Scrolling inside the view, such as following growing text, does not close the menu.
  const scrolled = ({ target }: Event): void => {
    if (!view.contains(target as Node)) {
      if (holds(target as Node, view)) close(false);
    } else if ((target as Node).contains(button)) place(menu, button, view);
  };
  document.addEventListener("scroll", scrolled, { signal, capture: true });
  const again = (event: Event): void => {
    event.stopImmediatePropagation(); // else it would open again
    close(true);
  };
  button.addEventListener("click", again, { signal, capture: true });
}

/** True if `outer` contains `node`, also across shadow roots. */
function holds(outer: Node, node: Node): boolean {
  for (let at: Node | null = node; at; at = at instanceof ShadowRoot ? at.host : at.parentNode) if (at === outer) return true;
  return false;
}

function menuItem({ words, act, checked, level }: Item, done: () => void): HTMLButtonElement {
  const role = checked === undefined ? "menuitem" : "menuitemcheckbox";
  const button = create("button", { type: "button", role, tabindex: "-1" }, words);
  if (checked !== undefined) setAttribute(button, "aria-checked", String(checked));
  if (level !== undefined) setAttribute(button, "data-level", String(level));
  button.addEventListener("click", () => {
    done();
    act();
  });
  return button;
}

/** Towards the middle of the view: from a button on its left the menu extends to the right. */
function place(menu: HTMLElement, button: HTMLElement, view: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const outer = view.getBoundingClientRect();
  const { offsetHeight, offsetWidth } = menu;
  const below = at.bottom + 4 + offsetHeight <= innerHeight;
  menu.style.top = `${Math.max(4, below ? at.bottom + 4 : at.top - 4 - offsetHeight)}px`;
  const isLeft = at.left + at.right < outer.left + outer.right;
  const left_px = isLeft ? Math.min(at.left, innerWidth - offsetWidth - 4) : at.right - offsetWidth;
  menu.style.left = `${Math.max(4, left_px)}px`;
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
