/** The state of a stop request: sent, received, or waiting for a busy kernel. */

import type { Clock } from "../base/clock.ts";
import type { Link } from "./link.ts";
import { sendOnControlChannel } from "./control.ts";
import type { Model, RunState } from "./wire.ts";

export type StopPhase = "none" | "sent" | "busy" | "heard";

/** Longer than an idle kernel takes to answer; after it the view shows an explanation. */
const HEARD_WITHIN_MS = 1000;

export class StopControl {
  phase: StopPhase = "none";
  readonly #model: Model;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #changed: () => void;
  #cancelTimer: (() => void) | null = null;

  constructor(model: Model, link: Link, clock: Clock, changed: () => void) {
    this.#model = model;
    this.#link = link;
    this.#clock = clock;
    this.#changed = changed;
  }

  /**
   * Sends the stop, with the time of the run at the click; again while it is not received, which is
   * harmless. `control` is true if the kernel may need the second route.
   */
  request(runId: string, { elapsed_s, control }: { elapsed_s: number | null; control: boolean }): void {
    if (this.phase === "sent" || this.phase === "heard") return;
    this.#to("sent");
    const more = { at_s: elapsed_s };
    const message = this.#link.send("stop", runId, more, () => this.#to("heard"));
    if (message === null) return this.#to("none");
    if (control) sendOnControlChannel(this.#model, message);
    this.#cancelTimer = this.#clock.after(HEARD_WITHIN_MS, () => {
      if (this.phase === "sent") this.#to("busy");
    });
  }

  /** The state of the run confirms the stop as well as an acknowledgement. */
  progressed(state: RunState): void {
    const over = state === "stopping" || state === "stopped";
    if (over && (this.phase === "sent" || this.phase === "busy")) this.#to("heard");
  }

  /** A new run has no pending stop. */
  clear(): void {
    this.#to("none");
  }

  #to(phase: StopPhase): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.phase === phase) return;
    this.phase = phase;
    this.#changed();
  }
}
