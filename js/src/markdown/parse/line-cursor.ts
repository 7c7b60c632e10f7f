/** One line being read: a position, and columns, where a tab reaches to the next multiple of four. */

const TAB = 9;
const SPACE = 32;

export class Cursor {
  text = "";
  /** The current position. */
  at = 0;
  /** The column of `at`; tabs count up to their stop. */
  column = 0;
  /** Unread columns of the tab at `at`; 0: no tab was split. */
  #tabRest = 0;
  /** The first position from `at` that is neither space nor tab. */
  next = 0;
  /** The column of `next`. */
  #nextColumn = 0;
  /** Columns from `at` to `next`. */
  indent = 0;
  /** True if only spaces and tabs follow `at`. */
  blank = true;

  start(text: string): void {
    this.text = text;
    this.at = this.column = this.#tabRest = 0;
    this.next = -1; // nothing is known of this line
    this.look();
  }

  /** Recomputes `next`, `indent` and `blank`. White space is read once: a deep list takes it in many steps. */
  look(): void {
    if (this.at > this.next) this.#findNext();
    this.indent = this.#nextColumn - this.column;
  }

  #findNext(): void {
    let column = this.column;
    let next = this.at;
    for (; next < this.text.length; next += 1) {
      const code = this.text.charCodeAt(next);
      if (code === SPACE) column += 1;
      else if (code === TAB) column += 4 - (column & 3);
      else break;
    }
    this.next = next;
    this.#nextColumn = column;
    this.blank = next === this.text.length;
  }

  get indented(): boolean {
    return this.indent >= 4;
  }

  /** The first character that is not a space; "" at the end. */
  get first(): string {
    return this.text.charAt(this.next);
  }

  /** Moves to `next`. */
  skipSpace(): void {
    this.column += this.indent;
    this.at = this.next;
    this.#tabRest = 0;
    this.indent = 0;
  }

  /** Moves by `count` characters, none of which is a tab. */
  skip(count: number): void {
    this.at += count;
    this.column += count;
    this.#tabRest = 0;
    this.look();
  }

  /** Moves by at most `count` columns of spaces and tabs; a tab can be split. */
  skipColumns(count: number): void {
    for (let left = count; left > 0 && this.at < this.next; ) {
      if (this.text.charCodeAt(this.at) === TAB) {
        const width = this.#tabRest || 4 - (this.column & 3);
        const taken = Math.min(width, left);
        this.column += taken;
        left -= taken;
        this.#tabRest = width - taken;
        if (this.#tabRest === 0) this.at += 1;
      } else {
        this.at += 1;
        this.column += 1;
        left -= 1;
      }
    }
    this.look();
  }

  get atSpace(): boolean {
    const code = this.text.charCodeAt(this.at);
    return code === SPACE || code === TAB;
  }

  /** The rest of the line; the rest of a split tab becomes spaces. */
  rest(): string {
    if (this.#tabRest === 0) return this.text.slice(this.at);
    return " ".repeat(this.#tabRest) + this.text.slice(this.at + 1);
  }

  /** The line from `next`. */
  restFromNext(): string {
    return this.text.slice(this.next);
  }
}
