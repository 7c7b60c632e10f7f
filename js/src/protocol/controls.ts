/** The questions and knobs of one run: whether the kernel takes an answer or a value, and sending it. */

import type { Fields, Json } from "../base/json.ts";
import type { Store } from "./store.ts";
import type { Command } from "./wire.ts";

/** Grows with each turn of a knob on this page: a slower route may deliver an older turn later. */
let turns = 0;

export class Controls {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** True if the kernel takes an answer to the question, or a value of the knob, of that part now. */
  takes(partId: string): boolean {
    const { alive, link, status } = this.#store;
    if (!alive || link.state === "gone" || status.replay?.live === false) return false;
    return status.asks?.includes(partId) === true || status.knobs?.includes(partId) === true;
  }

  /** Sends an answer; `heard` is called once it was received. False: the kernel is disconnected. */
  answer(partId: string, value: Json, heard: () => void): boolean {
    return this.#send("answer", { part_id: partId, value }, heard);
  }

  /** Sends a new value of a knob; `heard` is called once it was received. False: the kernel is disconnected. */
  turn(partId: string, value: number, heard: () => void): boolean {
    turns += 1;
    return this.#send("knob", { part_id: partId, value, page: this.#store.page, number: turns }, heard);
  }

  /** Calls `changed` after each change of the run, until `signal` aborts. */
  watch(changed: () => void, signal: AbortSignal): void {
    this.#store.subscribe(changed, signal);
  }

  #send(cmd: Command, more: Fields, heard: () => void): boolean {
    return this.#store.command(cmd, more, heard) !== null;
  }
}
