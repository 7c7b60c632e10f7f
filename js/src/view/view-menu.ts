/** The menu of a view: its files, display options, and the retry of a run that cost money and did not fail. */

import { setAttribute } from "../base/dom.ts";
import type { Item } from "../base/menu.ts";
import { label } from "../base/safety.ts";
import type { Context } from "../parts/part-view.ts";
import type { Document } from "../protocol/patch.ts";
import { setDensity } from "./density.ts";
import { setWantsNotice, wantsNotice } from "./end-notice.ts";
import type { Shape } from "./shape.ts";
import * as english from "../words/english.ts";

/** Most tables in the menu; others are downloaded with their own buttons. */
const TABLES_COUNT = 5;

interface Given {
  view: HTMLElement;
  document: Document;
  shape: Shape;
  take: Context["take"];
  /** Asks before it retries; null if the header has the button, or there is nothing to retry. */
  retry: (() => void) | null;
  /** Replaces the view by the record that the notebook saves; null without one. */
  showRecord: (() => void) | null;
  /** True if the run is live, so that its end can be announced. */
  live: boolean;
  /** Shows a message in one line. */
  say: (words: string) => void;
}

export function viewItems({ view, document: run, shape, take, retry, showRecord, live, say }: Given): Item[] {
  return [
    ...(retry ? [{ words: english.RETRY_ASKS, act: retry }] : []),
    ...fileItems(run, take),
    ...(showRecord ? [{ words: english.SHOW_RECORD, act: showRecord }] : []),
    ...(live ? [noticeItem(say)] : []),
    ...shapeItems(view, shape),
  ];
}

function noticeItem(say: (words: string) => void): Item {
  const wanted = wantsNotice();
  const act = async (): Promise<void> => {
    const problem = await setWantsNotice(!wanted);
    say(problem ?? (wanted ? english.NOT_NOTIFIED : english.NOTIFIED));
  };
  return { words: english.NOTIFY, checked: wanted, act: () => void act() };
}

function fileItems(run: Document, take: Context["take"]): Item[] {
  const tables = run.parts.filter(({ kind }) => kind === "table").slice(0, TABLES_COUNT);
  return [
    { words: english.COPY_MARKDOWN, act: () => void take("markdown", "copy") },
    { words: english.DOWNLOAD_MARKDOWN, act: () => void take("markdown", "save") },
    { words: english.DOWNLOAD_HTML, act: () => void take("html", "save") },
    { words: english.DOWNLOAD_EVENTS, act: () => void take("jsonl", "save") },
    ...tables.map(({ id, fields }) => ({
      words: english.downloadTable(label(fields["name"], 40)),
      act: () => void take("csv", "save", id),
    })),
  ];
}

function shapeItems(view: HTMLElement, shape: Shape): Item[] {
  const compact = view.dataset["density"] === "compact";
  const wide = view.dataset["width"] === "full";
  const items: Item[] = [
    { words: english.FULL_HEIGHT, checked: shape.isTall, act: () => shape.setTall(!shape.isTall) },
    { words: english.FULL_WIDTH, checked: wide, act: () => setAttribute(view, "data-width", wide ? null : "full") },
    { words: english.COMPACT_ROWS, checked: compact, act: () => setDensity(compact ? "comfortable" : "compact", view) },
  ];
  if (document.fullscreenEnabled) items.push({ words: english.FULL_SCREEN, checked: shape.isFullScreen, act: () => shape.toggleFullScreen() });
  return items;
}
