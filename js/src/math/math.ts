/**
 * TeX to MathML. A separate artefact, loaded when a formula first arrives.
 *
 * MathML needs no fonts and no large style sheet, and screen readers can read it.
 */

import buildMathML from "temml/src/buildMathML.js";
import { StyleLevel } from "temml/src/constants.js";
import parseTree from "temml/src/parseTree.js";
import Settings from "temml/src/Settings.js";
import Style from "temml/src/Style.js";
import { mathElement } from "./elements.ts";
import css from "./style.css";

/** Characters of one formula; the longest in papers have about two thousand. */
const MOST_CHARS = 5000;
/** Macro expansions of one formula. */
const MOST_EXPANSIONS = 1000;
/** Bounds for a formula that defines macros, because each expansion can be long. */
const DEFINES = /\\(?:[gex]?def|let|futurelet|(?:re)?newcommand|providecommand|newenvironment)(?![a-z])/i;
const MOST_CHARS_DEFINING = 1000;
const MOST_EXPANSIONS_DEFINING = 100;
/** Greatest lengths in TeX, in em and pt. */
const MOST_SIZE: [em: number, pt: number] = [20, 200];

/** The styles of formulas; the app adds them to its own. */
export const style = css;

/** The formula as an element; null if the TeX is invalid or too large. */
export function render(tex: string, display: boolean): Element | null {
  const defines = DEFINES.test(tex);
  if (tex.length > (defines ? MOST_CHARS_DEFINING : MOST_CHARS)) return null;
  const maxExpand = defines ? MOST_EXPANSIONS_DEFINING : MOST_EXPANSIONS;
  const settings = new Settings({
    displayMode: display, throwOnError: true, trust: false, maxExpand, maxSize: MOST_SIZE,
  });
  const level = display ? StyleLevel.DISPLAY : StyleLevel.TEXT;
  try {
    const style = new Style({ level, maxSize: settings.maxSize });
    return mathElement(buildMathML(parseTree(tex, settings), tex, style, settings));
  } catch {
    return null; // invalid TeX, or nested too deeply for the stack
  }
}
