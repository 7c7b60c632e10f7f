/**
 * The connection of one model to its kernel: commands by both routes, what the kernel sends beside the
 * traits, and the moments at which the page has to report itself again. Must not know documents.
 *
 * The runs of a chat share one connection.
 */

import type { Clock } from "../base/clock.ts";
import { kernelIsBusy, sendOnControlChannel } from "./control.ts";
import { Link } from "./link.ts";
import { Sight } from "./sight.ts";
import type { Command, CommandMessage, Custom, Fields, Model } from "./wire.ts";

/** After a kernel restart, the comm is closed shortly after the event that reports it. */
const PROBE_AFTER_MS = 300;

export class Connection {
  readonly link: Link;
  /** Distinguishes this page from others that show the same model. */
  readonly page = Math.random().toString(36).slice(2);
  /** Who writes the record of the run into the notebook. */
  readonly saves: string;
  /** Listeners for custom messages of the kernel. */
  readonly customs = new Set<Custom>();
  readonly #model: Model;
  readonly #clock: Clock;
  readonly #scope = new AbortController();
  readonly #changed = new Set<() => void>();
  readonly #back = new Set<() => void>();

  constructor(model: Model, clock: Clock, saves: string) {
    this.#model = model;
    this.#clock = clock;
    this.saves = saves;
    this.link = new Link(model, () => this.#call(this.#changed));
    this.#listen("msg:custom", (...message: Parameters<Custom>) => {
      for (const listener of this.customs) listener(...message);
    });
    this.#listen("comm:close", () => this.link.lost());
    this.#listen("comm_live_update", () => void clock.after(PROBE_AFTER_MS, () => this.#call(this.#back)));
  }

  #listen(name: string, call: (...values: never[]) => void): void {
    this.#model.on(name, call);
    this.#scope.signal.addEventListener("abort", () => this.#model.off(name, call), { once: true });
  }

  #call(listeners: Set<() => void>): void {
    if (this.#scope.signal.aborted) return;
    for (const listener of listeners) listener();
  }

  /** Calls `changed` when the kernel was lost or has answered, and `back` when the page has to report itself again. */
  subscribe({ changed, back }: { changed: () => void; back: () => void }, signal: AbortSignal): void {
    this.#changed.add(changed);
    this.#back.add(back);
    const forget = (): void => {
      this.#changed.delete(changed);
      this.#back.delete(back);
    };
    signal.addEventListener("abort", forget, { once: true });
  }

  /**
   * Sends a command; null if the kernel is disconnected. While the kernel runs a cell, it also goes to the control
   * channel, unless `control` is false: without that, a page of an older kernel lags behind.
   */
  send(cmd: Command, runId: string, more: Fields, options: { acked?: () => void; control?: boolean } = {}): CommandMessage | null {
    return this.#twice(this.link.send(cmd, runId, more, options.acked), options.control);
  }

  /** Sends a command again with the same request ID, so that it is carried out once; false as `send` is null. */
  again(message: CommandMessage): boolean {
    return this.#twice(this.link.again(message), true) !== null;
  }

  #twice(message: CommandMessage | null, control = true): CommandMessage | null {
    if (message && control && kernelIsBusy(this.#model)) sendOnControlChannel(this.#model, message);
    return message;
  }

  /** Reports what this page has of a run, or of a chat. */
  hello(runId: string, has: Fields, options: { control?: boolean } = {}): void {
    if (!this.#scope.signal.aborted) this.send("hello", runId, { ...has, page: this.page, saves: this.saves }, options);
  }

  /** Tracks whether a run is visible on this page. */
  sight(runId: () => string, control: () => boolean): Sight {
    return new Sight(this.#clock, (seen) => void this.send("look", runId(), { page: this.page, seen }, { control: control() }));
  }

  /** Ends the connection with its model. */
  dispose(): void {
    this.#scope.abort();
    this.customs.clear();
    this.#changed.clear();
    this.#back.clear();
  }
}
