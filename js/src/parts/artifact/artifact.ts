/**
 * An artifact, such as a figure, in the safest representation that can be shown.
 *
 * Bitmaps are shown as images. HTML and SVG are untrusted documents: they are shown in a sandboxed
 * frame without scripts, forms, working links, or anything from the network.
 */

import { create, icon, image, sealedFrame, setAttribute, setHidden, setText } from "../../base/dom.ts";
import { SAVE } from "../../base/icons.ts";
import type { Part } from "../../protocol/patch.ts";
import type { Context, Mounted } from "../part-view.ts";
import { pictureOf } from "../../base/pictures.ts";
import { finite, label } from "../../base/safety.ts";
import { saveFile } from "../../base/files.ts";
import type { Fields, Json } from "../../protocol/wire.ts";
import { JsonTree } from "../value/json-tree.ts";
import * as english from "../../words/english.ts";

const IMAGES: readonly string[] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const TEXT_CHARS = 50_000;
const LEAST_PX = 64;
const LINE_PX = 30;
const MOST_PX = 420;
/** A higher document scrolls in its frame. */
const MOST_FITTED_PX = 2000;
/** Longer documents are not loaded a second time to be measured. */
const MEASURED_CHARS = 1_000_000;
const FIT_AFTER_MS = 250;

/** Most expressive first. */
const ORDER = [...IMAGES, "image/svg+xml", "text/html", "application/json", "text/markdown", "text/latex", "text/plain", "application/pdf"];

/** Allows only inline styles and embedded images. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; base-uri 'none'";

export function mountArtifact(_part: Part, context: Context): Mounted {
  const name = create("span", { class: "sw-name" });
  const facts = create("span", { class: "sw-note" });
  const keep = create("button", { class: "sw-iconic", type: "button", title: english.DOWNLOAD, "aria-label": english.DOWNLOAD }, icon(SAVE));
  const room = create("div", { class: "sw-figurebox" });
  const line = create("div", { class: "sw-line" }, create("span", { class: "sw-what" }, name, facts), create("span", { class: "sw-tools" }, keep));
  const element = create("div", { class: "sw-part", "data-kind": "artifact" }, line, room);
  let shown: Json | undefined;
  let current: Part;
  let drawn = new AbortController();
  context.signal.addEventListener("abort", () => drawn.abort(), { once: true });
  keep.addEventListener("click", () => saveIt(current), { signal: context.signal });
  return {
    element,
    update(part) {
      current = part;
      const { fields } = part;
      const data = dataOf(part);
      const mime = ORDER.find((one) => typeof data[one] === "string") ?? Object.keys(data)[0];
      setText(name, label(fields["title"]) || english.FIGURE);
      setText(facts, factsOf(fields, mime));
      setHidden(keep, mime === undefined);
      if (mime === undefined || data[mime] === shown) return;
      shown = data[mime];
      // A document uses the colours of the page, which are known once it is attached.
      drawn.abort();
      drawn = new AbortController();
      const show = (): void => room.replaceChildren(draw(mime, data, name.textContent, isDark(room), drawn.signal));
      if (room.isConnected) show();
      else requestAnimationFrame(() => context.signal.aborted || show());
    },
    dispose() {},
  };
}

const dataOf = ({ fields }: Part): Fields => {
  const { data } = fields;
  return data !== null && typeof data === "object" && !Array.isArray(data) ? data : {};
};

function factsOf(fields: Fields, mime: string | undefined): string {
  const size = finite(fields["bytes"]);
  const omitted = Array.isArray(fields["omitted"]) ? fields["omitted"].map((one) => label(one, 60)).join(", ") : "";
  return english.beside([mime ?? english.NO_FORMAT, size === null ? "" : english.size(size), omitted && english.tooLarge(omitted)], " · ");
}

function draw(mime: string, data: Fields, title: string, dark: boolean, signal: AbortSignal): Node {
  const value = data[mime];
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (IMAGES.includes(mime)) return pixels(mime, text, title);
  if (mime === "image/svg+xml" || mime === "text/html") return frame(mime, text, title, dark, signal);
  if (mime.endsWith("json")) return tree(text);
  if (mime === "application/pdf") return create("div", { class: "sw-note" }, english.PDF);
  return create("pre", { tabindex: "0" }, text.slice(0, TEXT_CHARS));
}

function pixels(mime: string, text: string, title: string): Node {
  const picture = pictureOf(mime, text.replace(/\s+/g, ""));
  return picture ? image(picture, title, "") : create("div", { class: "sw-note" }, english.BAD_IMAGE);
}

function frame(mime: string, text: string, title: string, dark: boolean, signal: AbortSignal): Node {
  const svg = mime === "image/svg+xml";
  const head = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><base target="_blank">`;
  const scheme = dark && !svg && !hasColours(text) ? DARK : LIGHT;
  const styles = `<style>${scheme}${STYLE}</style>`;
  const element = sealedFrame(head + styles, text, title);
  element.classList.add("sw-frame");
  element.classList.toggle("sw-dark", scheme === DARK);
  const ratio = svg ? ratioOf(text) : null;
  element.classList.toggle("sw-scaled", svg);
  if (ratio !== null) element.style.aspectRatio = String(ratio);
  else element.style.height = `${heightOf(text)}px`;
  if (!svg && text.length <= MEASURED_CHARS) fit(element, () => sealedFrame(head + styles, text, "", true), signal);
  return element;
}

/** Sets the height of a frame to that of its document, measured in a hidden frame at each new width. */
function fit(element: HTMLIFrameElement, makeProbe: () => HTMLIFrameElement, signal: AbortSignal): void {
  let probe: HTMLIFrameElement | null = null;
  let width_px = 0;
  let later = 0;
  const measure = (): void => {
    probe?.remove();
    probe = makeProbe();
    probe.classList.add("sw-probe");
    setAttribute(probe, "aria-hidden", "true");
    probe.style.width = `${width_px}px`;
    probe.addEventListener("load", (event) => {
      const height_px = documentHeight_px(event.target as HTMLIFrameElement);
      (event.target as HTMLIFrameElement).remove();
      const border_px = element.offsetHeight - element.clientHeight;
      if (height_px > 0) element.style.height = `${Math.min(height_px, MOST_FITTED_PX) + border_px}px`;
    });
    element.after(probe);
  };
  const sizes = new ResizeObserver(([entry]) => {
    const { width } = entry!.contentRect;
    if (Math.abs(width - width_px) < 1) return;
    clearTimeout(later);
    later = setTimeout(measure, width_px === 0 ? 0 : FIT_AFTER_MS) as unknown as number;
    width_px = width;
  });
  sizes.observe(element);
  signal.addEventListener("abort", () => {
    sizes.disconnect();
    clearTimeout(later);
  }, { once: true });
}

/** 0 where it cannot be read. */
function documentHeight_px(frame: HTMLIFrameElement): number {
  const root = frame.contentDocument?.documentElement;
  if (!root) return 0;
  const bar_px = frame.clientHeight - root.clientHeight; // that of a document wider than its frame
  return Math.ceil(Math.max(root.getBoundingClientRect().height, frame.contentDocument!.body?.scrollHeight ?? 0)) + bar_px;
}

/** The colours of a document that sets none. */
const LIGHT = "html{color-scheme:light;background:#fff;color:#111}";
const DARK = "html{color-scheme:dark;background:#1b1b1b;color:#e6e6e6}";
/** Tables of data frames have outdated borders. */
const STYLE =
  "html{font:14px/1.5 system-ui,sans-serif}body{margin:8px}svg{max-width:100%;height:auto}table{border-collapse:collapse}" +
  "td,th{padding:4px 8px;font-variant-numeric:tabular-nums}table[border],table[border] :is(td,th){border:0}" +
  "table[border] :is(td,th){border-bottom:1px solid #8886}";

/** True if a document sets colours: they assume a white page. */
const hasColours = (html: string): boolean => /(?:color|background)\s*[:=]/i.test(html);

/** True if the page around `element` is dark. */
function isDark(element: Element): boolean {
  const scheme = getComputedStyle(element).colorScheme;
  return scheme === "dark" || (scheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches);
}

/** The assumed height of the document until it is measured; a sandboxed frame cannot report it. */
function heightOf(html: string): number {
  const lines = html.match(/<(?:tr|p|li|h[1-6]|br|div)\b/gi)?.length ?? 0;
  return Math.min(LEAST_PX + lines * LINE_PX, MOST_PX);
}

/** Width by height from the first tag; null if it has none. */
function ratioOf(svg: string): number | null {
  const tag = /<svg\b[^>]*>/i.exec(svg.slice(0, 20_000))?.[0] ?? "";
  const box = /\bviewBox\s*=\s*["']\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(tag);
  const size = (name: string): string | undefined => new RegExp(`\\b${name}\\s*=\\s*["']\\s*([\\d.]+)`, "i").exec(tag)?.[1];
  const [width, height] = [Number(box?.[1] ?? size("width")), Number(box?.[2] ?? size("height"))];
  const ratio = width / height;
  return ratio > 0.1 && ratio < 20 ? ratio : null;
}

function tree(text: string): Node {
  const grown = new JsonTree();
  grown.feed(text);
  return grown.finish() ? create("div", { class: "sw-scroller sw-padded" }, grown.element) : create("pre", { tabindex: "0" }, text.slice(0, TEXT_CHARS));
}

const ENDINGS: { readonly [mime: string]: string } = {
  "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/svg+xml": "svg", "text/html": "html",
  "application/json": "json", "text/markdown": "md", "text/latex": "tex", "application/pdf": "pdf",
};

function saveIt(part: Part): void {
  const data = dataOf(part);
  const mime = ORDER.find((one) => typeof data[one] === "string") ?? Object.keys(data)[0];
  if (mime === undefined) return;
  const value = data[mime];
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const binary = IMAGES.includes(mime) || mime === "application/pdf";
  const bytes = binary ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : new TextEncoder().encode(text);
  saveFile({ name: `${label(part.fields["title"], 80) || "figure"}.${ENDINGS[mime] ?? "txt"}`, mime, bytes });
}
