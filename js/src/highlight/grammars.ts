/** The colours of code. An artefact of its own, which a page gets when code in a known language first comes. */

import css from "./code.css";

export { highlighter } from "./highlighter.ts";

/** What the tokens need of styles; the app adds it to its own. */
export const style = css;
