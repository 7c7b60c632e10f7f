/** One view of a run: combines header, body and footer and keeps them up to date. */

import type { Clock } from "../base/clock.ts";
import { create, setAttribute } from "../base/dom.ts";
import { restoreDensity } from "./density.ts";
import { Foot } from "./footer.ts";
import { Header } from "./header.ts";
import type { LateCode } from "../delivery/late-code.ts";
import type { SavedOutput } from "../delivery/saved-output.ts";
import { RunDocument } from "../document/run-document.ts";
import { Composer } from "./composer.ts";
import { take } from "./export.ts";
import { openMenu } from "../base/menu.ts";
import { hasOutline, outlineItems } from "./outline.ts";
import { Scrubber } from "./scrubber/scrubber.ts";
import { Shape } from "./shape.ts";
import { viewItems } from "./view-menu.ts";
import { imagesOption } from "../base/pictures.ts";
import { Controls } from "../protocol/controls.ts";
import { joined, noChanges } from "../protocol/patch.ts";
import type { Changes } from "../protocol/patch.ts";
import type { Context } from "../parts/part-view.ts";
import { keepFocus } from "./focus.ts";
import { Follow } from "./follow.ts";
import { listenToKeys } from "./keys.ts";
import type { KeyActs } from "./keys.ts";
import { Announcer } from "./announcer.ts";
import type { Store } from "../protocol/store.ts";
import { isFinal } from "../protocol/wire.ts";
import { watchVisibility } from "../base/visibility.ts";
import { asksReader, shownState, stalled } from "../words/status-words.ts";
import * as english from "../words/english.ts";

/** Figures that change more often would be unreadable, and each change costs a layout. */
const TICK_MS = 200;
/** After ten seconds, tenths of a second are not useful. */
const SLOW_TICK_MS = 500;
const SLOW_AFTER_S = 10;
/** Update interval of an invisible view, whose layout costs as much as that of a visible one. */
const UNSEEN_EVERY_MS = 4000;

interface Given {
  store: Store;
  saved: SavedOutput;
  late: LateCode;
  clock: Clock;
  signal: AbortSignal;
}

export class View {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #saved: SavedOutput;
  readonly #clock: Clock;
  readonly #context: Context;
  readonly #signal: AbortSignal;
  readonly #header: Header;
  readonly #foot: Foot;
  readonly #body = create("div", { class: "sw-body" });
  readonly #list = create("div", { class: "sw-parts sw-list" });
  readonly #late: LateCode;
  readonly #parts: RunDocument;
  readonly #follow: Follow;
  readonly #shape: Shape;
  readonly #speaker: Announcer;
  #composes = false;
  #scrubs = false;
  #seen = true;
  #shown = "";
  /** Changes while the view was invisible. */
  #pending: Changes | null = null;
  #cancelTick: (() => void) | null = null;
  #cancelUnseen: (() => void) | null = null;

  constructor({ store, saved, late, clock, signal }: Given) {
    this.#store = store;
    this.#saved = saved;
    this.#late = late;
    this.#clock = clock;
    this.#signal = signal;
    this.#context = this.#newContext();
    const acts = {
      copy: () => void this.#take("markdown", "copy"),
      menu: (button: HTMLButtonElement) => this.#menu(button),
      outline: (button: HTMLButtonElement) => this.#outline(button),
    };
    this.#header = new Header(store, acts, signal);
    this.#foot = new Foot(store, clock);
    this.#speaker = new Announcer(store, clock);
    this.#parts = new RunDocument({
      list: this.#list,
      strip: this.#header.strip,
      store,
      clock,
      context: this.#context,
      show: (element) => this.#follow.show(element),
    });
    const jump = create("button", { class: "sw-jump", type: "button" }, english.JUMP_TO_LATEST);
    this.#body.append(this.#list);
    const middle = create("div", { class: "sw-middle" }, this.#body, jump);
    this.element = create(
      "div",
      { class: "sw-view", role: "region", tabindex: "0" },
      this.#header.element,
      this.#header.confirm.element,
      this.#header.strip,
      create("div", { class: "sw-hairline" }),
      middle,
      this.#foot.element,
      this.#speaker.element,
    );
    restoreDensity(this.element);
    this.#shape = new Shape(this.element, this.#body, signal);
    this.#foot.line.append(this.#shape.toggle);
    this.#follow = new Follow(this.#body, this.#list, jump, signal);
    // The button disappears when it is pressed; the focus must not fall back to the page.
    jump.addEventListener("click", () => this.element.focus({ preventScroll: true }), { signal });
    listenToKeys({ view: this.element, clock, signal, acts: this.#keyActs() });
    store.subscribe((changes) => this.#changed(changes), signal);
    signal.addEventListener("abort", () => this.#dispose(), { once: true });
    this.update(null);
    if (isFinal(store.status.state)) this.#shape.beginOver();
    watchVisibility(this.element, (seen) => this.#seenChanged(seen), signal);
  }

  /** Draws `changes`; everything when they are null. */
  update(changes: Changes | null): void {
    this.#lookForComposer();
    this.#lookForScrubber();
    keepFocus(this.element, () => {
      this.#parts.update(this.#store.document, changes);
      if (this.#updateFrame() || changes === null || !this.#cancelTick) this.#updateFigures();
    });
    this.#speaker.update();
    this.#look();
    this.#tickWhileAlive();
  }

  /** The input line, once the source has taken messages. */
  #lookForComposer(): void {
    if (this.#composes || this.#store.status.can_send !== true) return;
    this.#composes = true;
    const { say } = this.#context;
    new Composer({ store: this.#store, clock: this.#clock, signal: this.#signal, view: this.element, say });
  }

  /** The controls of a replay. */
  #lookForScrubber(): void {
    if (this.#scrubs || !this.#store.status.replay) return;
    this.#scrubs = true;
    new Scrubber({ store: this.#store, clock: this.#clock, signal: this.#signal, view: this.element });
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
    this.#store.sight.look(this.#signal, this.#seen);
  }

  #newContext(): Context {
    const store = this.#store;
    const plugins = {
      highlighter: (language: string) => this.#late.get("grammars")?.highlighter(language),
      math: () => this.#late.get("math")?.render ?? null,
      whenMore: (again: () => void) => this.#late.whenLoaded(again),
    };
    const context: Context = {
      elapsed_s: () => store.elapsed_s(),
      alive: () => store.alive,
      following: () => this.#follow.stuck,
      take: (what, use, partId) => this.#take(what, use, partId),
      controls: new Controls(store),
      model: (reference) => store.modelOf(reference),
      say: (words) => this.#speaker.say(words),
      answer: (words) => this.#speaker.answer(words),
      get markdown() {
        return { images: imagesOption(store.document.run["images"]), plugins };
      },
      signal: this.#signal,
    };
    return context;
  }

  #keyActs(): KeyActs {
    return {
      liveFor_s: () => (this.#live ? Number(this.#store.elapsed_s()) : null),
      stop: () => this.#store.stop(),
      sayAgain: () => {
        this.#foot.say(english.ESC_AGAIN);
        this.#speaker.answer(english.ESC_AGAIN);
      },
      scroll: (key) => this.#follow.key(key),
    };
  }

  #updateFigures(): void {
    this.#header.update();
    this.#foot.update();
    this.#shape.update(this.#live);
  }

  /** Returns true if the state has changed. */
  #updateFrame(): boolean {
    const store = this.#store;
    const { phase } = store.stopping;
    const state = shownState(store);
    const shown = `${state} ${phase} ${JSON.stringify(store.pending)}`;
    const changed = shown !== this.#shown;
    this.#shape.setHeight(store.document.run["height"]);
    if (changed) this.#stateChanged();
    this.#shown = shown;
    setAttribute(this.element, "data-state", state);
    setAttribute(this.element, "data-stop", phase === "none" ? null : phase);
    setAttribute(this.element, "data-stalled", this.#live && stalled(store.status) ? "true" : null);
    setAttribute(this.element, "data-asks", this.#live && asksReader(store) ? "true" : null);
    setAttribute(this.element, "data-live", this.#live ? (this.#seen ? "seen" : "unseen") : null);
    setAttribute(this.element, "aria-label", this.#header.title);
    setAttribute(this.#body, "aria-busy", String(this.#live));
    setAttribute(this.#list, "data-value", this.#live ? english.WAITING_FOR_DATA : english.NO_OUTPUT);
    return changed;
  }

  get #live(): boolean {
    return this.#store.alive && this.#store.link.state !== "gone";
  }

  async #take(...[what, use, partId]: Parameters<Context["take"]>): Promise<string | null> {
    const problem = await take(this.#store, { what, use, partId });
    const words = problem ?? (use === "copy" ? english.COPIED : english.DOWNLOADED);
    this.#foot.say(words);
    this.#speaker.say(words);
    return problem;
  }

  #menu(button: HTMLButtonElement): void {
    const view = this.element;
    const take: Context["take"] = (...wish) => this.#take(...wish);
    const { menuRetry: retry } = this.#header;
    const say = (words: string): void => {
      this.#foot.say(words);
      this.#speaker.answer(words);
    };
    const { document } = this.#store;
    const { showRecord } = this.#saved;
    const items = viewItems({ view, document, shape: this.#shape, take, retry, showRecord, live: this.#live, say });
    openMenu({ view, button, label: english.MORE, items });
  }

  #outline(button: HTMLButtonElement): void {
    const items = outlineItems(this.#list, (element) => this.#follow.show(element));
    openMenu({ view: this.element, button, label: english.OUTLINE, items });
  }

  #stateChanged(): void {
    this.#header.setOutline(!this.#live && hasOutline(this.#list));
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
      keepFocus(this.element, () => this.#updateFigures());
      const elapsed_s = this.#store.elapsed_s();
      if (elapsed_s !== null) this.#parts.tick(elapsed_s);
      this.#tickWhileAlive();
    });
  }

  #dispose(): void {
    this.#cancelTick?.();
    this.#cancelUnseen?.();
    this.#parts.clear();
    this.element.remove();
  }
}
