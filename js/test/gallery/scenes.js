/** Scenes of the gallery: the traits of a run in one state each, and what happens after mounting. */

import { story } from "./story.js";

const REPORT = `Three things stand out in the filings.

Margins held up better than the headline suggests: gross margin fell by 40 basis points, but the mix shifted towards services, which carry twice the margin of hardware. Without the shift the fall would have been 110 points.

Cash conversion improved for the third quarter in a row.
Receivables are down to 41 days, from 47 a year ago.

The guidance is softer than it reads. Management speaks of “low single digits”, and the order book that was published with it covers only 62 % of the year, against 71 % at this time last year. `;

const status = (state, more) => ({
  rev: 3,
  state,
  title: "Reading 120 quarterly reports",
  elapsed_s: 14.2,
  first_token_s: 0.42,
  token_count: 612,
  tokens_estimated: false,
  char_count: 2870,
  stop: null,
  ...more,
});

const step = (id, name, state, started_s, ended_s, parent_id = null) => ({
  id, kind: "step", state, name, parent_id, started_s, ended_s,
});
const progress = (id, completed, total, message, unit, state = "open") => ({
  id, kind: "progress", state, completed, total, message, unit, step_id: null,
});
const text = (id, value, state = "open") => ({ id, kind: "text", state, text: value, step_id: null });
const reasoning = (state) => ({
  id: "think", kind: "reasoning", state, step_id: null,
  text: "The user wants the reports compared.\nFirst the margins, then cash, then what is said about next year. The order book looks thinner than it did, so check that against the text of the guidance",
});
const error = (fault, message, more = {}) => ({
  id: `error-${fault}`, kind: "error", state: "closed", fault, message,
  error_type: "StreamWidgetError", retryable: false, code: null, detail: null, ...more,
});

const run = (state, parts, more = {}, facts = {}) => ({
  traits: {
    snapshot: { run_id: "view.1", seq: 7, status: status(state, more), run: facts, parts },
    patch: {},
  },
});

const opening = [
  step("s1", "Fetching the filings", "done", 0.1, 4.3),
  progress("p1", 120, 120, "Downloading", "files", "closed"),
];

const FAILURES = {
  provider: error("provider", "The model is overloaded. Please try again later.", {
    error_type: "ProviderError", code: "overloaded_error", retryable: true,
  }),
  transport: error("transport", "The connection to api.example.com broke after 2,870 bytes: peer closed it without a complete message.", {
    error_type: "TransportError", retryable: true,
  }),
  incomplete: error("incomplete", "The bytes ended without the end marker of openai-chat ([DONE]).", {
    error_type: "CutError", retryable: true,
  }),
  source: error("source", "ValueError: cannot convert float NaN to integer", {
    error_type: "SourceError",
    detail: 'Traceback (most recent call last):\n  File "<cell 4>", line 7, in rows\n    yield int(frame.loc[i, "margin"])\nValueError: cannot convert float NaN to integer',
  }),
};

const failed = (fault, state = "failed") =>
  run(state, [...opening, step("s2", "Writing the summary", "failed", 4.4, 14.2), text("t1", REPORT, "closed"), FAILURES[fault]], {});

const question = (id, words, more) => ({
  id, kind: "ask", state: "open", step_id: null, question: words, options: [], fields: [], outcome: null, answer: null, started_s: 9.1, ended_s: null, ...more,
});
const answered = (id, words, answer, more) => question(id, words, { state: "closed", outcome: "answered", answer, ended_s: 12.4, ...more });
const knob = (id, name, value, more) => ({ id, kind: "knob", state: "open", step_id: null, name, value, minimum: null, maximum: null, step: null, is_log: false, ...more });
const CALL = { id: "c1", kind: "tool-call", state: "closed", step_id: null, tool_name: "delete_rows", tool_call_id: null, by_provider: false, result: null, is_error: false, started_s: 9, ended_s: null, text: '{"table":"papers","where":"cited = 0"}' };

const QUESTIONS = [
  text("t1", "I found 1,204 papers on progress bars. Reading all of them takes about 40 minutes.", "closed"),
  knob("k1", "Learning rate", 0.0003, { minimum: 0.00001, maximum: 1, is_log: true }),
  knob("k2", "Batch size", 64, { minimum: 8, maximum: 512, step: 8 }),
  knob("k3", "Seed", 7, {}),
  answered("q0", "How many should I read?", "Newest 50", { options: ["Newest 50", "All of them"] }),
  question("q1", "Which of these should I read first?", { options: ["The newest", "The most cited", "A random sample"], timeout_s: 300, default: "The newest" }),
  CALL,
  question("q2", "Allow this call of delete_rows?", { options: ["Approve", "Deny"], about_part_id: "c1", detail: CALL.text }),
  question("q3", "How should the model be trained?", {
    fields: [
      { name: "name", type: "string", title: "Name", required: true, description: "Shown in the report." },
      { name: "optimizer", type: "string", title: "Optimizer", options: [["adam", "Adam"], ["sgd", "SGD"]], default: "adam" },
      { name: "epochs", type: "integer", title: "Epochs", minimum: 1, maximum: 100, default: 20 },
      { name: "note", type: "string", title: "Note" },
      { name: "fast", type: "boolean", title: "Mixed precision", default: true },
    ],
  }),
  question("q4", "What is the title of the report?", { fields: [{ name: "", type: "string", required: true }] }),
];

export const scenes = {
  ...story,
  asking: run("streaming", QUESTIONS, { asks: ["q1", "q2", "q3", "q4"], knobs: ["k1", "k2", "k3"] }),
  unanswered: run("finished", [question("q1", "May I look at your calendar?", { state: "closed", hint: "Answer it with `resume` in the input of the next run." }), question("q2", "Which ones?", { state: "closed", outcome: "timeout", answer: "All", by_default: true, ended_s: 20 }), answered("q3", "Who are you?", { name: "Ada", age: 36 })]),
  connecting: run("connecting", [], { elapsed_s: 0.3, first_token_s: null, token_count: 0, char_count: 0 }),
  running: {
    ...run("streaming", [...opening, reasoning("closed"), step("s2", "Comparing margins", "running", 4.4, null), progress("p2", 37, 120, "Reading", "reports"), text("t1", REPORT)]),
    /** Tokens go on arriving, so that there is a rate. */
    after: async (model) => {
      for (let n = 1; n <= 12; n += 1) {
        await new Promise((done) => setTimeout(done, 60));
        const now = status("streaming", { elapsed_s: 14.2 + n * 0.06, token_count: 612 + n * 3, char_count: 2870 + n * 5 });
        const piece = ["So ", "the ", "year ", "needs ", "a ", "stronger ", "second ", "half, ", "and ", "nothing ", "in the ", "text says"][n - 1];
        model.patch({ run_id: "view.1", from_seq: 6 + n, seq: 7 + n, ops: [[{ op: "append", id: "t1", text: piece }]], status: now });
      }
    },
  },
  thinking: run("streaming", [reasoning("open"), progress("p3", 1480, null, "Scanning the archive", "pages")], { first_token_s: 0.9, tokens_estimated: true, token_count: 48, char_count: 190, elapsed_s: 2.4 }),
  finished: run("finished", [...opening, step("s2", "Comparing margins", "done", 4.4, 9.8), step("s3", "Services", "done", 5, 7.7, "s2"), text("t1", REPORT, "closed")], {
    elapsed_s: 21.6, tokens_estimated: true,
  }),
  stopped: run("stopped", [...opening, step("s2", "Comparing margins", "stopped", 4.4, 14.2), text("t1", REPORT.slice(0, 380), "closed")], {
    stop: { requested_s: 14.18, heard_s: 14.186, closed_s: 14.201 },
    stopped_by: { code: "reader" },
  }),
  provider: failed("provider", "failed"),
  transport: failed("transport", "failed"),
  incomplete: failed("incomplete", "incomplete"),
  source: run("failed", [...opening, FAILURES.source, { id: "n1", kind: "notice", state: "closed", level: "warning", message: "2 bytes could not be decoded as UTF-8 and were replaced." }, { id: "n2", kind: "notice", state: "closed", level: "info", message: "The format was detected: openai-chat." }, { id: "u1", kind: "unknown", state: "closed", name: "ping", data: '{"type":"ping","at":3}' }], {
    token_count: 0,
  }),
  busy: {
    ...run("streaming", [step("s1", "Comparing margins", "running", 0.4, null), text("t1", REPORT.slice(0, 300))]),
    after: async (model, el) => {
      await new Promise((done) => setTimeout(done, 60));
      model.answers = false;
      el.querySelector(".sw-stop").click();
      await new Promise((done) => setTimeout(done, 1200));
    },
  },
  gone: {
    ...run("streaming", [text("t1", REPORT.slice(0, 300))]),
    after: async (model, el) => {
      await new Promise((done) => setTimeout(done, 60));
      model.gone = true;
      el.querySelector(".sw-stop").click();
    },
  },
};
