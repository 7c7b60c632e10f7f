/**
 * What the core hands to the parts that come later, so that none of it is there twice: the build
 * takes these names out of the parts and puts the places in this list in (see `build.mjs`).
 */

import { pageClock } from "./clock.ts";
import { addStyle, create, icon, setAttribute, setHidden, setShape, setText, shape } from "./dom.ts";
import { count, counted, duration, span } from "./format.ts";
import { COPY, RETRY } from "./icons.ts";
import { Leaf } from "./markdown/view/leaf.ts";
import { plainText } from "./markdown/node.ts";
import { cellsOf } from "./markdown/table.ts";
import { Children } from "./markdown/view/container.ts";
import { growthOf } from "./markdown/view/drawing.ts";
import { makeMath, swap } from "./markdown/view/inline-dom.ts";
import { makeEngine } from "./renderers/markdown.ts";
import { TextFeeder } from "./renderers/text.ts";
import { stores, watching } from "./registry.ts";
import { address, label, showBidi } from "./safety.ts";
import { isFinal } from "./states.ts";
import { elapsedWords, rateWords, shownState, statusWords } from "./words.ts";

export const shared: readonly unknown[] = [
  addStyle, create, icon, setAttribute, setHidden, setShape, setText, shape,
  count, counted, duration, span,
  COPY, RETRY,
  Leaf, plainText, cellsOf, growthOf, makeMath, swap, Children,
  makeEngine, TextFeeder,
  address, label, showBidi,
  isFinal, pageClock, stores, watching,
  elapsedWords, rateWords, shownState, statusWords,
];
