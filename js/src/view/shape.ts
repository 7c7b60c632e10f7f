/**
 * The height of a view: a box that scrolls while the run is live, and the whole document on request.
 * A view that is opened after its run has ended shows the whole document at once.
 */

import { create, setAttribute, setHidden, setText } from "../base/dom.ts";
import { finite } from "../base/safety.ts";
import type { Json } from "../protocol/wire.ts";
import * as english from "../words/english.ts";

const LEAST_PX = 80;
const MOST_PX = 20_000;

export class Shape {
  /** Switches between the box and the whole document; shown if that makes a difference. */
  readonly toggle = create("button", { class: "sw-plain sw-expand", type: "button", hidden: "", "aria-expanded": "false" });
  readonly #view: HTMLElement;
  readonly #body: HTMLElement;
  #px: number | null = null;
  #touched = false;

  constructor(view: HTMLElement, body: HTMLElement, signal: AbortSignal) {
    this.#view = view;
    this.#body = body;
    this.toggle.addEventListener("click", () => this.setTall(!this.isTall), { signal });
  }

  get isTall(): boolean {
    return this.#view.dataset["height"] === "full";
  }

  get isFullScreen(): boolean {
    return this.#view.matches(":fullscreen");
  }

  /** The view starts with an ended run, so nothing has to scroll. */
  beginOver(): void {
    if (this.#px === null && !this.#touched) this.#draw(true);
  }

  /** Applies the kernel's `height`, in CSS pixels; null: the default of the page. */
  setHeight(height: Json | undefined): void {
    const given = finite(height);
    const px = given === null ? null : Math.min(Math.max(given, LEAST_PX), MOST_PX);
    if (px === this.#px) return;
    this.#px = px;
    if (px === null) this.#view.style.removeProperty("--sw-height");
    else this.#view.style.setProperty("--sw-height", `${px}px`);
  }

  setTall(tall: boolean): void {
    this.#touched = true;
    this.#draw(tall);
  }

  /** Offers the whole document if it does not fit the box; `live`: the run has not ended. */
  update(live: boolean): void {
    if (live && this.isTall && !this.#touched) setAttribute(this.#view, "data-height", null); // a retry
    const useful = this.isTall ? this.#touched : this.#body.dataset["scrolls"] === "true";
    setText(this.toggle, this.isTall ? english.SHOW_LESS : english.SHOW_ALL);
    setAttribute(this.toggle, "aria-expanded", String(this.isTall));
    setHidden(this.toggle, live || !useful);
  }

  toggleFullScreen(): void {
    if (this.isFullScreen) void document.exitFullscreen();
    else void this.#view.requestFullscreen().catch(() => undefined); // the browser reports the reason
  }

  #draw(tall: boolean): void {
    setAttribute(this.#view, "data-height", tall ? "full" : null);
    this.update(false);
  }
}
