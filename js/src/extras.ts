/** The second bundle: what a stream of text does not need, sent when a run does. Evaluated once per page. */

import { addStyle } from "./dom.ts";
import css from "./style/extras.css";

export { boardOf } from "./extras/board-given.ts";
export { mountBoard } from "./extras/board.ts";
export { Composer } from "./extras/composer.ts";
export { Job } from "./extras/job.ts";
export { openMenu } from "./extras/menu.ts";
export { take } from "./extras/take.ts";

addStyle(css);
