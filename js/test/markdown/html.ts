/** The DOM that the engine built, and HTML from elsewhere, in one form that can be compared. */

import { decodeHTML } from "entities";
import { TinyElement, TinyText } from "./tiny-dom.ts";
import type { TinyNode } from "./tiny-dom.ts";

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[char]!);

/** Every node and every attribute, as they are. */
export function exactHtml(node: TinyNode): string {
  if (node instanceof TinyText) return `[${escape(node.data)}]`;
  if (!(node instanceof TinyElement)) return "";
  const attributes = [...node.attributes].sort().map(([name, value]) => ` ${name}="${escape(value)}"`);
  const style = Object.entries(node.style).map(([name, value]) => ` ${name}:${value}`);
  return `<${node.localName}${attributes.join("")}${style.join("")}>${node.childNodes.map(exactHtml).join("")}</${node.localName}>`;
}

const BLOCK = new Set("address blockquote div h1 h2 h3 h4 h5 h6 hr li ol p pre section table tbody td th thead tr ul".split(" "));
const VOID = new Set(["br", "hr", "img", "input"]);
/** What our elements say beyond the standard's output. */
const OURS = new Set(["target", "rel", "referrerpolicy", "data-host", "loading", "decoding", "aria-label", "tabindex", "role", "aria-colcount", "aria-rowcount", "dir"]);

/**
 * What the engine built, as the standards write it: without the boxes around chunks, runs and lines,
 * a tight list's paragraphs unwrapped, `language-` classes from the label of a code block.
 */
export function standardHtml(root: TinyNode): string {
  return tidy(standard(root as TinyElement, false));
}

function standard(node: TinyElement, tight: boolean): string {
  return node.childNodes.map((child) => standardNode(child, tight)).join("");
}

function standardNode(node: TinyNode, tight: boolean): string {
  if (node instanceof TinyText) return escape(node.data);
  const element = node as TinyElement;
  const name = element.localName;
  if (element.className === "sw-code") return standardCode(element);
  if (["sw-chunk", "sw-run", "sw-lines", "sw-table"].includes(element.className)) return standard(element, tight);
  if (name === "p" && tight && element.parentNode?.localName === "li") return standard(element, tight);
  const inTight = name === "ul" || name === "ol" ? element.className === "sw-tight" : name === "blockquote" ? false : tight;
  const attributes = [...element.attributes].filter(([key]) => !OURS.has(key) && (key !== "class" || !ourClass(element)));
  const tag = `${name}${attributes.sort().map(([key, value]) => ` ${key}="${escape(value)}"`).join("")}`;
  return VOID.has(name) ? `<${tag}>` : `<${tag}>${standard(element, inTight)}</${name}>`;
}

const ourClass = (element: TinyElement): boolean => /^(?:sw-tight|sw-task|sw-todo|sw-named|sw-split)$/.test(element.className);

function standardCode(element: TinyElement): string {
  const language = element.children[0]!.children[0]!.textContent;
  const text = escape(element.children[1]!.textContent);
  return `<pre><code${language ? ` class="language-${escape(language)}"` : ""}>${text}</code></pre>`;
}

/** One form for all HTML: sorted attributes, no white space beside blocks, one way of escaping. */
export function tidy(html: string): string {
  const parts = html.replace(/ style="text-align:(\w+)"/g, ' align="$1"').split(/(<[^>]*>)/);
  let out = "";
  let pre = 0;
  for (const part of parts) {
    const tag = /^<(\/?)([a-z][a-z0-9]*)([^>]*)>$/i.exec(part);
    if (!tag) {
      out += pre > 0 ? escape(decodeHTML(part)) : escape(decodeHTML(part)).replace(/[ \n\t]+/g, " ");
      continue;
    }
    const [, slash, raw, rest] = tag as unknown as [string, string, string, string];
    const name = raw.toLowerCase();
    if (name === "tbody") continue;
    if (name === "pre") pre += slash ? -1 : 1;
    if (BLOCK.has(name) || name === "br") out = out.replace(/ $/, "");
    out += `<${slash}${name}${attributesOf(rest)}>`;
  }
  return out.replace(/(<\/?(?:address|blockquote|br|div|h[1-6]|hr|li|ol|p|pre|section|table|tbody|td|th|thead|tr|ul)\b[^>]*>) /g, "$1").replace(/\n<\/code><\/pre>/g, "</code></pre>").trim();
}

function attributesOf(text: string): string {
  const found = [...text.matchAll(/([a-z-]+)(?:="([^"]*)")?/gi)].map(([, name, value]) => `${name}="${escape(decodeHTML(value ?? ""))}"`);
  return found.sort().map((attribute) => ` ${attribute}`).join("");
}
