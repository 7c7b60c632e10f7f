/**
 * Announces the end of a run, and a question of the run, while the page is hidden: a browser notification and a
 * mark in the tab's title. Off by default, enabled in the menu, but for the mark of a question, which the run waits
 * for; never while the run is visible.
 */

import type { Clock } from "../base/clock.ts";
import { label } from "../base/safety.ts";
import type { Store } from "../protocol/store.ts";
import { announcement, asksReader } from "../words/status-words.ts";
import * as english from "../words/english.ts";

const KEY = "streamwidget/notify-at-end";
const CHANNEL = "streamwidget/ends";
const MARK = "● ";
/** How long to wait for another page of this browser to report that the run is visible there. */
const OTHERS_WITHIN_MS = 400;

/** True if the reader enabled notices, on this page or another of the same origin. */
export function wantsNotice(): boolean {
  try {
    return localStorage.getItem(KEY) === "true";
  } catch {
    return false; // a frame without storage
  }
}

/** Saves the choice. Returns a sentence if the browser will only show the mark in the tab. */
export async function setWantsNotice(wanted: boolean): Promise<string | null> {
  try {
    localStorage.setItem(KEY, String(wanted));
  } catch {
    return english.CANNOT_REMEMBER;
  }
  if (!wanted) return null;
  const allowed = "Notification" in globalThis ? await Notification.requestPermission() : "denied";
  return allowed === "granted" ? null : english.CANNOT_NOTIFY;
}

/** The functions of the page that the notice uses; tests pass their own. */
export interface Page {
  readonly hidden: boolean;
  title: string;
  /** Calls `back` when the page is visible again. */
  whenVisible(back: () => void): void;
  /** Shows a notification, where that is allowed; a later one with the same `tag` replaces it. */
  notify(title: string, body: string, tag: string): void;
  wanted(): boolean;
}

interface Given {
  store: Store;
  clock: Clock;
  signal: AbortSignal;
  page?: Page;
}

export class EndNotice {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #page: Page;
  readonly #signal: AbortSignal;
  #wasAlive = false;
  #wasAsking = false;

  constructor({ store, clock, signal, page = browserPage }: Given) {
    this.#store = store;
    this.#clock = clock;
    this.#signal = signal;
    this.#page = page;
    store.subscribe(() => this.#changed(), signal);
  }

  #changed(): void {
    const { alive, link } = this.#store;
    const ended = this.#wasAlive && !alive && link.state !== "gone";
    const asks = asksReader(this.#store);
    const asked = asks && !this.#wasAsking;
    [this.#wasAlive, this.#wasAsking] = [alive, asks];
    if (asked || (ended && this.#page.wanted())) this.#happened();
  }

  #happened(): void {
    const { runId } = this.#store;
    const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(CHANNEL) : null;
    let isWatched = false;
    if (channel && this.#page.hidden) {
      channel.addEventListener("message", ({ data }) => {
        isWatched ||= data === runId;
      });
    }
    if (!this.#page.hidden) channel?.postMessage(runId);
    const cancel = this.#clock.after(OTHERS_WITHIN_MS, () => {
      channel?.close();
      if (!isWatched && this.#page.hidden && this.#store.runId === runId) this.#announce(runId);
    });
    this.#signal.addEventListener("abort", () => (cancel(), channel?.close()), { once: true });
  }

  #announce(runId: string): void {
    const { title } = this.#store.status;
    const page = this.#page;
    if (page.wanted()) page.notify(label(title, 80) || english.STREAM, announcement(this.#store), runId);
    if (page.title.startsWith(MARK)) return;
    page.title = `${MARK}${page.title}`;
    page.whenVisible(() => {
      if (page.title.startsWith(MARK)) page.title = page.title.slice(MARK.length);
    });
  }
}

const browserPage: Page = {
  get hidden() {
    return document.visibilityState === "hidden";
  },
  get title() {
    return document.title;
  },
  set title(title: string) {
    document.title = title;
  },
  whenVisible(back) {
    const look = (): void => {
      if (document.visibilityState === "hidden") return;
      document.removeEventListener("visibilitychange", look);
      back();
    };
    document.addEventListener("visibilitychange", look);
  },
  notify(title, body, tag) {
    if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
    try {
      const notification = new Notification(title, { body, tag });
      notification.addEventListener("click", () => {
        window.focus();
        notification.close();
      });
    } catch {
      // Some phones allow notifications from service workers only: the tab is marked.
    }
  },
  wanted: wantsNotice,
};
