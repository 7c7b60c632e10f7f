/** Highlighting of code. A separate artefact, loaded when code in a known language first arrives. */

import css from "./code.css";

export { highlighter } from "./highlighter.ts";

/** The styles of the tokens; the app adds them to its own. */
export const style = css;
