/**
 * What every view needs, but not for its first words: code, tables, footnotes and pictures in Markdown,
 * the line of the token rate, the cost, telling the kernel whether anybody looks, rules for the pointer,
 * for less motion and for forced colours. It comes right behind the core, and is evaluated once per page.
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
