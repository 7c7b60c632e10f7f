/** The view of each kind of block. A new kind is one view and one line here. */

import { create, setAttribute } from "../../base/dom.ts";
import type { Block } from "../parse/block.ts";
import { Children } from "./children.ts";
import { CodeView } from "./code-view.ts";
import type { Drawing, View } from "./drawing.ts";
import { MathView } from "./formula.ts";
import { NoteView } from "./notes.ts";
import { HeadingView, ParagraphView } from "./paragraph.ts";
import { TableView } from "./table-view.ts";

/** The document. */
export class RootView {
  readonly #drawing: Drawing;
  readonly #children: Children;

  constructor(host: HTMLElement, drawing: Drawing) {
    this.#drawing = drawing;
    this.#children = new Children(host, drawing, true);
  }

  draw(block: Block): void {
    this.#children.draw(block);
    this.#drawing.notes?.check();
  }
}

class ContainerView implements View {
  readonly element: HTMLElement;
  readonly key: string;
  readonly #children: Children;

  constructor(element: HTMLElement, key: string, drawing: Drawing) {
    this.element = element;
    this.key = key;
    this.#children = new Children(element, drawing);
  }

  draw(block: Block): void {
    if (block.kind === "list") setAttribute(this.element, "class", block.tight ? "sw-tight" : null);
    this.#children.draw(block);
  }
}

/** A `details`; open without an end tag, because then it may contain the rest of the text. */
class DetailsView extends ContainerView {
  constructor(drawing: Drawing) {
    super(create("details"), "details", drawing);
  }

  override draw(block: Block): void {
    if (block.final && block.level === 0) setAttribute(this.element, "open", "");
    super.draw(block);
  }
}

class RuleView implements View {
  readonly element = create("hr");
  readonly key = "rule";
  draw(): void {}
}

class NothingView implements View {
  readonly element = null;
  readonly key = "nothing";
  draw(): void {}
}

export function makeView(block: Block, key: string, drawing: Drawing): View {
  switch (block.kind) {
    case "quote":
      return new ContainerView(create("blockquote"), key, drawing);
    case "list":
      return new ContainerView(makeList(block), key, drawing);
    case "item":
      return new ContainerView(create("li", { dir: "auto" }), key, drawing);
    case "note":
      return new NoteView(key, drawing);
    case "heading":
      return new HeadingView(`h${block.level as 1 | 2 | 3 | 4 | 5 | 6}`, drawing);
    case "summary":
      return new HeadingView("summary", drawing);
    case "details":
      return new DetailsView(drawing);
    case "code":
      return new CodeView(key, block.fence?.language ?? "", drawing);
    case "math":
      return new MathView(drawing);
    case "table":
      return new TableView(drawing);
    case "rule":
      return new RuleView();
    case "paragraph":
      return key === "table" ? new TableView(drawing) : new ParagraphView(drawing);
    default:
      return new NothingView();
  }
}

function makeList({ list }: Block): HTMLElement {
  if (!list!.ordered) return create("ul");
  return create("ol", list!.start === 1 ? {} : { start: String(list!.start) });
}
