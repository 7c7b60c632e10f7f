/** The model of a chat: its state, the code that its answers need, and its record in the notebook. */

import { pageClock } from "../base/clock.ts";
import { adoptStyles } from "../base/styles.ts";
import { LateCode } from "../delivery/late-code.ts";
import { SavedOutput, saverOf } from "../delivery/saved-output.ts";
import type { Kept } from "../delivery/saved-output.ts";
import type { Model } from "../protocol/wire.ts";
import type { ChatOptions } from "./chat-messages.ts";
import { ChatState, isLive, isQueued } from "./chat-state.ts";
import { ChatView } from "./chat-view.ts";

export class ChatModel {
  readonly #state: ChatState;
  readonly #late: LateCode;
  readonly #saved: SavedOutput;

  constructor(model: Model, options: ChatOptions, signal: AbortSignal) {
    this.#state = new ChatState(model, options, pageClock, saverOf(model));
    this.#saved = new SavedOutput({ model, kept: chatKept(this.#state), clock: pageClock, signal });
    this.#late = new LateCode(model, (what) => void this.#state.command("code", { what }), signal);
    signal.addEventListener("abort", () => this.#state.dispose(), { once: true });
    this.#state.attach(model.get("snapshot"));
    this.#comeBack(signal);
  }

  receive(_kind: string, value: unknown): void {
    this.#state.receive(value);
  }

  mount(el: HTMLElement, signal: AbortSignal): void {
    adoptStyles(el);
    el.append(new ChatView({ state: this.#state, late: this.#late, clock: pageClock, signal }).element);
    this.#saved.shown();
  }

  /** A notebook that is opened again shows the record; once the kernel has answered, the chat takes its place. */
  #comeBack(signal: AbortSignal): void {
    const scope = new AbortController();
    const look = (): void => {
      if (this.#state.link.state === "unheard") return;
      scope.abort();
      if (this.#state.link.state === "live") this.#saved.showWidget();
    };
    signal.addEventListener("abort", () => scope.abort(), { once: true });
    this.#state.subscribe(look, scope.signal);
  }
}

/** The turns of a chat as one: it is over while no answer is live and no question waits. */
function chatKept(state: ChatState): Kept {
  return {
    modelId: state.options.id,
    get phase() {
      const { link } = state;
      const busy = [...state.turns.values()].some((turn) => isLive(turn) || isQueued(turn));
      if (link.state === "gone") return busy ? "lost" : "over";
      if (link.state === "unheard") return "unknown";
      return busy ? "live" : "over";
    },
    get version() {
      return `${state.options.id} ${state.rev}`;
    },
    ask: () => state.command("record", {}) !== null,
    customs: state.customs,
    subscribe: (changed, signal) => state.subscribe(changed, signal),
  };
}
