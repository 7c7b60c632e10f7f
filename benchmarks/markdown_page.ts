/** Runs in the page: feeds a document frame by frame and says what each frame cost. */

import { MarkdownEngine } from "../js/src/markdown/engine.ts";
import { documents } from "./markdown_documents.js";
import { PlainText } from "./markdown_plain.ts";

interface Engine {
  feed(text: string): void;
  finish(): void;
  dispose?(): void;
}
type Make = (root: HTMLElement) => Engine;

const FRAME_CHARS = 256;
const page = globalThis as unknown as { others?: Record<string, Make>; bench: object; engine?: Engine };

const OURS: Record<string, Make> = {
  "plain text": (root) => new PlainText(root),
  streamwidget: (root) => new MarkdownEngine(root),
};

const nextFrame = (): Promise<unknown> => new Promise(requestAnimationFrame);

/** A scroller like a view's body, stuck to its end. */
function stage(): { scroller: HTMLElement; root: HTMLElement } {
  document.body.replaceChildren();
  const view = document.createElement("div");
  view.className = "sw-view";
  const scroller = document.createElement("div");
  scroller.style.cssText = "height: 700px; overflow: auto";
  const root = document.createElement("div");
  root.className = "sw-markdown";
  scroller.append(root);
  view.append(scroller);
  document.body.append(view);
  return { scroller, root };
}

/**
 * Feeds the document; with `sampled`, only that many frames, evenly spaced, are timed and the text
 * between them is fed in one piece: for what would take minutes.
 */
async function run(strategy: string, name: string, sampled: number | null): Promise<{ frames_ms: number[]; frames: number }> {
  const text: string = documents[name as keyof typeof documents]();
  const { scroller, root } = stage();
  const make = OURS[strategy] ?? page.others![strategy]!;
  const engine = make(root);
  const frames = Math.ceil(text.length / FRAME_CHARS);
  const step = sampled ? Math.max(1, Math.floor(frames / sampled)) : 1;
  const frames_ms: number[] = [];
  await nextFrame();
  let fed = 0;
  for (let frame = step - 1; frame < frames; frame += step) {
    if (step > 1 && frame * FRAME_CHARS > fed) {
      engine.feed(text.slice(fed, frame * FRAME_CHARS));
      await nextFrame();
      fed = frame * FRAME_CHARS;
    }
    const end = Math.min(text.length, (frame + 1) * FRAME_CHARS);
    await nextFrame();
    if (step > 1) performance.mark("sample");
    const before = performance.now();
    engine.feed(text.slice(fed, end));
    scroller.scrollTop = scroller.scrollHeight;
    frames_ms.push(performance.now() - before);
    fed = end;
  }
  if (step === 1) engine.finish();
  await nextFrame();
  page.engine = engine;
  return { frames_ms, frames };
}

page.bench = { run, names: Object.keys(documents) };
