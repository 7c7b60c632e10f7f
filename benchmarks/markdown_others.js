/** What others do, each as its makers or the usual recipes have it. Bundled by `markdown.py`. */

import MarkdownIt from "markdown-it";
import { marked } from "marked";
import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import * as smd from "streaming-markdown";
import { Streamdown } from "streamdown";

const CHUNK_BLOCKS = 40;

/** All of the text through `marked` and `innerHTML`, at every piece. */
function naiveMarked(root) {
  let text = "";
  return {
    feed(piece) {
      text += piece;
      root.innerHTML = marked.parse(text);
    },
    finish() {},
  };
}

/** markdown-it on the text since the last finished top-level block; finished blocks go into chunks. */
function markdownItPerBlock(root) {
  const md = new MarkdownIt({ html: false, linkify: true });
  const env = {};
  let tail = "";
  let chunk = null;
  let count = 0;
  const open = document.createElement("div");
  root.append(open);
  const freeze = (nodes) => {
    for (const node of nodes) {
      if (!chunk || count % CHUNK_BLOCKS === 0) {
        chunk = document.createElement("div");
        chunk.style.contain = "content";
        root.insertBefore(chunk, open);
      }
      count += 1;
      chunk.append(node);
    }
  };
  return {
    feed(piece) {
      tail += piece;
      const tokens = md.parse(tail, env);
      const starts = tokens.filter((token) => token.level === 0 && token.map && token.nesting >= 0);
      open.innerHTML = md.renderer.render(tokens, md.options, env);
      const last = starts.at(-1);
      // The last block is final once a later one has begun on a complete line.
      const complete = tail.lastIndexOf("\n") + 1;
      const from = last && starts.length > 1 ? offsetOfLine(tail, last.map[0]) : 0;
      if (from === 0 || from >= complete) return;
      const children = [...open.childNodes];
      const lastElement = open.lastElementChild;
      freeze(children.slice(0, children.indexOf(lastElement)));
      tail = tail.slice(from);
    },
    finish() {},
  };
}

function offsetOfLine(text, line) {
  let at = 0;
  for (let n = 0; n < line; n += 1) at = text.indexOf("\n", at) + 1;
  return at;
}

function streamingMarkdown(root) {
  const parser = smd.parser(smd.default_renderer(root));
  return {
    feed: (piece) => smd.parser_write(parser, piece),
    finish: () => smd.parser_end(parser),
  };
}

function streamdown(root) {
  const react = createRoot(root);
  let text = "";
  const show = () => flushSync(() => react.render(createElement(Streamdown, { controls: false }, text)));
  return {
    feed(piece) {
      text += piece;
      show();
    },
    finish() {},
    dispose: () => react.unmount(),
  };
}

globalThis.others = {
  "marked, all of it each time": naiveMarked,
  "markdown-it, last block": markdownItPerBlock,
  "streaming-markdown": streamingMarkdown,
  streamdown,
};
