/**
 * Parses JSON as it arrives and keeps the tree so far; pure, and linear in the characters.
 *
 * It never throws and never guesses: a scalar that may grow is marked as open, and where the text
 * is not JSON, parsing ends with `broken`, with everything before it kept.
 */

export type NodeKind = "object" | "array" | "string" | "number" | "word" | "none";

export interface JsonNode {
  kind: NodeKind;
  /** Its name in an object, null elsewhere. */
  readonly key: string | null;
  readonly parent: JsonNode | null;
  /** The children of an object or an array. */
  readonly children: JsonNode[];
  /** The first `TEXT_CHARS` characters of a scalar, strings decoded. */
  text: string;
  /** Number of characters of the scalar. */
  chars: number;
  /** True once it is complete. */
  closed: boolean;
}

/** Further characters are counted, not kept: decoding a growing text at each delta would be quadratic. */
export const TEXT_CHARS = 2000;

/** Deepest nesting that is kept; deeper values are parsed but not kept. */
const DEEPEST = 200;

type State =
  | "value" // a value must come
  | "value-or-end" // a value or `]`
  | "key-or-end" // a key or `}`
  | "key" // a key must come
  | "colon"
  | "comma" // `,` or the end of the container
  | "string"
  | "escape"
  | "unicode"
  | "bare" // in a number or a word
  | "over"
  | "broken";

const SPACE = /[ \t\n\r]/;
const BARE = /[-+.0-9A-Za-z]/;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;
const WORDS: ReadonlySet<string> = new Set(["true", "false", "null"]);
const ESCAPED: { readonly [letter: string]: string } = {
  '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t",
};

export class JsonReader {
  root: JsonNode | null = null;
  /** Nodes that are new or have changed since `take` was called last. */
  #touched = new Set<JsonNode>();
  #state: State = "value";
  #at: JsonNode | null = null;
  #depth = 0;
  #key: string | null = null;
  #inKey = false;
  #keyText = "";
  #hex = "";
  #scalar: JsonNode | null = null;

  get broken(): boolean {
    return this.#state === "broken";
  }

  feed(text: string): void {
    let at = 0;
    while (at < text.length && this.#state !== "broken") {
      if (this.#state === "string") at = this.#stringRun(text, at);
      else if (this.#state === "bare") at = this.#bareRun(text, at);
      else this.#step(text[at++]!);
    }
  }

  /** Ends the text; true if it is one complete JSON value. */
  finish(): boolean {
    if (this.#state === "bare") this.#endBare();
    return this.#state === "over";
  }

  /** The nodes that are new or changed, parents before their children. */
  take(): JsonNode[] {
    const touched = [...this.#touched];
    this.#touched.clear();
    return touched;
  }

  /** Everything up to the quote or the backslash at once. */
  #stringRun(text: string, from: number): number {
    let at = from;
    while (at < text.length && text[at] !== '"' && text[at] !== "\\") at += 1;
    if (at > from) this.#addText(text.slice(from, at));
    if (at === text.length) return at;
    if (text[at] === "\\") this.#state = "escape";
    else this.#endString();
    return at + 1;
  }

  #bareRun(text: string, from: number): number {
    let at = from;
    while (at < text.length && BARE.test(text[at]!)) at += 1;
    if (at > from) this.#grow(text.slice(from, at));
    if (at < text.length) this.#endBare();
    return at;
  }

  #step(char: string): void {
    switch (this.#state) {
      case "escape":
        return this.#escape(char);
      case "unicode":
        return this.#unicode(char);
      default:
        if (!SPACE.test(char)) this.#token(char);
    }
  }

  #token(char: string): void {
    const state = this.#state;
    if (state === "colon") return char === ":" ? this.#to("value") : this.#break();
    if (state === "comma") {
      if (char === ",") return this.#to(this.#at?.kind === "object" ? "key" : "value");
      return this.#close(char);
    }
    if (state === "key" || state === "key-or-end") {
      if (char === '"') return this.#beginKey();
      return state === "key-or-end" ? this.#close(char) : this.#break();
    }
    if (state === "value-or-end" && char === "]") return this.#close(char);
    if (state === "over") return this.#break();
    this.#value(char);
  }

  #value(char: string): void {
    if (char === "{") return this.#open("object", "key-or-end");
    if (char === "[") return this.#open("array", "value-or-end");
    if (char === '"') {
      this.#scalar = this.#add("string");
      return this.#to("string");
    }
    if (!BARE.test(char)) return this.#break();
    this.#scalar = this.#add(/[-0-9]/.test(char) ? "number" : "word");
    this.#grow(char);
    this.#to("bare");
  }

  #open(kind: "object" | "array", next: State): void {
    this.#at = this.#add(kind);
    this.#depth += 1;
    this.#to(this.#depth > DEEPEST ? "broken" : next);
  }

  #close(char: string): void {
    const wanted = this.#at?.kind === "object" ? "}" : this.#at ? "]" : "";
    if (char !== wanted) return this.#break();
    const node = this.#at!;
    node.closed = true;
    this.#touched.add(node);
    this.#at = node.parent;
    this.#depth -= 1;
    this.#afterValue();
  }

  #add(kind: NodeKind): JsonNode {
    const parent = this.#at;
    const node: JsonNode = { kind, key: this.#key, parent, children: [], text: "", chars: 0, closed: false };
    this.#key = null;
    if (parent) {
      parent.children.push(node);
      this.#touched.add(parent);
    } else {
      this.root = node;
    }
    this.#touched.add(node);
    return node;
  }

  #beginKey(): void {
    this.#inKey = true;
    this.#keyText = "";
    this.#to("string");
  }

  #addText(text: string): void {
    if (this.#inKey) this.#keyText += text;
    else this.#grow(text);
  }

  #grow(text: string): void {
    const node = this.#scalar!;
    if (node.chars < TEXT_CHARS) node.text += text.slice(0, TEXT_CHARS - node.chars);
    node.chars += text.length;
    this.#touched.add(node);
  }

  #endString(): void {
    if (this.#inKey) {
      this.#inKey = false;
      this.#key = this.#keyText;
      return this.#to("colon");
    }
    this.#endScalar();
  }

  #endBare(): void {
    const { kind, text } = this.#scalar!;
    const right = kind === "number" ? NUMBER.test(text) : WORDS.has(text);
    if (!right) return this.#break();
    this.#endScalar();
  }

  #endScalar(): void {
    this.#scalar!.closed = true;
    this.#touched.add(this.#scalar!);
    this.#scalar = null;
    this.#afterValue();
  }

  #escape(char: string): void {
    if (char === "u") {
      this.#hex = "";
      return this.#to("unicode");
    }
    if (!Object.hasOwn(ESCAPED, char)) return this.#break();
    this.#to("string");
    this.#addText(ESCAPED[char]!);
  }

  #unicode(char: string): void {
    if (!/[0-9a-fA-F]/.test(char)) return this.#break();
    this.#hex += char;
    if (this.#hex.length < 4) return;
    this.#to("string");
    this.#addText(String.fromCharCode(Number.parseInt(this.#hex, 16)));
  }

  #afterValue(): void {
    this.#to(this.#at ? "comma" : "over");
  }

  #break(): void {
    this.#to("broken");
  }

  #to(state: State): void {
    this.#state = state;
  }
}
