/** The parts of Temml that are used: its parser, and the plain tree of MathML that it builds. */

declare module "temml/src/parseTree.js" {
  export default function parseTree(tex: string, settings: import("temml/src/Settings.js").default): unknown[];
}
declare module "temml/src/Settings.js" {
  export default class Settings {
    constructor(options: {
      displayMode: boolean;
      throwOnError: boolean;
      trust: false;
      maxExpand: number;
      maxSize: [em: number, pt: number];
    });
    displayMode: boolean;
    maxSize: [em: number, pt: number];
  }
}
declare module "temml/src/Style.js" {
  export default class Style {
    constructor(options: { level: number; maxSize: [em: number, pt: number] });
  }
}
declare module "temml/src/constants.js" {
  export const StyleLevel: { readonly DISPLAY: number; readonly TEXT: number };
}
declare module "temml/src/buildMathML.js" {
  export default function buildMathML(
    tree: unknown[],
    tex: string,
    style: import("temml/src/Style.js").default,
    settings: import("temml/src/Settings.js").default,
  ): import("./elements.ts").MathTree;
}
