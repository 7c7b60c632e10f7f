/**
 * The children of containers: of the document, quotes, lists and items.
 *
 * A child that is final is drawn a last time and then never checked again; only the children after the
 * last such child are compared. Long containers are divided into chunks, so that the browser, too, has
 * to lay out only the last chunk.
 */

import { create, setAttribute } from "../../base/dom.ts";
import type { Block } from "../parse/block.ts";
import { isTableHead } from "../parse/table-lines.ts";
import type { Drawing, View } from "./drawing.ts";

/** Blocks in one chunk. The browser would visit thousands of siblings at each layout. */
const CHUNK_BLOCKS = 24;
/** Chunks in one group: the browser visits each chunk of a level in every frame. */
const GROUP_CHUNKS = 16;

export class Children {
  readonly #host: HTMLElement;
  readonly #drawing: Drawing;
  /** The document is chunked from its first block, other containers only when they become long. */
  readonly #fromFirst: boolean;
  /** Views of the children from `#settled` on. */
  readonly #views: View[] = [];
  #settled = 0;
  /** The last chunk, and its index. */
  #chunk: HTMLElement | null = null;
  #chunkAt = 0;
  /** The last group of chunks. */
  #group: HTMLElement | null = null;

  constructor(host: HTMLElement, drawing: Drawing, fromFirst = false) {
    this.#host = host;
    this.#drawing = drawing;
    this.#fromFirst = fromFirst;
  }

  draw({ children }: Block): void {
    this.#cut(children.length - this.#settled);
    for (let at = this.#settled; at < children.length; at += 1) {
      const child = children[at]!;
      this.#viewAt(at, child).draw(child);
      if (child.final && at === this.#settled) {
        this.#settled += 1;
        this.#views.shift();
      }
    }
  }

  #viewAt(at: number, child: Block): View {
    const index = at - this.#settled;
    const old = this.#views[index];
    const key = keyOf(child);
    if (old?.key === key) return old;
    if (old && at === 0 && this.#host.localName === "li") setAttribute(this.#host, "class", null); // no task any more
    const view = this.#drawing.makeView(child, key, this.#drawing);
    this.#views[index] = view;
    if (!view.element) old?.element?.remove();
    else if (old?.element) old.element.replaceWith(view.element);
    else this.#insert(at, view.element);
    return view;
  }

  /** Only the last blocks change, so new ones go to the end of their chunk, or before one of a few. */
  #insert(at: number, element: HTMLElement): void {
    const host = this.#hostOf(at);
    if (host !== this.#host && !host.firstChild && this.#host.localName === "ol") numberFirst(this.#host, element, at);
    const rest = this.#views.slice(at - this.#settled + 1);
    const next = rest.find((view) => view.element?.parentNode === host)?.element ?? null;
    host.insertBefore(element, next);
  }

  #hostOf(at: number): HTMLElement {
    const number = Math.floor(at / CHUNK_BLOCKS);
    if (number === 0 && !this.#fromFirst) return this.#host;
    if (!this.#chunk || this.#chunkAt < number) {
      if (!this.#group || this.#group.childElementCount === GROUP_CHUNKS) {
        this.#group = create("div", { class: "sw-chunk" });
        this.#host.append(this.#group);
      }
      this.#chunk = create("div", { class: "sw-chunk" });
      this.#chunkAt = number;
      this.#group.append(this.#chunk);
    }
    return this.#chunk;
  }

  /** Keeps the views of the first `count` children that are not settled. */
  #cut(count: number): void {
    while (this.#views.length > count) this.#views.pop()!.element?.remove();
    if (!this.#chunk || this.#chunk.firstChild) return;
    if (this.#group!.childElementCount > 1) {
      this.#chunk.remove();
    } else {
      this.#group!.remove();
      this.#group = null;
    }
    this.#chunk = null;
  }
}

/** A chunk has its own CSS counters, so its first item states its number. */
function numberFirst(list: HTMLElement, element: HTMLElement, at: number): void {
  setAttribute(element, "value", String(Number(list.getAttribute("start") ?? 1) + at));
}

function keyOf(block: Block): string {
  switch (block.kind) {
    case "list":
      return block.list!.ordered ? `ol${block.list!.start}` : "ul";
    case "heading":
      return `h${block.level}`;
    case "code":
      return `code ${block.fence?.language ?? ""}`;
    case "paragraph":
      return isTableHead(block) ? "table" : "paragraph";
    case "note":
      return `note ${block.label}`;
    default:
      return block.kind;
  }
}
