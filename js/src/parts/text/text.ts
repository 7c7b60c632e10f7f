/** Text of the answer, as Markdown or plain. */

import { create, setAttribute } from "../../base/dom.ts";
import type { Part } from "../../protocol/patch.ts";
import * as english from "../../words/english.ts";
import { MarkdownEngine } from "../../markdown/engine.ts";
import { PlainEngine } from "./printed.ts";
import type { TextEngine } from "./printed.ts";
import type { Context, Mounted } from "../part-view.ts";

/** Feeds an engine the text that a part has gained since the last time. */
export class TextFeeder {
  readonly #make: () => TextEngine;
  #engine: TextEngine;
  #fed = 0;
  #generation: number;
  #finished = false;

  constructor(part: Part, make: () => TextEngine) {
    this.#make = make;
    this.#engine = make();
    this.#generation = part.generation;
  }

  update(part: Part): void {
    if (part.generation !== this.#generation) this.#restart(part);
    const fresh = part.pieces.slice(this.#fed);
    this.#fed = part.pieces.length;
    if (fresh.length > 0) this.#engine.feed(fresh.length === 1 ? fresh[0]! : fresh.join(""));
    if (part.fields["state"] === "closed" && !this.#finished) {
      this.#finished = true;
      this.#engine.finish();
    }
  }

  dispose(): void {
    this.#engine.dispose();
  }

  /** The text was replaced, not only appended to. */
  #restart(part: Part): void {
    this.#engine.dispose();
    this.#engine = this.#make();
    this.#fed = 0;
    this.#finished = false;
    this.#generation = part.generation;
  }
}

export function mountText(part: Part, context: Context): Mounted {
  const plain = part.fields["plain"] === true;
  const body = create("div", plain ? {} : { class: "sw-markdown" });
  const element = create("div", { class: "sw-part", "data-kind": "text" });
  if (part.fields["stream"] === "stderr") {
    setAttribute(element, "data-stream", "stderr");
    element.append(create("div", { class: "sw-stream" }, english.STANDARD_ERROR));
  }
  element.append(body);
  const make = () => (plain ? new PlainEngine(body) : new MarkdownEngine(body, context.markdown));
  const feeder = new TextFeeder(part, make);
  return {
    element,
    update(now) {
      feeder.update(now);
      setAttribute(element, "data-state", now.fields["state"] === "closed" ? "closed" : "open");
    },
    dispose: () => feeder.dispose(),
  };
}
