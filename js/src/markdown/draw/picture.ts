/** Images in text, as far as the run's `images` allows them to load. */

import { create, focusedIn, image, setAttribute, setText } from "../../base/dom.ts";
import { pictureAt, shownAs } from "../../base/pictures.ts";
import type { Picture } from "../../base/pictures.ts";
import { showBidi } from "../../base/safety.ts";
import type { Inline } from "../parse/inline-tree.ts";
import { swap } from "./drawing.ts";
import type { Drawing } from "./drawing.ts";
import * as english from "../../words/english.ts";

const TITLE_CHARS = 500;

/** The image, or a button that loads it; its alternative text if it may not or cannot be loaded. */
export function makePicture(node: Inline, words: Element, { policy, images }: Drawing): Element {
  const found = (policy.picture ?? pictureAt)(node.destination);
  const shown = found ? shownAs(found, images) : "words";
  if (!found || shown === "words") return words;
  if (shown === "ask") return makeAsking(found, node);
  const img = makeImg(found, node);
  img.addEventListener("error", () => swap(img, words), { once: true });
  return img;
}

const makeImg = (picture: Picture, { text, title }: Inline): HTMLImageElement =>
  image(picture, showBidi(text), showBidi(title).slice(0, TITLE_CHARS));

/** A button that is replaced by the image once it has loaded: nothing moves before that. */
function makeAsking(picture: Picture, node: Inline): Element {
  const name = showBidi(node.text) || english.IMAGE;
  const about = { title: showBidi(node.destination.slice(0, TITLE_CHARS)), "data-host": picture.host };
  const button = create("button", { type: "button", class: "sw-image", ...about }, english.loadImage(name));
  button.addEventListener("click", (event) => {
    event.preventDefault(); // it may be inside a link
    if (button.getAttribute("aria-busy") === "true") return;
    setAttribute(button, "aria-busy", "true");
    setText(button, english.loadingImage(name));
    const img = makeImg(picture, node);
    img.loading = "eager"; // a lazy one waits until it is in the page
    img.addEventListener("load", () => show(button, img), { once: true });
    img.addEventListener("error", () => failed(button, name), { once: true });
  });
  return button;
}

function show(button: HTMLElement, img: HTMLElement): void {
  if (!button.parentNode) return;
  const focused = focusedIn(button) === button;
  swap(button, img);
  if (!focused) return;
  img.tabIndex = -1; // keyboard users continue from here
  img.focus({ preventScroll: true });
}

function failed(button: Element, name: string): void {
  setAttribute(button, "aria-busy", null);
  setText(button, english.imageFailed(name));
}
