/**
 * A part of its own: what a view needs soon, but not for its first words. Code, tables, footnotes and
 * pictures in Markdown, the line of the token rate, the cost, and telling the kernel whether anybody looks. Evaluated once per page.
 */

import { addStyle } from "./dom.ts";
import css from "./style/rest.css";

export * from "./markdown/blocks.ts";
export { costWords } from "./cost.ts";
export { stopWords } from "./moments.ts";
export { keepRoom } from "./room.ts";
export { look } from "./sight.ts";
export { Spark } from "./spark.ts";

addStyle(css);
