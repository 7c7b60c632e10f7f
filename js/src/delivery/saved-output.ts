/**
 * The saved output of a view, written by the page into its own notebook.
 *
 * While the run is live, a sentence about its progress is saved beside the widget; at the end the record replaces
 * the widget. Only the shared document changes, which is what is saved: JupyterLab draws nothing again for a
 * change that is marked `silent-change`, as its own cells mark theirs, so the live view stays on screen.
 * JupyterLab does not guarantee any of this: everything is checked, and a failure costs only the record.
 */

import type { Clock } from "../base/clock.ts";
import { commIdOf } from "../protocol/control.ts";
import type { Store } from "../protocol/store.ts";
import { isFinal } from "../protocol/wire.ts";
import type { Custom, Fields, Json, Model } from "../protocol/wire.ts";

const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";
const SILENT = "silent-change";
/** The first sentence is written soon, in case the kernel dies; later ones rarely, because each marks the document as changed. */
const FIRST_MS = 1000;
const EVERY_MS = 30_000;

interface Output {
  output_type: string;
  data?: Fields;
  metadata?: Fields;
  [name: string]: unknown;
}

interface Cell {
  readonly type?: string;
  readonly outputs?: {
    readonly length: number;
    get(index: number): { readonly data?: Fields };
    set?(index: number, output: Output): void;
  };
  readonly sharedModel?: {
    getOutputs?(): Output[];
    updateOutputs?(start: number, end: number, outputs: Output[], origin?: unknown): void;
  };
}

interface Notebook {
  dirty?: boolean;
  readonly cells?: { readonly length: number; get(index: number): Cell };
}

/** The kernel's answer to `record`. */
interface Answer {
  over: boolean;
  data: Fields;
  metadata: Fields;
  /** Beside the widget, while the run is live. */
  live: Fields | null;
}

/** The content of an output: one run, or the runs of a board. */
export interface Kept {
  /** The model that the output shows; "" while it is unknown. */
  readonly modelId: string;
  /** `lost`: the kernel disconnected before the end. `unknown`: no status yet. */
  readonly phase: "unknown" | "live" | "over" | "lost";
  /** Changes whenever the record of an ended run may have changed. */
  readonly version: string;
  /** Requests the record from the kernel, which answers with a custom message; false if it is disconnected. */
  ask(): boolean;
  /** Listeners for the custom messages of the kernel. */
  readonly customs: Set<Custom>;
  subscribe(changed: () => void, signal: AbortSignal): void;
}

interface Given {
  model: Model;
  kept: Kept;
  clock: Clock;
  signal: AbortSignal;
}

/** The run of a view. */
export function runKept(store: Store): Kept {
  return {
    get modelId() {
      return commIdOf(store.runId);
    },
    get phase() {
      return phaseOf(store);
    },
    get version() {
      return `${store.runId} ${store.status.rev}`;
    },
    ask: () => store.command("record", {}) !== null,
    customs: store.customs,
    subscribe: (changed, signal) => store.subscribe(changed, signal),
  };
}

export function phaseOf(store: Store): Kept["phase"] {
  if (isFinal(store.status.state)) return "over";
  if (store.link.state === "gone") return "lost";
  return store.alive && store.link.state === "live" ? "live" : "unknown";
}

/** Who can write the record of a view: this page, the kernel by updating its display, or nobody. */
export function saverOf(model: Model): "page" | "kernel" | "none" {
  if (notebookOf(model)) return "page";
  const host = globalThis as { location?: Location; google?: { colab?: unknown } };
  const isVsCode = host.location?.protocol === "vscode-webview:";
  return isVsCode || host.google?.colab !== undefined ? "kernel" : "none";
}

/** Requests the record of one model from the kernel, and writes it. */
export class SavedOutput {
  readonly #model: Model;
  readonly #kept: Kept;
  readonly #clock: Clock;
  /** The version for which the record was last requested. */
  #asked = "";
  #last: Answer | null = null;
  #lost = false;
  #cancel: (() => void) | null = null;

  constructor({ model, kept, clock, signal }: Given) {
    this.#model = model;
    this.#kept = kept;
    this.#clock = clock;
    if (!notebookOf(model)) return;
    kept.customs.add((content) => this.#take(content));
    kept.subscribe(() => this.#look(), signal);
    signal.addEventListener("abort", () => this.#cancel?.(), { once: true });
  }

  /** A view of the model was drawn: its output may have no record yet. */
  shown(): void {
    this.#asked = "";
    this.#look();
  }

  /** Replaces the live view by the record; null if no output shows the model, or there is no record. */
  get showRecord(): (() => void) | null {
    const record = this.#last;
    if (this.#kept.phase !== "over" || !record?.over || this.#outputs().next().done) return null;
    return () => {
      for (const { cell, at } of this.#outputs()) cell.outputs?.set?.(at, recorded(record, savedAt(cell, at)));
    };
  }

  /** Shows the model again where the notebook has its record; the record stays what is saved. */
  showWidget(): void {
    const cells = notebookOf(this.#model)?.cells;
    const { modelId } = this.#kept;
    for (let number = 0; cells && number < cells.length; number += 1) {
      const cell = cells.get(number);
      for (const [at, output] of (cell.sharedModel?.getOutputs?.() ?? []).entries()) {
        if (!isOurs(output, modelId) || output.data?.[WIDGET_VIEW] !== undefined) continue;
        const view = { model_id: modelId, version_major: 2, version_minor: 0 };
        cell.outputs?.set?.(at, { ...output, data: { ...output.data, [WIDGET_VIEW]: view as unknown as Json } });
      }
    }
    this.shown();
  }

  #look(): void {
    const { phase, version } = this.#kept;
    if (phase === "over") {
      if (version !== this.#asked && this.#kept.ask()) this.#asked = version;
    } else if (phase === "lost") {
      this.#writeLost();
    } else if (phase === "live" && this.#cancel === null) {
      this.#askLater(FIRST_MS);
    }
  }

  #askLater(wait_ms: number): void {
    this.#cancel = this.#clock.after(wait_ms, () => {
      this.#cancel = null;
      if (this.#kept.phase === "live" && this.#kept.ask()) this.#askLater(EVERY_MS);
    });
  }

  #take(content: unknown): void {
    const answer = readAnswer(content);
    if (answer === null) return;
    this.#last = answer;
    this.#lost = false;
    if (answer.over) this.#write((output) => recorded(answer, output));
    else if (answer.live) this.#write((output, shown) => ({ ...output, data: { ...shown, ...answer.live } }));
  }

  /** The kernel disconnected while the run was live: the last state becomes the record. */
  #writeLost(): void {
    if (this.#lost) return;
    this.#lost = true;
    const last = this.#last;
    this.#write((output, shown) =>
      last ? recorded(last, output) : { ...output, data: { "text/plain": shown["text/plain"] ?? "" } },
    );
  }

  /** Writes every output that shows the model; `shown` is what the page has of its data. */
  #write(change: (output: Output, shown: Fields) => Output): void {
    try {
      for (const { cell, at, shown } of this.#outputs()) {
        const output = savedAt(cell, at);
        const written = change(output, shown);
        if (JSON.stringify(written) === JSON.stringify(output)) continue;
        cell.sharedModel?.updateOutputs?.(at, at + 1, [written], SILENT);
        notebookOf(this.#model)!.dirty = true;
      }
    } catch (error) {
      console.warn("streamwidget: the notebook keeps the widget instead of its record.", error);
    }
  }

  /** The outputs in which this page shows the model. */
  *#outputs(): Generator<Place> {
    const cells = notebookOf(this.#model)?.cells;
    const { modelId } = this.#kept;
    for (let number = 0; cells && modelId !== "" && number < cells.length; number += 1) {
      const cell = cells.get(number);
      for (let at = 0; at < (cell.outputs?.length ?? 0); at += 1) {
        const shown = cell.outputs!.get(at).data ?? {};
        const view = shown[WIDGET_VIEW] as { model_id?: unknown } | undefined;
        if (view?.model_id === modelId && isSavedThere(cell, at, modelId)) yield { cell, at, shown };
      }
    }
  }
}

interface Place {
  readonly cell: Cell;
  readonly at: number;
  readonly shown: Fields;
}

function notebookOf(model: Model): Notebook | null {
  const manager = model.widget_manager as { context?: { model?: Notebook } } | undefined;
  const notebook = manager?.context?.model;
  return notebook && typeof notebook.cells?.get === "function" ? notebook : null;
}

const recorded = ({ data, metadata }: Answer, output: Output): Output => ({ ...output, data, metadata });

const savedAt = (cell: Cell, at: number): Output => cell.sharedModel!.getOutputs!()[at]!;

/** The page and the document must agree on this output; another tab may have written it already. */
function isSavedThere({ outputs, sharedModel: shared }: Cell, at: number, modelId: string): boolean {
  if (!shared?.getOutputs || !shared.updateOutputs) return false;
  const saved = shared.getOutputs();
  return saved.length === outputs?.length && isOurs(saved[at]!, modelId);
}

/** True if a saved output is the widget of the model, or the record of one of its runs. */
function isOurs(output: Output, modelId: string): boolean {
  const view = output.data?.[WIDGET_VIEW] as { model_id?: unknown } | undefined;
  if (view !== undefined) return view.model_id === modelId;
  const record = output.metadata?.["streamwidget"] as { run?: unknown } | undefined;
  return typeof record?.run === "string" && commIdOf(record.run) === modelId;
}

function readAnswer(content: unknown): Answer | null {
  const { record, over, data, metadata, live } = (content ?? {}) as Fields;
  if (typeof record !== "string" || !isFields(data) || !isFields(metadata)) return null;
  return { over: over === true, data, metadata, live: isFields(live) ? live : null };
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
