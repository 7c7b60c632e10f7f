/** One view of a run: puts head, body and foot together and keeps them up to date. */

import type { Clock } from "./clock.ts";
import { create, setAttribute, setText } from "./dom.ts";
import { Foot } from "./foot.ts";
import { Header } from "./header.ts";
import { PartList } from "./parts.ts";
import type { Changes } from "./patch.ts";
import { pluginsOf } from "./renderers/markdown.ts";
import { Follow } from "./scroll.ts";
import type { Store } from "./store.ts";
import { announcement, isCut, shownState } from "./words.ts";

/** Tenths of a second are shown; twice as often would be seen by nobody. */
const TICK_MS = 200;

export class View {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #header: Header;
  readonly #foot: Foot;
  readonly #body = create("div", { class: "sw-body" });
  readonly #list = create("div", { class: "sw-parts" });
  readonly #spoken = create("div", { class: "sw-spoken", role: "status" });
  readonly #parts: PartList;
  readonly #follow: Follow;
  #announced: boolean | null = null;
  #cancelTick: (() => void) | null = null;

  constructor(store: Store, clock: Clock, signal: AbortSignal) {
    this.#store = store;
    this.#clock = clock;
    this.#header = new Header(store, signal);
    this.#foot = new Foot(store);
    this.#parts = new PartList(this.#list, () => store.elapsed_s(), pluginsOf(store.lazy));
    const jump = create("button", { class: "sw-jump", type: "button" }, "Jump to latest");
    this.#body.append(this.#list);
    const middle = create("div", { class: "sw-middle" }, this.#body, jump);
    this.element = create(
      "div",
      { class: "sw-view", role: "region", tabindex: "0", "data-lm-suppress-shortcuts": "true" },
      this.#header.element,
      create("div", { class: "sw-hairline" }),
      middle,
      this.#foot.element,
      this.#spoken,
    );
    this.#follow = new Follow(this.#body, this.#list, jump, signal);
    // The pill goes when it is pressed; the focus must not fall back to the page.
    jump.addEventListener("click", () => this.element.focus({ preventScroll: true }), { signal });
    this.element.addEventListener("keydown", (event) => this.#key(event), { signal });
    store.subscribe((changes) => this.update(changes), signal);
    signal.addEventListener("abort", () => this.#dispose(), { once: true });
    this.update(null);
  }

  /** Draws `changes`; everything when they are null. */
  update(changes: Changes | null): void {
    this.#parts.update(this.#store.document, changes);
    this.#header.update();
    this.#foot.update();
    this.#updateFrame();
    this.#follow.keep();
    this.#announce();
    this.#tickWhileAlive();
  }

  #updateFrame(): void {
    const store = this.#store;
    const { phase } = store.stopping;
    setAttribute(this.element, "data-state", shownState(store));
    setAttribute(this.element, "data-stop", phase === "none" ? null : phase);
    setAttribute(this.element, "data-outcome", isCut(store.document.run) ? "cut" : null);
    setAttribute(this.element, "data-live", this.#live ? "true" : null);
    setAttribute(this.element, "aria-label", this.#header.title);
    setAttribute(this.#body, "aria-busy", String(this.#live));
  }

  get #live(): boolean {
    return this.#store.alive && this.#store.link.state !== "gone";
  }

  /** Says the start and the end; a view of a run that was over before says nothing. */
  #announce(): void {
    const over = !this.#store.alive;
    if (this.#announced === null && over) return;
    if (this.#announced === over) return;
    this.#announced = over;
    setText(this.#spoken, announcement(this.#store));
  }

  #tickWhileAlive(): void {
    if (!this.#live) {
      this.#cancelTick?.();
      this.#cancelTick = null;
      return;
    }
    this.#cancelTick ??= this.#clock.after(TICK_MS, () => {
      this.#cancelTick = null;
      const elapsed_s = this.#store.elapsed_s();
      this.#header.tick(elapsed_s);
      if (elapsed_s !== null) this.#parts.tick(elapsed_s);
      this.#tickWhileAlive();
    });
  }

  /**
   * Escape stops; keys that scroll move our own scroller while the view itself has the focus.
   * Everything else is left to the page, except that JupyterLab's one-key commands (`d d` deletes
   * the cell) are kept from text being read: that is the `data-lm-suppress-shortcuts` attribute.
   */
  #key(event: KeyboardEvent): void {
    const bare = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (bare ? this.#handled(event) : false) {
      event.preventDefault();
      event.stopPropagation();
    } else if (!bare) {
      this.#letShortcutPass();
    }
  }

  #handled(event: KeyboardEvent): boolean {
    if (event.key === "Escape" && this.#live) {
      this.#store.stop();
      return true;
    }
    return event.target === this.element && this.#follow.key(event.key);
  }

  /** Chords such as Ctrl+S are meant for the application, also from here. */
  #letShortcutPass(): void {
    setAttribute(this.element, "data-lm-suppress-shortcuts", null);
    this.#clock.after(0, () => setAttribute(this.element, "data-lm-suppress-shortcuts", "true"));
  }

  #dispose(): void {
    this.#cancelTick?.();
    this.#parts.clear();
    this.element.remove();
  }
}
