/** Markdown as the parts of a view use it: with the options of their run. */

import { MarkdownEngine } from "../markdown/engine.ts";
import type { Options } from "../markdown/engine.ts";
import type { Lazy } from "../lazy.ts";
import type { Plugins } from "../markdown/plugins.ts";
import { imagesOption } from "../pictures.ts";
import type { Fields } from "../wire.ts";
import type { TextEngine } from "./text-engine.ts";

/** Tables, notes, highlighting and formulas, which come when a view first needs them. */
export const pluginsOf = (lazy: Lazy): Plugins => ({
  blocks: () => {
    lazy.want("rest");
    return lazy.get("rest");
  },
  tokenize: (language, code) => lazy.get("highlight")?.tokenize(language, code) ?? null,
  math: () => {
    lazy.want("math");
    return lazy.get("math")?.render ?? null;
  },
  onCodeSeen: () => lazy.want("highlight"),
  whenMore: (again) => lazy.whenMore(again),
});

/** How Markdown is shown: as the run says. */
export const markdownOptions = (run: Fields, plugins: Plugins): Options => ({ images: imagesOption(run["images"]), plugins });

export const makeEngine = (root: HTMLElement, options: Options): TextEngine => new MarkdownEngine(root, options);
