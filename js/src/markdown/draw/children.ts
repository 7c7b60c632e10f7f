/**
 * Blocks in blocks: the children of the document, of quotes, lists and items.
 *
 * A child that is final is drawn once more and never looked at again; only what comes after the
 * last such child is compared. Long containers are cut into chunks, so that the browser, too, has
 * only the last of them to lay out.
 */

import { create, setAttribute } from "../../base/dom.ts";
import type { Block } from "../parse/block.ts";
import { isTableHead } from "../parse/table-lines.ts";
import type { Drawing, View } from "./drawing.ts";

/** Blocks in one chunk. One level of thousands would be walked whole at each layout. */
const CHUNK_BLOCKS = 24;
/** Chunks in one group: the browser looks at each chunk of a level in every frame. */
const GROUP_CHUNKS = 16;

export class Children {
  readonly #host: HTMLElement;
  readonly #drawing: Drawing;
  /** The document is chunked from its first block, other containers when they turn out long. */
  readonly #fromFirst: boolean;
  /** Views of the children from `#settled` on. */
  readonly #views: View[] = [];
  #settled = 0;
  /** The last chunk, and which it is. */
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

  /** Only the last blocks change, so what is new goes to the end of its chunk, or before one of few. */
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

/** A chunk keeps its counters to itself, so its first item says its number. */
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
