/** One view of a run: puts head, body and foot together and keeps them up to date. */

import type { Clock } from "./clock.ts";
import { create, setAttribute } from "./dom.ts";
import { restoreDensity } from "./density.ts";
import { Foot } from "./foot.ts";
import { Header } from "./header.ts";
import type { LazyParts } from "./lazy.ts";
import { PartList } from "./parts.ts";
import { noChanges } from "./patch.ts";
import type { Changes, Part } from "./patch.ts";
import { markdownOptions, pluginsOf } from "./renderers/markdown.ts";
import { isText, mountPart } from "./renderers/index.ts";
import type { Context, Mounted, Parts } from "./renderers/renderer.ts";
import { Follow } from "./scroll.ts";
import { Speaker } from "./speaker.ts";
import type { Store } from "./store.ts";
import { watchVisibility } from "./visibility.ts";
import { isCut, shownState, stalled } from "./words.ts";

/** Figures that change more often cannot be read, and each change of one is a layout of the page. */
const TICK_MS = 200;
/** Nobody reads tenths of a second after ten of them. */
const SLOW_TICK_MS = 500;
const SLOW_AFTER_S = 10;
/** A view that nobody sees is brought up to date this often: its layout costs as much as if it were seen. */
const UNSEEN_EVERY_MS = 4000;

type Extras = LazyParts["extras"];

const NO_CODE = "This needs code from the kernel, which is gone.";

export class View {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #context: Context;
  readonly #signal: AbortSignal;
  readonly #header: Header;
  readonly #foot: Foot;
  readonly #body = create("div", { class: "sw-body" });
  readonly #list = create("div", { class: "sw-parts sw-list" });
  readonly #first: PartList;
  #parts: Parts;
  /** Parts that were set out as a list, while they are set out as a tree. */
  #kept: ReadonlyMap<string, Mounted> | null = null;
  readonly #follow: Follow;
  readonly #speaker: Speaker;
  /** How many parts were looked at: whether one of them needs the extras. */
  #looked = 0;
  #needsMore = false;
  #composes = false;
  #seen = true;
  #shown = "";
  /** What changed while nobody looked. */
  #pending: Changes | null = null;
  #cancelTick: (() => void) | null = null;
  #cancelUnseen: (() => void) | null = null;

  constructor(store: Store, clock: Clock, signal: AbortSignal) {
    this.#store = store;
    this.#clock = clock;
    this.#signal = signal;
    this.#context = this.#newContext();
    const acts = {
      copy: () => void this.#take("markdown", "copy"),
      menu: (button: HTMLButtonElement) => void this.#menu(button),
    };
    this.#header = new Header(store, acts, signal);
    this.#foot = new Foot(store, clock);
    this.#speaker = new Speaker(store, clock);
    this.#parts = this.#first = new PartList(this.#list, this.#context);
    const jump = create("button", { class: "sw-jump", type: "button" }, "Jump to latest");
    this.#body.append(this.#list);
    const middle = create("div", { class: "sw-middle" }, this.#body, jump);
    this.element = create(
      "div",
      { class: "sw-view", role: "region", tabindex: "0", "data-lm-suppress-shortcuts": "true" },
      this.#header.element,
      this.#header.strip,
      create("div", { class: "sw-hairline" }),
      middle,
      this.#foot.element,
      this.#speaker.element,
    );
    restoreDensity(this.element);
    this.#follow = new Follow(this.#body, this.#list, jump, signal);
    // The pill goes when it is pressed; the focus must not fall back to the page.
    jump.addEventListener("click", () => this.element.focus({ preventScroll: true }), { signal });
    this.element.addEventListener("keydown", (event) => this.#key(event), { signal });
    store.subscribe((changes) => this.#changed(changes), signal);
    signal.addEventListener("abort", () => this.#dispose(), { once: true });
    this.update(null);
    store.lazy.want("rest");
    signal.addEventListener("abort", store.lazy.whenMore(() => this.update(noChanges())), { once: true });
    watchVisibility(this.element, (seen) => this.#seenChanged(seen), signal);
  }

  /** Draws `changes`; everything when they are null. */
  update(changes: Changes | null): void {
    this.#lookForMore(changes);
    this.#lookForComposer();
    this.#parts.update(this.#store.document, changes);
    if (this.#updateFrame() || changes === null || !this.#cancelTick) this.#updateFigures();
    this.#speaker.update();
    this.#look();
    this.#tickWhileAlive();
  }

  /** A run with more than text is set out by the extras: now if they are here, else when they are. */
  #lookForMore(changes: Changes | null): void {
    const { parts } = this.#store.document;
    if (changes === null || changes.reset) this.#looked = 0;
    for (; this.#looked < parts.length && !this.#needsMore; this.#looked += 1) {
      if (isText(parts[this.#looked]!)) continue;
      this.#needsMore = true;
      this.#store.lazy.want("extras"); // also where the page has them: the saved notebook needs them too
      this.#whenMore((extras) => this.#become(extras));
    }
  }

  /** A line to speak from, once the source has ever taken messages. */
  #lookForComposer(): void {
    if (this.#composes || this.#store.status.can_send !== true) return;
    this.#composes = true;
    this.#whenMore(({ Composer }) => {
      const say = this.#context.say;
      new Composer({ store: this.#store, clock: this.#clock, signal: this.#signal, view: this.element, say });
    });
  }

  /** Calls back when the extras are here, maybe at once; where there is no kernel to send them, never. */
  #whenMore(then: (extras: Extras) => void): void {
    if (this.#signal.aborted) return;
    const { lazy } = this.#store;
    const extras = lazy.get("extras");
    if (extras) return then(extras);
    lazy.want("extras");
    const stop = lazy.whenMore(() => {
      if (!lazy.get("extras")) return;
      stop();
      this.#whenMore(then);
    });
    this.#signal.addEventListener("abort", stop, { once: true });
  }

  #become({ Job }: Extras): void {
    this.#kept = this.#first.release();
    this.#parts = new Job({
      list: this.#list,
      strip: this.#header.strip,
      store: this.#store,
      context: this.#context,
      show: (element) => this.#follow.show(element),
    });
    this.#parts.update(this.#store.document, null);
    this.#kept = null;
    this.#follow.keep();
  }

  /** A text that is there already is not drawn anew. */
  #mount(part: Part): Mounted {
    const kept = isText(part) ? this.#kept?.get(part.id) : undefined;
    return kept ?? mountPart(part, this.#context);
  }

  #changed(changes: Changes): void {
    if (this.#seen) return this.update(changes);
    this.#pending = joined(this.#pending, changes);
    this.#cancelUnseen ??= this.#clock.after(UNSEEN_EVERY_MS, () => this.#catchUp());
  }

  #catchUp(): void {
    this.#cancelUnseen?.();
    this.#cancelUnseen = null;
    const changes = this.#pending;
    this.#pending = null;
    if (changes) this.update(changes);
  }

  #seenChanged(seen: boolean): void {
    if (this.#seen === seen) return;
    this.#seen = seen;
    this.element.style.contentVisibility = seen ? "" : "auto"; // its layers are what makes frames slow
    this.#updateFrame();
    this.#look();
    if (!seen) return this.#changed(noChanges());
    this.#catchUp();
    this.#tickWhileAlive();
  }

  #look(): void {
    this.#store.lazy.get("rest")?.look(this.#store, this.#signal, this.#seen);
  }

  #newContext(): Context {
    const store = this.#store;
    const plugins = pluginsOf(store.lazy);
    const context: Context = {
      elapsed_s: () => store.elapsed_s(),
      alive: () => store.alive,
      following: () => this.#follow.stuck,
      retry: () => (!store.alive && store.status.can_retry === true ? () => store.retry() : null),
      take: (what, use, partId) => this.#take(what, use, partId),
      model: (reference) => store.modelOf(reference),
      say: (words) => this.#speaker.say(words),
      mount: (part) => this.#mount(part),
      get markdown() {
        return markdownOptions(store.document.run, plugins);
      },
      signal: this.#signal,
    };
    return context;
  }

  #updateFigures(): void {
    this.#header.update();
    this.#foot.update();
  }

  /** Says whether the state is another one. */
  #updateFrame(): boolean {
    const store = this.#store;
    const { phase } = store.stopping;
    const state = shownState(store);
    const shown = state + phase;
    const changed = shown !== this.#shown;
    if (changed) this.#parts.status();
    this.#shown = shown;
    setAttribute(this.element, "data-state", state);
    setAttribute(this.element, "data-stop", phase === "none" ? null : phase);
    setAttribute(this.element, "data-outcome", isCut(store.document.run) ? "cut" : null);
    setAttribute(this.element, "data-stalled", this.#live && stalled(store.status) ? "true" : null);
    setAttribute(this.element, "data-live", this.#live ? (this.#seen ? "seen" : "unseen") : null);
    setAttribute(this.element, "aria-label", this.#header.title);
    setAttribute(this.#body, "aria-busy", String(this.#live));
    return changed;
  }

  get #live(): boolean {
    return this.#store.alive && this.#store.link.state !== "gone";
  }

  async #take(...[what, use, partId]: Parameters<Context["take"]>): Promise<string | null> {
    const { take } = await this.#more();
    const problem = await take(this.#store, { what, use, partId });
    const words = problem ?? (use === "copy" ? "Copied" : "Saved");
    this.#foot.say(words);
    this.#speaker.say(words);
    return problem;
  }

  async #menu(button: HTMLButtonElement): Promise<void> {
    const { openMenu } = await this.#more();
    const take: Context["take"] = (...wish) => this.#take(...wish);
    openMenu({ view: this.element, button, document: this.#store.document, take });
  }

  #more(): Promise<Extras> {
    if (this.#store.link.state === "gone" && !this.#store.lazy.get("extras")) this.#foot.say(NO_CODE);
    return new Promise((done) => this.#whenMore(done));
  }

  #tickWhileAlive(): void {
    if (!this.#live || !this.#seen) {
      this.#cancelTick?.();
      this.#cancelTick = null;
      return;
    }
    const slow = Number(this.#store.elapsed_s()) > SLOW_AFTER_S;
    this.#cancelTick ??= this.#clock.after(slow ? SLOW_TICK_MS : TICK_MS, () => {
      this.#cancelTick = null;
      this.#updateFigures();
      const elapsed_s = this.#store.elapsed_s();
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
    this.#cancelUnseen?.();
    this.#parts.clear();
    this.element.remove();
  }
}

function joined(before: Changes | null, changes: Changes): Changes {
  const both = before ?? noChanges();
  for (const id of changes.parts) both.parts.add(id);
  both.run ||= changes.run;
  both.reset ||= changes.reset;
  return both;
}
