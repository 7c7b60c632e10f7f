/** A chart as a file: the drawing with its colours written into it, as SVG or PNG. */

import { drawnPicture } from "../../base/dom.ts";
import type { SavedFile } from "../../base/files.ts";

/** Pixels for each CSS pixel, sharp enough for print. */
const SCALE = 2;
const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap", "opacity", "font"];

/** The drawing as a file that needs no style sheet; `background` is a CSS colour. */
export function svgFile(plot: SVGElement, name: string, background: string): SavedFile {
  const copy = plot.cloneNode(true) as SVGElement;
  const [from, to] = [plot.querySelectorAll<SVGElement>("*"), copy.querySelectorAll<SVGElement>("*")];
  for (const [at, element] of from.entries()) inline(element, to[at]!);
  inline(plot, copy);
  copy.style.background = background;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const bytes = new TextEncoder().encode(new XMLSerializer().serializeToString(copy));
  return { name: `${name}.svg`, mime: "image/svg+xml", bytes };
}

/** The same as PNG; null if the browser cannot draw it. */
export async function pngFile(plot: SVGElement, name: string, background: string): Promise<SavedFile | null> {
  const { bytes } = svgFile(plot, name, background);
  const [width, height] = [plot.clientWidth * SCALE, plot.clientHeight * SCALE];
  const url = URL.createObjectURL(new Blob([bytes], { type: "image/svg+xml" }));
  try {
    const picture = await drawnPicture(url);
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d")!;
    context.fillStyle = background;
    context.fillRect(0, 0, width, height);
    context.drawImage(picture, 0, 0, width, height);
    const blob = await canvas.convertToBlob({ type: "image/png" });
    return { name: `${name}.png`, mime: "image/png", bytes: new Uint8Array(await blob.arrayBuffer()) };
  } catch {
    return null; // a policy of the page, or no canvas
  } finally {
    URL.revokeObjectURL(url);
  }
}

function inline(from: SVGElement, to: SVGElement): void {
  const style = getComputedStyle(from);
  for (const name of STYLES) to.style.setProperty(name, style.getPropertyValue(name));
}
