/** As much of a DOM as the Markdown engine needs, for tests in Node: no layout, no events, no parser. */

import { decodeHTML } from "entities";

export class TinyNode {
  parentNode: TinyElement | null = null;
  nextSibling: TinyNode | null = null;
  previousSibling: TinyNode | null = null;
  readonly nodeType: number = 0;

  get parentElement(): TinyElement | null {
    return this.parentNode;
  }
  get nextElementSibling(): TinyElement | null {
    let node = this.nextSibling;
    while (node && !(node instanceof TinyElement)) node = node.nextSibling;
    return node;
  }
  get previousElementSibling(): TinyElement | null {
    let node = this.previousSibling;
    while (node && !(node instanceof TinyElement)) node = node.previousSibling;
    return node;
  }
  remove(): void {
    const { parentNode: parent, previousSibling: before, nextSibling: after } = this;
    if (!parent) return;
    if (before) before.nextSibling = after;
    else parent.firstChild = after;
    if (after) after.previousSibling = before;
    else parent.lastChild = before;
    this.parentNode = this.nextSibling = this.previousSibling = null;
  }
  replaceWith(other: TinyNode): void {
    this.parentNode!.replaceChild(other, this);
  }
}

export class TinyText extends TinyNode {
  override readonly nodeType = 3;
  data: string;
  constructor(data: string) {
    super();
    this.data = data;
  }
  get textContent(): string {
    return this.data;
  }
}

type Child = TinyNode | string;

export class TinyElement extends TinyNode {
  override readonly nodeType = 1;
  readonly localName: string;
  readonly attributes = new Map<string, string>();
  readonly style: { [name: string]: string } = {};
  firstChild: TinyNode | null = null;
  lastChild: TinyNode | null = null;

  constructor(localName: string) {
    super();
    this.localName = localName;
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }
  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }
  contains(node: TinyNode): boolean {
    let at: TinyNode | null = node;
    while (at && at !== this) at = at.parentNode;
    return at !== null;
  }
  get className(): string {
    return this.getAttribute("class") ?? "";
  }
  get classList() {
    const names = new Set(this.className.split(" ").filter(Boolean));
    const write = (): void => {
      if (names.size > 0) this.setAttribute("class", [...names].join(" "));
      else this.removeAttribute("class");
    };
    return {
      add: (name: string) => void (names.add(name), write()),
      toggle: (name: string, on: boolean) => void (on ? names.add(name) : names.delete(name), write()),
      contains: (name: string) => names.has(name),
    };
  }
  insertBefore(node: TinyNode, next: TinyNode | null): void {
    node.remove();
    const before = next ? next.previousSibling : this.lastChild;
    node.parentNode = this;
    node.previousSibling = before;
    node.nextSibling = next;
    if (before) before.nextSibling = node;
    else this.firstChild = node;
    if (next) next.previousSibling = node;
    else this.lastChild = node;
  }
  appendChild(node: TinyNode): void {
    this.insertBefore(node, null);
  }
  replaceChild(fresh: TinyNode, old: TinyNode): void {
    this.insertBefore(fresh, old);
    old.remove();
  }
  append(...children: Child[]): void {
    for (const child of children) this.appendChild(typeof child === "string" ? new TinyText(child) : child);
  }
  prepend(child: TinyNode): void {
    this.insertBefore(child, this.firstChild);
  }
  replaceChildren(...children: Child[]): void {
    while (this.firstChild) this.firstChild.remove();
    this.append(...children);
  }
  get childNodes(): TinyNode[] {
    const nodes: TinyNode[] = [];
    for (let node = this.firstChild; node; node = node.nextSibling) nodes.push(node);
    return nodes;
  }
  get children(): TinyElement[] {
    return this.childNodes.filter((node): node is TinyElement => node instanceof TinyElement);
  }
  get firstElementChild(): TinyElement | null {
    return this.children[0] ?? null;
  }
  get lastElementChild(): TinyElement | null {
    return this.children.at(-1) ?? null;
  }
  get textContent(): string {
    return this.childNodes.map((node) => (node as TinyElement | TinyText).textContent).join("");
  }
  set textContent(text: string) {
    this.replaceChildren(...(text === "" ? [] : [text]));
  }
  getElementsByClassName(name: string): TinyElement[] {
    return this.children.flatMap((child) => [
      ...(child.className.split(" ").includes(name) ? [child] : []),
      ...child.getElementsByClassName(name),
    ]);
  }
  addEventListener(): void {}
}

class TinyParser {
  parseFromString(html: string): { body: { textContent: string } } {
    return { body: { textContent: decodeHTML(html.slice(3, -4)) } };
  }
}

/** Makes `document` and what goes with it global, once. */
export function installTinyDom(): void {
  Object.assign(globalThis, {
    document: {
      createElement: (name: string) => new TinyElement(name),
      createTextNode: (data: string) => new TinyText(data),
    },
    Text: TinyText,
    HTMLElement: TinyElement,
    DOMParser: TinyParser,
  });
}

export const newRoot = (): HTMLElement => new TinyElement("div") as unknown as HTMLElement;
