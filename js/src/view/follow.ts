/**
 * Follows the newest text inside our own scroller, until the reader scrolls up.
 *
 * The notebook's page is never moved: no `scrollIntoView`, no focus that scrolls.
 */

import { setAttribute, setHidden } from "../base/dom.ts";

/** Distance from the end that still counts as the end, in CSS pixels. */
const NEAR_PX = 24;
const LINE_PX = 40;
/** Space above the target of a jump. */
const MARGIN_PX = 12;

export class Follow {
  readonly #scroller: HTMLElement;
  readonly #jump: HTMLButtonElement;
  #stuck = true;
  /** The last position and content height, to distinguish the reader's scrolling from ours. */
  #top = 0;
  #height = 0;

  constructor(
    scroller: HTMLElement,
    content: HTMLElement,
    jump: HTMLButtonElement,
    signal: AbortSignal,
  ) {
    this.#scroller = scroller;
    this.#jump = jump;
    const listen = { signal, passive: true } as const;
    scroller.addEventListener("scroll", () => this.#scrolled(), listen);
    scroller.addEventListener("wheel", (event) => this.#wheeled(event), listen);
    jump.addEventListener("click", () => this.toEnd(), { signal });
    const sizes = new ResizeObserver(() => this.keep());
    sizes.observe(content);
    sizes.observe(scroller);
    signal.addEventListener("abort", () => sizes.disconnect(), { once: true });
    this.#set(true);
  }

  /** Called by the browser after the layout of grown content: reading sooner would force another layout. */
  keep(): void {
    if (this.#stuck) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#remember();
    if (this.#distance() < 1) this.#set(true);
    const scrolls = this.#height > this.#scroller.clientHeight;
    setAttribute(this.#scroller, "data-scrolls", scrolls ? "true" : null);
  }

  get stuck(): boolean {
    return this.#stuck;
  }

  /** Scrolls our own scroller so that `element` is at its top. */
  show(element: HTMLElement): void {
    this.#set(false);
    // A view that shows everything does not scroll itself; the reader requested this jump.
    if (this.#scroller.scrollHeight <= this.#scroller.clientHeight) return element.scrollIntoView({ block: "start" });
    const top = element.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
    this.#scroller.scrollTop += top - MARGIN_PX;
    this.keep();
  }

  toEnd(): void {
    this.#set(true);
    this.keep();
  }

  /** Scrolls by a key; false if the key has no meaning here and is left to the notebook. */
  key(key: string): boolean {
    if (this.#scroller.scrollHeight <= this.#scroller.clientHeight) return false;
    const page = this.#scroller.clientHeight * 0.9;
    const by: { readonly [key: string]: number } = {
      ArrowUp: -LINE_PX,
      ArrowDown: LINE_PX,
      PageUp: -page,
      PageDown: page,
      Home: -Infinity,
      End: Infinity,
    };
    const step = by[key];
    if (step === undefined) return false;
    if (step === Infinity) this.toEnd();
    else this.#scroller.scrollTop = Math.max(0, this.#scroller.scrollTop + step);
    return true;
  }

  #scrolled(): void {
    const up = this.#scroller.scrollTop < this.#top - 1;
    const shrunk = this.#scroller.scrollHeight < this.#height;
    // A growing box moves its content too, and ends at the end.
    if (up && !shrunk && this.#distance() >= 1) this.#set(false);
    else if (!up && this.#distance() < NEAR_PX) this.#set(true);
    this.#remember();
  }

  /** Before the scroll event, so that text in the same frame does not scroll the reader back. */
  #wheeled(event: WheelEvent): void {
    if (event.deltaY < 0 && this.#scroller.scrollTop > 0) this.#set(false);
  }

  #distance(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  #remember(): void {
    this.#top = this.#scroller.scrollTop;
    this.#height = this.#scroller.scrollHeight;
  }

  #set(stuck: boolean): void {
    this.#stuck = stuck;
    setAttribute(this.#scroller, "data-stuck", String(stuck));
    setHidden(this.#jump, stuck);
  }
}
