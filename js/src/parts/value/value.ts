/** A value that grows field by field: a tree, or its text if it turns out not to be JSON. */

import { create, setAttribute, setHidden, setText } from "../../base/dom.ts";
import { textOf } from "../../protocol/patch.ts";
import type { Part } from "../../protocol/patch.ts";
import type { Context, Mounted } from "../part-view.ts";
import { label } from "../../base/safety.ts";
import { JsonTree } from "./json-tree.ts";
import * as english from "../../words/english.ts";

/** Most characters of text that is not JSON; the kernel has all of it. */
const TEXT_CHARS = 20_000;
const NEAR_PX = 8;

export function mountValue(_part: Part, context: Context): Mounted {
  const name = create("span", { class: "sw-name" });
  const facts = create("span", { class: "sw-note" });
  const room = create("div", { class: "sw-scroller sw-padded", tabindex: "0", "aria-label": english.VALUE });
  const plain = create("pre", { tabindex: "0", hidden: "" });
  const line = create("div", { class: "sw-line" }, create("span", { class: "sw-what" }, name, facts));
  const element = create("div", { class: "sw-part", "data-kind": "value" }, line, room, plain);
  let tree = new JsonTree();
  let fed = 0;
  let generation = 0;
  let over = false;
  room.append(tree.element);

  const restart = (part: Part): void => {
    generation = part.generation;
    tree = new JsonTree();
    fed = 0;
    over = false;
    room.replaceChildren(tree.element);
  };
  return {
    element,
    update(part) {
      if (part.generation !== generation) restart(part);
      const closed = part.fields["state"] === "closed";
      const fresh = part.pieces.slice(fed);
      fed = part.pieces.length;
      // Follows the growing end, unless the reader has scrolled up.
      const atEnd = room.scrollHeight - room.scrollTop - room.clientHeight < NEAR_PX;
      if (fresh.length > 0) tree.feed(fresh.join(""));
      if (atEnd && !closed) room.scrollTop = room.scrollHeight;
      if (closed && !over) over = tree.finish() || part.fields["is_json"] === false;
      const isText = closed ? part.fields["is_json"] === false || tree.broken : tree.broken;
      setHidden(room, isText);
      setHidden(plain, !isText);
      if (isText) setText(plain, textOf(part).slice(0, TEXT_CHARS));
      setAttribute(element, "data-state", closed ? "closed" : "open");
      setText(name, label(part.fields["name"]) || english.VALUE);
      setText(facts, isText ? english.NOT_JSON : closed ? "" : context.alive() ? english.RECEIVING : english.INCOMPLETE);
      setAttribute(tree.element, "aria-label", english.jsonNamed(name.textContent));
    },
    dispose() {},
  };
}
