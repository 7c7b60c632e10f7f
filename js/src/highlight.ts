/** A part of its own: colours for code. Evaluated once per page. */

import { addStyle } from "./dom.ts";
import css from "./style/code.css";

export { tokenize } from "./highlight/index.ts";

addStyle(css);
