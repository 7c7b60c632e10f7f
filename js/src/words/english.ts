/**
 * All text that the page shows, in English: the only file of the front end with text for people but for
 * the loader's one sentence, in `loading.ts`.
 *
 * Composes sentences from codes and facts, with the plural rules of English. Text that the page and
 * Python share is in `catalogue.json`. A verb names the same action everywhere: Stop, Pause, Resume, Retry,
 * Copy, Download, Filter, Show, Hide, Close. Numbers and units: `format.ts`.
 */

import catalogue from "../../../src/streamwidget/catalogue.json";
import { bytes, count, decimal, duration, money, percent, short, span, wholeSeconds } from "./format.ts";

const PLURALS = /* @__PURE__ */ new Intl.PluralRules("en");

/** `n` with its noun, in the singular or plural. */
export const counted = (n: number, noun: string, plural = `${noun}s`): string =>
  `${count(n)} ${PLURALS.select(n) === "one" ? noun : plural}`;

/** Facts on one line; empty ones are left out. */
export const beside = (facts: readonly string[], between = "  ·  "): string => facts.filter(Boolean).join(between);

/** Facts for a screen reader. */
export const spoken = (facts: readonly string[]): string => facts.filter(Boolean).join(", ");

/** Text about a number, with the sign of an estimate if it is one. */
export const signed = (words: string, estimated?: boolean): string => (estimated ? catalogue.estimate : "") + words;

// --- states of a run

export const STATUSES: { readonly [state: string]: string } = catalogue.statuses;
export const STOP_PENDING = "Stop pending";
export const NO_DATA = "No data";
export const STREAM = "Stream";
export const BUSY =
  "The kernel is busy. The stream will stop when the running cell finishes; interrupt the kernel (■) to stop it now.";
export const BUSY_PENDING = "The kernel is busy. Your request will be carried out when the running cell finishes.";
export const GONE = `The kernel is no longer running. ${catalogue.kept}`;
export const RECONNECTING = "Connection lost. Reconnecting… Nothing received so far is lost.";
export const noDataFor = (s: number): string => `No data for ${wholeSeconds(s)}. The stream may still continue.`;
export const notSent = (reason: string): string =>
  `Part of this run could not be sent to the page (${reason}). Python has all of it: view.result().`;

export const WITHOUT_MATH = "formulas are shown as TeX";
export const WITHOUT_COLOURS = "code is shown without colours";
export const NO_OUTPUT = "No output.";
export const WAITING_FOR_DATA = "Waiting for data…";
export const STANDARD_ERROR = catalogue.stderr;
export const JUMP_TO_LATEST = "Jump to latest";
export const SHOW_ALL = "Show everything";
export const SHOW_LESS = "Show less";

// --- actions, as on their buttons

export const STOP = "Stop";
export const STOP_ALL = "Stop all";
export const PAUSE = "Pause";
export const RESUME = "Resume";
export const RETRY = "Retry";
export const RETRY_ASKS = "Retry…";
export const CANCEL = "Cancel";
export const CLOSE = "Close";
export const MORE = "More";
export const OUTLINE = "Outline";
export const COPY = "Copy";
export const COPIED = "Copied";
export const COPY_FAILED = "Copy failed";
export const COPY_CODE = "Copy code";
export const COPY_MARKDOWN = "Copy as Markdown";
export const COPY_CSV = "Copy as CSV";
export const DOWNLOAD = "Download";
export const DOWNLOADED = "Downloaded";
export const DOWNLOAD_MARKDOWN = "Download Markdown";
export const DOWNLOAD_HTML = "Download HTML";
export const DOWNLOAD_EVENTS = "Download events (JSONL)";
export const DOWNLOAD_CSV = "Download CSV";
export const DOWNLOAD_PNG = "Download PNG";
export const DOWNLOAD_SVG = "Download SVG";
export const FILTER = "Filter";
export const SHOW_RECORD = "Show the saved record";
export const FULL_HEIGHT = "Full height";
export const FULL_WIDTH = "Full width";
export const FULL_SCREEN = "Full screen";
export const COMPACT_ROWS = "Compact rows";
export const NOTIFY = "Notify me at the end";

export const stopNamed = (name: string): string => `Stop ${name}`;
export const openNamed = (name: string): string => `Open ${name}`;
export const downloadNamed = (name: string): string => `Download ${name}`;
export const downloadTable = (name: string): string => `Download “${name || "table"}” (CSV)`;
export const filterNamed = (name: string): string => `Filter ${name}`;
export const optionsOf = (name: string): string => `Options of ${name}`;
export const expand = (name: string): string => `Expand ${name}`;
export const collapse = (name: string): string => `Collapse ${name}`;
export const show = (name: string): string => `Show ${name}`;
export const hide = (name: string): string => `Hide ${name}`;
export const retryQuestion = (cost: string): string => `Run this again? The last run cost ${cost}.`;
export const retryFailedQuestion = (runs: number, cost: string): string =>
  `Retry ${counted(runs, "failed run")}? The last attempts cost ${cost}.`;

export const ESC_STOPS = "Press Esc to stop";
export const ESC_AGAIN = "Press Esc again to stop.";
export const NOTIFIED = "You will be notified when a run ends or asks you while this page is hidden.";
export const NOT_NOTIFIED = "You will not be notified.";
export const CANNOT_NOTIFY = "The browser does not allow notifications here. The tab will be marked instead.";
export const CANNOT_REMEMBER = "This page cannot remember settings, so the end will not be announced.";
export const CLIPBOARD_BLOCKED = "The browser blocked access to the clipboard.";
export const EXPORT_SILENT = "The kernel did not respond. It may be running a cell; try again when it is idle.";
export const EXPORT_GONE = "Export needs the kernel, which is no longer running.";
export const EXPORT_EMPTY = "The kernel returned no file.";
export const NO_PNG = "This page does not allow PNG. Download SVG instead.";

// --- figures of a run

export const tokens = (n: number, estimated = false): string => signed(counted(n, "token"), estimated);
export const characters = (n: number): string => counted(n, "character");
export const points = (n: number): string => counted(n, "point");
export const rows = (n: number): string => counted(n, "row");
export const runs = (n: number): string => counted(n, "run");
export const inAndOut = (tokensIn: string, tokensOut: string): string => `${tokensIn} in, ${tokensOut} out`;
export const tokenRate = (rate: number, estimated: boolean): string =>
  signed(`${rate > 0 && rate < 9.95 ? decimal(rate, 1) : count(Math.round(rate))} tokens/s`, estimated);
export const firstTokenAfter = (s: number): string => `first token after ${span(s)}`;
export const spent = (used: string, limit: string, shared = false): string =>
  (shared ? catalogue.budget_shared : catalogue.budget_used).replace("{used}", () => used).replace("{bound}", () => limit);
/** What a request allows: at most `amount`, or at least that of its input. */
export const estimated = (amount: string, isBound: boolean): string =>
  (isBound ? catalogue.estimate_most : catalogue.estimate_input).replace("{amount}", () => amount);
/** A bound of a budget, in its unit: `tokens`, `s`, or a currency. */
export const amount = (value: number, unit: string): string => {
  if (/^[A-Z]{3}$/.test(unit)) return money(value, unit, true);
  return unit === "tokens" ? tokens(value) : `${count(value)} ${unit}`;
};

export const STOP_REQUESTED = "Stop requested";
export const stopReceived = (s: number): string => `Stop received after ${span(s)}`;
export const closingSource = (received: string): string => `${received}, closing the source…`;
export const sourceClosed = (received: string, s: number): string => `${received}, source closed after ${span(s)}`;
/** Who or what stopped a run; `bound` is the limit that was reached, or "". */
export function stoppedBy(code: string, bound: string): string {
  const causes: { readonly [code: string]: string } = catalogue.stop_causes;
  const cause = Object.hasOwn(causes, code) ? causes[code]! : "";
  return cause && `${catalogue.statuses.stopped} by ${cause.replace("{bound}", bound)}`;
}
/** The announcement at the end of a run. */
export const ended = (status: string, facts: string): string => (facts ? `${status}: ${facts}.` : `${status}.`);

// --- a message to the source

export const SEND = "Send";
export const MESSAGE = "Message";
export const MESSAGE_SENT = "Message sent";
export const SEND_MESSAGE = "Send a message to the stream";
export const HOW_TO_SEND = "Enter to send, Shift+Enter for a new line";
export const SEND_BUSY = "The kernel is busy. Your message will be sent when the running cell finishes.";
export const SEND_GONE = "Not sent: the kernel is no longer running.";
export const SEND_PAUSED = "Paused. Resume to send messages.";
export const SEND_RECONNECTING = "Reconnecting…";
export const SEND_OVER = "The stream has ended.";

// --- a chat

export const CHAT = "Chat";
export const ASK = "Ask a question";
export const CONVERSATION = "Conversation";
export const SUGGESTIONS = "Suggested questions";
export const YOU_ASKED = "You asked";
export const ANSWER = "Answer";
export const COPY_ANSWER = "Copy answer";
export const STOP_ANSWER = "Stop answer";
export const EDIT = "Edit question";
export const EDITED = "Edited question";
export const ASK_AGAIN = "Ask again";
export const PREVIOUS_VERSION = "Previous version";
export const NEXT_VERSION = "Next version";
export const version = (at: number, total: number): string => `${count(at)} / ${count(total)}`;
export const versionShown = (at: number, total: number): string => `Version ${count(at)} of ${count(total)}`;
export const QUEUED = "Queued";
export const REMOVE = "Remove";
export const NOT_ASKED = "Not asked";
export const SENDING = "Sending…";
export const WAITING_FOR_ANSWER = "Waiting for the answer…";
export const ANSWER_STOPS_FIRST = "Enter to send; the current answer will be stopped";
export const QUEUES = "Enter to send; your question will be asked next";
export const REFUSED = "Not asked: an answer is streaming. Stop it, or wait for its end.";
export const ASK_BUSY = "The kernel is busy. Your question will be asked when the running cell finishes.";
export const ASK_GONE = "Not asked: the kernel is no longer running.";
export const ATTACH = "Attach data, text or images";
export const ATTACHED = "Attachments";
export const CHOOSE_FILES = "Choose files…";
export const PASTED = "pasted";
export const TOO_MANY_ATTACHED = "A question takes at most 8 attachments.";
export const fileTooLarge = (name: string): string => `${name} is larger than 5 MB.`;
export const removeAttached = (name: string): string => `Remove ${name}`;
export const attachable = (name: string, kind: string, detail: string): string => `${name} (${beside([attachedKind(kind), detail], ", ")})`;
const KINDS: { readonly [kind: string]: string } = { image: "image", table: "table", text: "text" };
export const attachedKind = (kind: string): string => KINDS[kind] ?? "";
export const NOT_SENT = "Not sent: the kernel was disconnected.";
export const SEND_AGAIN = "Send again";
export const CHAT_GONE = "The kernel is no longer running. The chat cannot be continued here.";
export const queued = (n: number): string => `${count(n)} queued`;
export const turns = (n: number): string => counted(n, "turn");

// --- questions of a run, and knobs

export const WAITING_FOR_READER = catalogue.waiting_for_reader;
export const ASK_OUTCOMES: { readonly [outcome: string]: string } = catalogue.ask_outcomes;
export const NOT_ANSWERED = catalogue.ask_outcomes.withdrawn;
export const asks = (question: string): string => `Question: ${question}`;
export const YOUR_ANSWER = "Your answer";
export const SEND_ANSWER = "Send answer";
export const SENDING_ANSWER = "Sending your answer…";
export const ANSWER_BUSY = "The kernel is busy. Your answer will be sent when the running cell finishes.";
export const ANSWER_GONE = "Not sent: the kernel is no longer running.";
export const ASK_ELSEWHERE = "This question can be answered only where its run is live.";
export const CHOOSE = "Choose…";
export const OPTIONAL = "optional";
export const YES = "yes";
export const NO = "no";
export const answerAfter = (s: number): string => `after ${duration(s)}`;
export const answered = (question: string, words: string): string => `${question}: ${words}`;
export const byDefault = (outcome: string): string => `${outcome}; ${catalogue.by_default}`;
/** The time left for an answer, and what is used after it. */
export const defaultIn = (time: string, answer: string): string => (answer ? `${time} left, then “${answer}”` : `${time} left`);
export const required = (name: string): string => `${name || "The answer"} is required.`;
export const mustBe = (name: string, what: string): string => `${name || "The answer"} must be ${what}.`;
export const A_NUMBER = "a number";
export const A_WHOLE_NUMBER = "a whole number";
export const atLeast = (n: number, strictly: boolean): string => `${strictly ? "more than" : "at least"} ${n}`;
export const atMost = (n: number, strictly: boolean): string => `${strictly ? "less than" : "at most"} ${n}`;
export const multipleOf = (n: number): string => `a multiple of ${n}`;
export const charsAtLeast = (n: number): string => `at least ${characters(n)} long`;
export const charsAtMost = (n: number): string => `at most ${characters(n)} long`;
export const KNOB = "Knob";
export const knobNumber = (name: string): string => `${name}, number`;

// --- a recording

export const RECORDING = "Recording";
export const RECORDING_TIME = "Time of the recording";
/** Of the slider. */
export const RECORDING_HINT =
  "Drag to an earlier time. Keys: s, t, e for the next step, tool call, error; with Shift the previous one";
export const SPEED = "Speed";
export const times = (speed: number): string => `${count(speed)}×`;
export const timeOf = (at: number, length: number): string => `${duration(at)} of ${duration(length)}`;
export const LIVE = "Live";
export const PLAY = "Play";
export const HOLD = "Hold";
export const GO_LIVE = "Go live";
export const GO_TO_END = "Go to the end";
/** Of the past of a run that may still be live. */
export const behind = (at: number, length: number): string => `${duration(at)}, ${duration(Math.max(0, length - at))} behind`;
export const liveAt = (at: number): string => `${LIVE}, ${duration(at)}`;
const MARKS = { step: "step", "tool-call": "tool call", error: "error" } as const;
export const nextMark = (kind: keyof typeof MARKS): string => `Next ${MARKS[kind]} →`;
export const nextMarkHint = (kind: keyof typeof MARKS, key: string): string =>
  `Next ${MARKS[kind]} (${key}, with Shift the previous one)`;

// --- steps

export const STEP = "Step";
export const TIMELINE = "Step timeline";
const STEP_STATES: { readonly [state: string]: string } = { running: "running", done: "done", failed: "failed", stopped: "stopped" };
export const stepState = (state: string): string => STEP_STATES[state] ?? state;
/** `12 running, 40 done, 2 failed`. */
export const stepCounts = (counts: readonly (readonly [state: string, count: number])[]): string =>
  spoken(counts.map(([state, n]) => (n > 0 ? `${count(n)} ${stepState(state)}` : "")));
export const steps = (n: number): string => counted(n, "step");
export const showSteps = (n: number): string => `Show all ${counted(n, "step")}`;
export const SHOW_FEWER = "Show fewer";
export const timelineWithFirst = (firstToken: string): string => `${TIMELINE}. ${firstToken}.`;
export const firstToken = (s: number): string => `First token after ${duration(s)}`;
export const stepInTime = (name: string, s: number, state: string): string => `${name}, ${duration(s)}, ${stepState(state)}`;
export const stepNews = (name: string, state: string): string => `${name}: ${stepState(state)}`;
export const failedCalls = (n: number): string => `${counted(n, "tool call")} failed`;
export const failedCount = (n: number): string => `${count(n)} failed`;
/** Label of a button that shows more parts of a long list. */
export const showParts = (total: number, next: number): string =>
  total === next ? `Show ${counted(total, "more part")}` : `Show ${count(next)} more of ${counted(total, "part")}`;
export const PART_BROKEN = "This part could not be drawn. Its data is below.";

// --- kinds of parts

export const REASONING = "Reasoning";
export const TOOL_CALL = "Tool call";
export const ARGUMENTS = "Arguments";
export const RESULT = "Result";
export const ERROR = "Error";
export const CALL_STATES = { open: "receiving…", running: "running", done: "done", failed: "failed", denied: "denied", unanswered: "no result" } as const;
export const moreCharacters = (n: number): string => `… ${counted(n, "more character")}`;
export const DETAILS = "Details";
export const FAULTS: { readonly [fault: string]: string } = catalogue.faults;
export const UNKNOWN_FAULT = "Something went wrong";
export const RETRY_MAY_HELP = "retrying may help";
/** Whose fault it was, if the run continues. */
const FAULT_OWNERS: { readonly [fault: string]: string } = {
  provider: "provider",
  transport: "connection",
  source: "your source",
  decode: "received data",
};
export const faultOwner = (fault: string): string => FAULT_OWNERS[fault] ?? "";
export const errorCode = (code: string): string => `code ${code}`;
export const CITATION = "Source";
export const rendererFailed = (name: string, reason: string): string => `The renderer for “${name || "custom"}” failed: ${reason}`;
export const NO_MOUNT = "its module does not export `mount`";
export const FIGURE = "Figure";
export const NO_FORMAT = "no displayable format";
export const tooLarge = (types: string): string => `too large to show: ${types}`;
export const size = (n: number): string => bytes(n);
export const PDF = "PDF document. Download it to view.";
export const BAD_IMAGE = "The image data is invalid.";
export const VALUE = "Value";
export const NOT_JSON = "not valid JSON";
export const RECEIVING = "receiving…";
export const INCOMPLETE = "incomplete";
export const jsonNamed = (name: string): string => `${name}, JSON`;
export const items = (n: number): string => counted(n, "item");
export const fields = (n: number): string => counted(n, "field");
export const showMore = (n: number): string => `Show ${count(n)} more`;
export const cutText = (text: string, chars: number): string => `${text}… (${characters(chars)})`;
export const LOG = "Log";
export const MINIMUM_LEVEL = "Minimum level";
export const logLines = (n: number): string => counted(n, "line");
export const latestLines = (shown: number, total: number): string => `latest ${count(shown)} of ${counted(total, "line")}`;
export const PROGRESS = "Progress";
export const progressOf = (name: string): string => `Progress of ${name}`;
/** `40 / 120 files · 33%`; `total` and `ratio` null: unknown. */
export function progress(completed: number, total: number | null, unit: string, ratio: number | null): string {
  const amounts = `${count(completed)}${total === null ? "" : ` / ${count(total)}`}${unit && ` ${unit}`}`;
  return beside([amounts, ratio === null ? "" : percent(Math.floor(ratio * 100) / 100)]);
}
export const timeLeft = (time: string): string => `${time} left`;

// --- charts

export const METRIC = "Metric";
export const CHART = "chart";
export const LOG_X = "Log x";
export const LOG_Y = "Log y";
export const LOG_SCALE = "Logarithmic scale";
export const RESET_ZOOM = "Reset zoom";
export const atTime = (s: number): string => `at ${duration(s)}`;
export const atX = (label: string, x: number): string => `${label || "step"} ${short(x)}`;
export const X_COLUMN = "step";
export const X_TIME = "time";
export const moreSeries = (n: number): string => `${count(n)} more series not drawn`;
export const rangeOf = (min: number, max: number): string => `min ${short(min)}, max ${short(max)}`;
export const seriesInWords = (name: string, last: number, range: string): string => `${name} latest ${short(last)}, ${range}`;
export const chartInWords = (name: string, series: string): string => `${name}: ${series}`;

// --- tables

export const TABLE = "Table";
export const COLUMN_OPTIONS = "Column options";
export const SORT_ASCENDING = "Sort ascending";
export const SORT_DESCENDING = "Sort descending";
export const THEN_ASCENDING = "Then by this, ascending";
export const THEN_DESCENDING = "Then by this, descending";
export const FILTER_COLUMN = "Filter…";
export const PIN = "Pin";
export const UNPIN = "Unpin";
export const MOVE_LEFT = "Move left";
export const MOVE_RIGHT = "Move right";
export const WIDER = "Wider";
export const NARROWER = "Narrower";
export const FIT = "Fit to content";
export const HIDE = "Hide";
export const showColumns = (n: number): string => `Show ${counted(n, "hidden column")}`;
export const FILTER_NUMBERS = "> 5, 1..3";
export const FILTER_TEXT = "contains";
export const rowNumber = (n: number): string => `Row ${count(n)}`;
export const copiedCells = (n: number): string => `Copied ${counted(n, "cell")}`;
export const columnMoved = (name: string, place: number, total: number): string => `${name}: column ${count(place)} of ${count(total)}`;
interface RowsShown {
  /** Rows on the page, and those of them that pass the filter. */
  there: number;
  shown: number;
  /** Rows that the kernel has. */
  total: number;
  filtered: boolean;
  loading: boolean;
}
/** `12 matches · 1,204 rows · loading`. */
export function rowsShown({ there, shown, total, filtered, loading }: RowsShown): string {
  const part = `Showing the first ${count(there)} of ${rows(total)}. Sorting and filtering use these rows${loading ? "" : "."}`;
  return beside([filtered ? counted(shown, "match", "matches") : "", total > there ? part : rows(total), loading ? "loading" : ""], " · ");
}

// --- the board

export const STREAMS = "Streams";
export const RETRY_FAILED = "Retry failed";
export const SIDE_BY_SIDE = "Side by side";
export const SORT_RUNS = "Sort runs";
export const LOADING = "loading";
export const sideBySideHint = (n: number): string => `The first ${count(n)} runs in the chosen order`;
export const runNumber = (n: number): string => `Run ${count(n)}`;
export const OPEN_RUN = "Open run";
export const SORTS = {
  order: "Original order",
  state: "Status",
  progress: "Progress",
  cost: "Cost, lowest first",
  time: "Time, shortest first",
  tokens: "Tokens, most first",
} as const;
export const lowestFirst = (name: string): string => `${name}, lowest first`;
export const highestFirst = (name: string): string => `${name}, highest first`;
export const named = (name: string, value: number): string => `${name} ${short(value)}`;
/** `3 streaming, 1 failed`. */
export const stateCounts = (counts: Iterable<readonly [state: string, count: number]>): string =>
  spoken([...counts].map(([state, n]) => `${count(n)} ${state.toLowerCase()}`));

// --- text

export const DONE = "done";
export const TO_DO = "to do";
export const IMAGE = "image";
export const FOOTNOTES = "Footnotes";
export const footnote = (n: number): string => `Footnote ${count(n)}`;
export const BACK_TO_REFERENCE = "Back to reference";
export const linkBlocked = (address: string): string => `Link blocked: ${address}`;
export const loadImage = (name: string): string => `Load ${name}`;
export const loadingImage = (name: string): string => `Loading ${name}…`;
export const imageFailed = (name: string): string => `Could not load ${name}. Retry`;
