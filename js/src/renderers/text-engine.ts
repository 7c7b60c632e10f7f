/** Growing text to elements: the one seam between a text part and how text is set. */

export interface TextEngine {
  feed(text: string): void;
  /** No more text will come. */
  finish(): void;
  dispose(): void;
}
