/** Pictures in text, as far as the run's `images` lets them load. */

import { create, image } from "../../dom.ts";
import { pictureAt, shownAs } from "../../pictures.ts";
import type { Picture } from "../../pictures.ts";
import { showBidi } from "../../safety.ts";
import type { Inline } from "../node.ts";
import type { Drawing } from "./drawing.ts";

const TITLE_CHARS = 500;

/** The picture, or what asks for it; null where only its words may be shown. */
export function makePicture(node: Inline, { policy, images }: Drawing): Element | null {
  const found = (policy.picture ?? pictureAt)(node.destination);
  const shown = found ? shownAs(found, images) : "words";
  if (!found || shown === "words") return null;
  const title = showBidi(node.title).slice(0, TITLE_CHARS);
  return shown === "draw" ? image(found, node.text, title) : makeAsking(found, node, title);
}

/** A button that is replaced by the picture when it is pressed. */
function makeAsking(picture: Picture, { text, destination }: Inline, title: string): Element {
  const about = { title: showBidi(destination.slice(0, TITLE_CHARS)), "data-host": picture.host };
  const button = create("button", { type: "button", class: "sw-image", ...about }, `Load image: ${showBidi(text)}`);
  button.addEventListener("click", () => button.replaceWith(image(picture, text, title)), { once: true });
  return button;
}
