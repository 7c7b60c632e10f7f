/**
 * The inline tree to DOM nodes, reusing those that are already right: growing text changes one
 * text node, and the rest of the paragraph is left alone.
 */

import { anchor, create, setAttribute, textNode, writeText } from "../../base/dom.ts";
import { namesHost, showBidi } from "../../base/safety.ts";
import { plainText } from "../parse/inline-tree.ts";
import type { Inline } from "../parse/inline-tree.ts";
import { drawnFrom, swap } from "./drawing.ts";
import type { Drawing } from "./drawing.ts";
import { makePicture } from "./picture.ts";
import * as english from "../../words/english.ts";

const TITLE_CHARS = 500;

/** Elements for bare tags in the text; the parser recognises no others. */
type TagName = "details" | "kbd" | "mark" | "s" | "sub" | "summary" | "sup" | "u";


/**
 * Makes the children of `host` after `after` (null: from the first) what the nodes from `first` to
 * `last` say; returns the last child that was set. Later children are left to the caller.
 */
export function patch(
  host: Element,
  after: ChildNode | null,
  first: Inline | null,
  last: Inline | null,
  drawing: Drawing,
  inLink = false,
): ChildNode | null {
  let done = after;
  for (let node = first; node; ) {
    const old = done ? done.nextSibling : host.firstChild;
    const end: Inline = node.kind === "text" ? endOfText(node, last) : node;
    const fresh = node.kind === "text" ? setTextNode(host, old, joined(node, end), inLink) : setElement(host, old, node, drawing);
    if (fresh) done = fresh;
    if (end === last) break;
    node = end.next;
  }
  return done;
}

/** Removes the children of `host` after `after`. */
export function cutAfter(host: Element, after: ChildNode | null): void {
  while (host.lastChild && host.lastChild !== after) host.lastChild.remove();
}

/** The last of the consecutive text nodes from `node`. */
function endOfText(node: Inline, last: Inline | null): Inline {
  let end = node;
  while (end !== last && end.next?.kind === "text") end = end.next;
  return end;
}

function joined(node: Inline, end: Inline): string {
  let text = node.text;
  for (let at = node; at !== end; ) {
    at = at.next!;
    text += at.text;
  }
  return text;
}

function setTextNode(host: Element, old: ChildNode | null, text: string, inLink: boolean): ChildNode | null {
  const data = inLink ? showBidi(text) : text;
  if (data === "") return null;
  if (old?.nodeType === 3) {
    const node = old as Text;
    writeText(node, data);
    return node;
  }
  return put(host, old, textNode(data));
}

function setElement(host: Element, old: ChildNode | null, node: Inline, drawing: Drawing): ChildNode {
  const link = node.kind === "link" ? drawing.policy.address(node.destination) : null;
  const words = link ? (node.flag ? node.text : plainText(node)) : "";
  const from = signature(node, words);
  if (old && drawnFrom.get(old) === from) {
    if (node.first) fill(old as Element, node, drawing);
    return old;
  }
  const element = make(node, drawing);
  if (node.first) fill(element, node, drawing);
  drawnFrom.set(element, from);
  return put(host, old, element);
}

function fill(element: Element, node: Inline, drawing: Drawing): void {
  cutAfter(element, patch(element, null, node.first, null, drawing, node.kind === "link"));
}

/** Puts `fresh` in the place of `old`, or at the end. */
function put(host: Element, old: ChildNode | null, fresh: ChildNode): ChildNode {
  if (old) host.replaceChild(fresh, old);
  else host.appendChild(fresh);
  return fresh;
}

function signature(node: Inline, words: string): string {
  switch (node.kind) {
    case "em":
    case "strong":
    case "del":
    case "break":
      return node.kind;
    default:
      return [node.kind, node.flag, node.destination, node.title, node.text, words].join("\0");
  }
}

function make(node: Inline, drawing: Drawing): Element {
  switch (node.kind) {
    case "em":
      return create("em");
    case "strong":
      return create("strong");
    case "del":
      return create("del");
    case "tag":
      return create(node.text as TagName);
    case "break":
      return create("br");
    case "code":
      return create("code", {}, node.text);
    case "math":
      return makeMath(node.text, node.flag, drawing);
    case "note":
      return drawing.notes!.refer(node.text);
    case "image":
      return makeImage(node, drawing);
    default:
      return makeLink(node, drawing);
  }
}

function makeLink(node: Inline, { policy }: Drawing): Element {
  const target = policy.address(node.destination);
  const title = showBidi(node.title).slice(0, TITLE_CHARS);
  const shown = node.flag ? [showBidi(node.text)] : [];
  if (!target) return create("span", { class: "sw-nolink", title: english.linkBlocked(shownAddress(node.destination)) }, ...shown);
  const link = anchor(target, title === "" ? {} : { title });
  link.append(...shown);
  if (namesHost(node.flag ? node.text : plainText(node), target)) setAttribute(link, "class", "sw-named");
  return link;
}

const shownAddress = (address: string): string => showBidi(address.slice(0, TITLE_CHARS));

/** The alternative text of an image and its host; the image itself if the run allows it to load. */
function makeImage(node: Inline, drawing: Drawing): Element {
  const from = drawing.policy.address(node.destination);
  const host = from && /^http/i.test(from.href) ? from.host : "";
  const about = { title: shownAddress(node.destination), "data-host": host };
  const words = create("span", { class: "sw-image", ...about }, showBidi(node.text) || english.IMAGE);
  return makePicture(node, words, drawing);
}

/** Does that when a plugin has come, if `old` is still there then; the page may have put the whole view aside. */
function swapLater(old: Element, make: () => Element, { late }: Drawing): void {
  late.add(() => old.parentNode && swap(old, make()));
}

/** A formula, or its source until the formula renderer is loaded. */
export function makeMath(tex: string, display: boolean, drawing: Drawing): Element {
  const render = drawing.plugins.math?.();
  const formula = render?.(tex, display);
  if (formula) return formula;
  const source = create("code", { class: display ? "sw-math sw-display" : "sw-math" }, tex);
  if (!render) swapLater(source, () => makeMath(tex, display, drawing), drawing);
  return source;
}
