/** Renders in Node, whole or in pieces. */

import { MarkdownEngine } from "../../src/markdown/engine.ts";
import type { Options } from "../../src/markdown/engine.ts";
import { OPEN_POLICY } from "./spec.ts";
import { installTinyDom, newRoot } from "./tiny-dom.ts";
import type { TinyElement } from "./tiny-dom.ts";

installTinyDom();

const OPEN: Options = { policy: OPEN_POLICY, images: "data" };

/** The root after all `pieces`; addresses are not judged unless `options` say so. */
export function rendered(pieces: Iterable<string>, options: Options = OPEN): TinyElement {
  const root = newRoot();
  const engine = new MarkdownEngine(root, options);
  for (const piece of pieces) engine.feed(piece);
  engine.finish();
  engine.settle();
  return root as unknown as TinyElement;
}
