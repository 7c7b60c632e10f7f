/** The block tree: what the block phase builds and the views draw. */

export type Kind =
  | "document"
  | "quote"
  | "list"
  | "item"
  | "note"
  | "paragraph"
  | "heading"
  | "code"
  | "math"
  | "table"
  | "rule"
  | "details"
  /** The summary of a `details`. */
  | "summary"
  /** A paragraph that held nothing but definitions: not drawn. */
  | "nothing";

export type Align = "left" | "center" | "right" | null;

export interface ListData {
  readonly ordered: boolean;
  /** The bullet, or the delimiter after the number. */
  readonly mark: string;
  readonly start: number;
}

export interface Fence {
  readonly char: string;
  readonly length: number;
  /** Columns before the fence; as many are removed from each line. */
  readonly indent: number;
  /** The first word of the info string, unescaped. */
  readonly language: string;
}

/** One block. Later fields are used by the kinds named in their comments. */
export class Block {
  kind: Kind;
  readonly parent: Block | null;
  open = true;
  /** Closed by a complete line: it will never change again. */
  final = false;
  /** The number of the last line that belongs to the block itself; see `endOf`. */
  end: number;
  /** Blocks inside; a leaf has none. Only appended to, and truncated when a line is undone. */
  readonly children: Block[] = [];
  /** Lines of a leaf, or rows of a table. Only appended to, and truncated. */
  lines: string[] = [];

  /** heading: 1 to 6. details: 1 after its end tag. */
  level = 0;
  /** list, and item: which marker. */
  list: ListData | null = null;
  /** list: no blank line between its items or their blocks. */
  tight = true;
  /** item, note: columns that a line must be indented by to belong to it. */
  indent = 0;
  /** code: null for indented code. */
  fence: Fence | null = null;
  /** math: its closing mark. */
  closer = "";
  /** note: its label, normalised. */
  label = "";
  /** table: the alignment of each column, and its header row. */
  align: Align[] = [];
  header = "";
  /** paragraph: failed attempts to read a definition. */
  attempts = 0;

  constructor(kind: Kind, parent: Block | null, line: number) {
    this.kind = kind;
    this.parent = parent;
    this.end = line;
  }

  get last(): Block | undefined {
    return this.children[this.children.length - 1];
  }
}

/** All fields of a block that a line can change, to restore them. */
export interface Saved {
  readonly block: Block;
  readonly fields: Pick<Block, "kind" | "open" | "final" | "end" | "lines" | "level" | "tight" | "align" | "header">;
  readonly children_count: number;
  readonly lines_count: number;
}

export function save(block: Block): Saved {
  const { kind, open, final, end, lines, level, tight, align, header } = block;
  return {
    block,
    fields: { kind, open, final, end, lines, level, tight, align, header },
    children_count: block.children.length,
    lines_count: lines.length,
  };
}

export function restore({ block, fields, children_count, lines_count }: Saved): void {
  Object.assign(block, fields);
  block.children.length = children_count;
  block.lines.length = lines_count;
}

/** The number of the last line of the block and everything in it. */
export function endOf(block: Block): number {
  let end = block.end;
  for (let last = block.last; last; last = last.last) end = Math.max(end, last.end);
  return end;
}

/** Blocks that hold other blocks; a table's rows are tried as block starts first, as in a container. */
export const isContainer = (kind: Kind): boolean =>
  kind === "document" || kind === "details" || kind === "quote" || kind === "list" || kind === "item" || kind === "note";
