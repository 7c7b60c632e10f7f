/** Markdown as the parts of a view use it: with the options of their run. */

import { MarkdownEngine } from "../markdown/engine.ts";
import type { Options } from "../markdown/engine.ts";
import type { Plugins } from "../markdown/plugins.ts";
import { imagesOption } from "../safety.ts";
import type { Fields } from "../wire.ts";
import type { TextEngine } from "./text-engine.ts";

const plugins: Plugins = {};

/** What the run says of how Markdown is shown. */
export const markdownOptions = (run: Fields): Options => ({ images: imagesOption(run["images"]), plugins });

export const makeEngine = (root: HTMLElement, options: Options): TextEngine => new MarkdownEngine(root, options);
