/** The inline tree: a doubly linked list of nodes, some with children. */

export type InlineKind =
  | "text"
  | "code"
  | "em"
  | "strong"
  | "del"
  | "link"
  | "image"
  | "break"
  | "math"
  | "note"
  | "tag"
  | "root";

export class Inline {
  kind: InlineKind;
  /** text, code: the text; math: the TeX; note: the label, normalised; tag: the name of the element; image: what it shows. */
  text: string;
  /** link, image. */
  destination = "";
  title = "";
  /** math: display formula. link: an autolink, without brackets. */
  flag = false;
  prev: Inline | null = null;
  next: Inline | null = null;
  parent: Inline | null = null;
  first: Inline | null = null;
  last: Inline | null = null;

  constructor(kind: InlineKind, text: string) {
    this.kind = kind;
    this.text = text;
  }

  append(child: Inline): void {
    child.parent = this;
    child.prev = this.last;
    child.next = null;
    if (this.last) this.last.next = child;
    else this.first = child;
    this.last = child;
  }

  unlink(): void {
    if (this.prev) this.prev.next = this.next;
    else if (this.parent) this.parent.first = this.next;
    if (this.next) this.next.prev = this.prev;
    else if (this.parent) this.parent.last = this.prev;
    this.prev = this.next = this.parent = null;
  }

  insertAfter(sibling: Inline): void {
    sibling.unlink();
    sibling.parent = this.parent;
    sibling.prev = this;
    sibling.next = this.next;
    if (this.next) this.next.prev = sibling;
    else if (this.parent) this.parent.last = sibling;
    this.next = sibling;
  }

  /** Moves the nodes after `from`, up to but excluding `to` (null: all), into this node. */
  adopt(from: Inline, to: Inline | null): void {
    for (let node = from.next; node && node !== to; ) {
      const next: Inline | null = node.next;
      node.unlink();
      this.append(node);
      node = next;
    }
  }
}

/** The text of `node` and its children, without markup. */
export function plainText(node: Inline): string {
  let text = "";
  for (let at: Inline | null = node; at; at = following(at, node)) {
    if (at.kind === "text" || at.kind === "code" || at.kind === "math" || at.kind === "image") text += at.text;
    else if (at.kind === "break") text += "\n";
  }
  return text;
}

/** The node after `at` in reading order within `top`; without recursion, at any depth. */
function following(at: Inline, top: Inline): Inline | null {
  if (at.first) return at.first;
  for (let node: Inline | null = at; node && node !== top; node = node.parent) {
    if (node.next) return node.next;
  }
  return null;
}
