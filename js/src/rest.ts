/**
 * A part of its own: what a view needs soon, but not for its first words. Code, tables, footnotes and
 * pictures in Markdown, and the line of the token rate. Evaluated once per page.
 */

import { addStyle } from "./dom.ts";
import css from "./style/rest.css";

export * from "./markdown/blocks.ts";
export { costWords, tokenWords } from "./cost.ts";
export { stopWords } from "./moments.ts";
export { Spark } from "./spark.ts";

addStyle(css);
