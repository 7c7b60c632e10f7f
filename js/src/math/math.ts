/**
 * TeX to MathML. A bundle of its own, which a page gets when a formula first comes.
 *
 * MathML needs no fonts and no style sheet of thousands of rules, and readers read it aloud.
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
/** A formula that defines macros can make a long text of each expansion: its bounds are narrower. */
const DEFINES = /\\(?:[gex]?def|let|futurelet|(?:re)?newcommand|providecommand|newenvironment)(?![a-z])/i;
const MOST_CHARS_DEFINING = 1000;
const MOST_EXPANSIONS_DEFINING = 100;
/** Lengths that TeX asks for, at most: in em and pt. */
const MOST_SIZE: [em: number, pt: number] = [20, 200];

/** What the formulas need of styles; the app adds it to its own. */
export const style = css;

/** The formula as an element; null if the TeX is wrong, or larger than a page can bear. */
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
    return null; // wrong TeX, or nested beyond the stack
  }
}
