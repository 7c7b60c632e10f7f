/** A literature review with a part of every kind; papers, people and numbers are invented. */

const REVIEW = `The twelve studies agree on one thing: people do not measure time, they measure uncertainty. A bar that moves evenly is judged faster than one that is early and then waits, even where it takes longer.

Two results disagree. Okafor and Lindqvist find that showing partial results halves the rate of abandonment; Marchetti finds no such effect for tasks under four seconds. The difference is most likely one of stakes: `;

const status = (state, more) => ({
  rev: 3, state, title: "What makes streaming feel fast? A review of 12 studies", elapsed_s: 48.6, first_token_s: 0.42,
  token_count: 1204, tokens_estimated: false, char_count: 5120, stop: null, can_pause: true, can_retry: true,
  input_tokens: 18240, output_tokens: 1204, cost: 0.0731, currency: "USD", budget: { limit: 0.5, used: 0.0731, unit: "USD" }, attempt: 1, ...more,
});

const step = (id, name, state, started_s, ended_s, parent_id = null, message = null) => ({
  id, kind: "step", state, name, parent_id, started_s, ended_s, message,
});
const progress = (id, step_id, label, completed, total, more) => ({
  id, kind: "progress", state: "open", step_id, label, completed, total, unit: "papers", message: null, started_s: 12, updated_s: 48, ...more,
});
const text = (id, value, step_id = null, state = "open") => ({ id, kind: "text", state, text: value, step_id });
const call = (id, step_id, name, args, result, started_s, ended_s, more) => ({
  id, kind: "tool-call", state: "closed", step_id, text: JSON.stringify(args), tool_name: name, tool_call_id: id, by_provider: false, result, is_error: false, started_s, ended_s, ...more,
});

const AUTHORS = ["Okafor", "Lindqvist", "Marchetti", "Sato", "Haddad", "Ferreira", "Novak", "Adeyemi", "Brandt", "Castellanos", "Iwu", "Petrov"];
const TITLES = [
  "The honest progress bar", "Reading while it is written", "Abandonment and the first second", "Even motion and perceived duration",
  "Partial results in exploratory search", "Waiting with something to do", "Tokens per second and trust", "When spinners lie",
  "Stop buttons that stop", "The cost of a blank screen", "Skeletons, shimmer and patience", "Latency budgets for analysts",
];
const row = (n) => [
  n + 1, TITLES[n % 12], `${AUTHORS[n % 12]} & ${AUTHORS[(n * 5 + 3) % 12]}`, 2011 + ((n * 7) % 14), `20${String(11 + ((n * 7) % 14)).padStart(2, "0")}-0${1 + (n % 9)}-1${n % 9}`,
  Number((0.42 + ((n * 37) % 53) / 100).toFixed(3)), n % 5 === 3 ? null : 24 + ((n * 61) % 900), n % 3 !== 1, `https://lantern.example/papers/${2011 + ((n * 7) % 14)}/${n + 100}`,
];
const COLUMNS = [
  { name: "#", type: "integer" }, { name: "title", type: "text" }, { name: "authors", type: "text" }, { name: "year", type: "integer" }, { name: "published", type: "date" },
  { name: "effect", type: "number", unit: "d" }, { name: "n", type: "integer" }, { name: "open", type: "boolean" }, { name: "link", type: "link" },
];
const table = (id, step_id, count, total, state) => ({
  id, kind: "table", state, step_id, name: "papers", key: "#", columns: COLUMNS, row_count: total, row_cap: 10000, items: Array.from({ length: count }, (_, n) => row(n)),
});

const curve = (from, to, decay, noise, length) =>
  Array.from({ length }, (_, n) => to + (from - to) * Math.exp(-n / decay) + Math.sin(n * 1.7) * noise + Math.sin(n * 0.41) * noise);
const metric = (id, step_id, length) => {
  const [train, val] = [curve(2.4, 0.31, 22, 0.02, length), curve(2.5, 0.44, 26, 0.035, length)];
  const items = train.flatMap((y, n) => [[0, n * 10, y], ...(n % 2 === 0 ? [[1, n * 10, val[n]]] : [])]);
  const own = [train, val.filter((_, n) => n % 2 === 0)];
  return {
    id, kind: "metric", state: "open", step_id, name: "relevance loss", series: ["train", "held out"], x_label: "step", point_count: items.length, items,
    last: own.map((ys) => ys.at(-1)), min: own.map((ys) => Math.min(...ys)), max: own.map((ys) => Math.max(...ys)),
  };
};
const log = (id, count) => ({
  id, kind: "log", state: "open", step_id: null, keep: 2000, line_count: count,
  items: Array.from({ length: Math.min(count, 2000) }, (_, n) => [
    0.2 + n * 0.11, ["info", "debug", "info", "info", "warning", "info", "debug", "error"][n % 8], "review.fetch",
    ["GET /search?q=progress+bars 200 in 84 ms", "cache hit for 2014/103", "parsed 24 references", "deduplicated 3 of 24", "no abstract for 2019/118, using the title", "ranked 36 candidates", "sleeping 0.2 s to be polite", "2021/131: 503, trying again in 1 s"][n % 8],
  ]),
});
const VALUE = '{"question": "What makes streaming feel fast?", "included": 12, "excluded": {"no control group": 9, "not peer reviewed": 4}, "findings": [{"claim": "Even motion is judged faster", "studies": [1, 4, 7, 8], "strength": 0.82, "contested": false}, {"claim": "Partial results halve abandonment", "studies": [2, 5], "strength": 0.64, "contested": true, "against": "Marchetti finds no effect for tasks under four sec';
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 200"><rect width="640" height="200" fill="#fff"/><g font-family="sans-serif" font-size="12" fill="#333">${["Even motion", "Partial results", "Stop buttons", "Skeletons"].map((name, n) => `<text x="8" y="${38 + n * 44}">${name}</text><line x1="130" x2="630" y1="${34 + n * 44}" y2="${34 + n * 44}" stroke="#ddd"/><line x1="${300 + n * 40}" x2="${420 + n * 45}" y1="${34 + n * 44}" y2="${34 + n * 44}" stroke="#1565c0" stroke-width="3"/><circle cx="${360 + n * 42}" cy="${34 + n * 44}" r="6" fill="#1565c0"/>`).join("")}</g></svg>`;

const searched = [
  step("s1", "Searching the library", "done", 0.2, 9.8, null, "36 papers found, 12 kept"),
  step("s1a", "“progress indicators and abandonment”", "done", 0.3, 4.1, "s1", "24 hits"),
  call("c1", "s1a", "library_search", { query: "progress indicators and abandonment", limit: 24, peer_reviewed: true }, '{"hits": 24, "took_ms": 84}', 0.4, 1.9),
  step("s1b", "“reading speed and text that grows”", "done", 0.3, 5.2, "s1", "12 hits"),
  call("c2", "s1b", "library_search", { query: "reading speed and text that grows", limit: 24 }, '{"hits": 12, "took_ms": 131}', 0.4, 2.6),
  progress("p1", "s1", "Fetching abstracts", 36, 36, { state: "closed", started_s: 5.2, updated_s: 9.7 }),
];

const thinking = {
  id: "think", kind: "reasoning", state: "closed", step_id: "s3", started_s: 30.1, ended_s: 34.4,
  text: "The effect sizes are not comparable as they stand: four studies report medians.\nConvert them first, then weigh by n.",
};
const sources = [
  { id: "r1", kind: "source", state: "closed", step_id: null, number: 1, url: "https://lantern.example/papers/2014/103", title: "The honest progress bar" },
  { id: "r2", kind: "source", state: "closed", step_id: null, number: 2, url: "https://www.lantern.example/papers/2019/118", title: "Reading while it is written: a within-subjects study of 212 analysts" },
  { id: "r3", kind: "source", state: "closed", step_id: null, number: 3, url: "javascript:alert(1)", title: "Not an address at all" },
];

const many = (running, done, failed) =>
  Array.from({ length: running + done + failed }, (_, n) => {
    const state = n < done ? "done" : n < done + failed ? "failed" : "running";
    const message = state === "failed" ? "503 after 3 attempts" : state === "done" ? "4 claims" : null;
    return step(`m${n}`, `Reading “${TITLES[n % 12]}”`, state, 10 + (n % 7) * 0.1, state === "running" ? null : 20 + (n % 9), "s2", message);
  });

const reading = [
  step("s2", "Reading 54 papers", "running", 9.9, null),
  ...many(12, 40, 2),
  progress("p2", "s2", "Reading", 42, 54, { message: "“Latency budgets for analysts”" }),
];

const said = (id, message) => ({ id, kind: "notice", state: "closed", level: "sent", message: `You: ${message}`, step_id: null });
const goesOn = (id, message, more) => ({
  id, kind: "error", state: "closed", step_id: null, fault: "source", message, error_type: "StreamWidgetError", retryable: false, code: null, detail: null, hint: null, fatal: false, ...more,
});

/** The scene's model takes what `patches` say, one after the other. */
const run = (state, parts, more = {}, facts = {}) => ({
  traits: { snapshot: { run_id: "view.1", seq: 7, status: status(state, more), run: facts, parts }, patch: {} },
});
const stream = (model, ops, more) => {
  const { seq } = model.traits.snapshot;
  model.sent_seq ??= seq;
  model.patch({ run_id: "view.1", from_seq: model.sent_seq, seq: ++model.sent_seq, ops: [ops], status: status("streaming", more) });
};
const rates = async (model) => {
  for (let n = 0; n < 40; n += 1) {
    stream(model, [], { elapsed_s: n * 1.2, token_count: Math.round(1204 * (n / 40) ** 1.3 + 30 * Math.sin(n)), rev: 4 + n });
  }
  stream(model, [], { rev: 60 });
  await new Promise((done) => setTimeout(done, 700));
};

const member = (n, state, more, parts) => ({
  snapshot: { run_id: `run${n}.1`, seq: 1, status: status(state, { output_tokens: more.token_count ?? 1204, title: ["small-model", "large-model", "large-model, with search", "reranker", "baseline", "ablation: no abstracts"][n], ...more }), run: {}, parts },
  patch: {},
});

export const story = {
  research: {
    ...run("streaming", [
      ...searched, table("t1", null, 12, 12, "closed"), ...reading, log("log", 160),
      step("s3", "Weighing the evidence", "running", 30, null), thinking,
      call("c3", "s3", "convert_effect", { study: 4, from: "median", to: "d" }, null, 46.1, null), text("x1", REVIEW, "s3"),
    ]),
    after: rates,
  },
  tables: run("streaming", [table("t1", null, 60, 60, "open"), table("t2", null, 300, 100000, "closed")], {}),
  charts: run("streaming", [metric("m1", null, 90), { ...metric("m2", null, 40), id: "m2", name: "cost per claim", series: ["cost per claim"], items: curve(0.9, 0.01, 6, 0, 40).map((y, n) => [0, n * 3, y]), x_label: "s", last: [0.012], min: [0.0104], max: [0.9] }]),
  values: run("streaming", [
    { id: "v1", kind: "value", state: "open", step_id: null, name: "findings", text: VALUE },
    { id: "v2", kind: "value", state: "closed", step_id: null, name: "verdict", text: '{"answer": "uncertainty", "confidence": 0.82, "caveats": []}' },
    call("c4", null, "fetch_paper", { id: "2021/131" }, "503 Service Unavailable after 3 attempts", 3, 7.2, { is_error: true }),
    { ...call("c5", null, "library_search", {}, null, 8, null), state: "open", text: '{"query": "partial results in explor' },
    progress("p3", null, "Crawling citations", 1480, null, { unit: "pages" }),
    ...sources,
  ]),
  figures: run("finished", [
    { id: "a1", kind: "artifact", state: "closed", step_id: null, title: "Effect sizes with 95 % intervals", data: { "image/svg+xml": SVG, "text/plain": "<Figure>" }, metadata: {}, bytes: SVG.length, omitted: [] },
    { id: "a2", kind: "artifact", state: "closed", step_id: null, title: "Included studies", data: { "text/html": "<table><tr><th>study<th>d<tr><td>Okafor & Lindqvist<td>0.64<tr><td>Marchetti<td>0.05</table><script>parent.pwned = 1</script><img src=https://evil.example/x.png>" }, metadata: {}, bytes: 240, omitted: ["application/vnd.vegalite.v5+json"] },
    { id: "k1", kind: "custom", state: "closed", step_id: null, name: "stars", data: { stars: 4 }, renderer: "IPY_MODEL_stars" },
    { id: "k2", kind: "custom", state: "closed", step_id: null, name: "broken", data: { why: "it throws" }, renderer: "IPY_MODEL_broken" },
    text("x1", "Four figures, one claim.", null, "closed"),
  ], {}),
  failed: run("failed", [
    ...searched, step("s2", "Reading 12 papers", "failed", 9.9, 31.2),
    progress("p2", "s2", "Reading", 7, 12, { state: "closed", updated_s: 31 }), text("x1", REVIEW.slice(0, 240), "s2", "closed"),
    { id: "e1", kind: "error", state: "closed", step_id: "s2", fault: "provider", message: "The model is overloaded. Please try again later.", error_type: "ProviderError", code: "overloaded_error", retryable: true, hint: "Wait a minute, or ask for fewer papers at a time.", detail: null },
  ], { elapsed_s: 31.2 }),
  /** A two-way stream: what the reader said stands between the answers. */
  conversation: run("streaming", [
    text("x1", "Hello. I read your twelve papers this morning. **What would you like to know?**", null, "closed"),
    said("n1", "Which of them disagree?"),
    text("x2", "Two do: Okafor and Lindqvist find that partial results halve abandonment, Marchetti finds no such effect for tasks under four seconds.", null, "closed"),
    said("n2", "Could it be the tasks?"), text("x3", "It could. Marchetti’s tasks were "),
  ], { title: "Talk to the review", can_send: true, can_pause: false, budget: null, cost: null }),
  hungUp: run("finished", [text("x1", "Goodbye.", null, "closed")], { can_send: false }),
  /** Errors after which the run goes on. */
  stumbles: run("streaming", [
    step("s1", "Reading 12 papers", "running", 0.4, null),
    goesOn("e1", "One search failed: 503 Service Unavailable after 3 attempts", { step_id: "s1", hint: "The other eleven go on; ask for this one again later." }),
    goesOn("e2", "Future 7 failed: ValueError: no abstract", { error_type: "ValueError", detail: 'Traceback (most recent call last):\n  File "<cell 4>", line 7, in read\nValueError: no abstract' }),
    goesOn("e3", "The stream has bytes that are not valid in its character encoding, first at byte offset 1,204; each is shown as U+FFFD.", { fault: "decode", error_type: "DecodeError" }),
    text("x1", REVIEW.slice(0, 240)),
  ]),
  silent: run("streaming", [...searched, text("x1", REVIEW.slice(0, 200))], { stalled_s: 31.4 }),
  reconnecting: run("reconnecting", [...searched, text("x1", REVIEW.slice(0, 200))], { rev: 9 }),
  board: {
    traits: { _views: [0, 1, 2, 3, 4, 5].map((n) => `IPY_MODEL_run${n}`), title: "Six ways to read 54 papers" },
    members: {
      run0: member(0, "finished", { elapsed_s: 21.4, token_count: 812, cost: 0.004, budget: null }, [text("x1", REVIEW, null, "closed")]),
      run1: member(1, "streaming", { budget: null }, [progress("p", null, "Reading", 31, 54), text("x1", REVIEW)]),
      run2: member(2, "streaming", { elapsed_s: 33, token_count: 402, cost: 0.12, budget: null }, [...searched, progress("p", null, "Reading", 12, 54), text("x1", REVIEW.slice(0, 300))]),
      run3: member(3, "connecting", { token_count: 0, elapsed_s: 0.4, cost: null, budget: null }, []),
      run4: member(4, "failed", { token_count: 96, elapsed_s: 6.1, cost: null, budget: null }, [text("x1", "The", null, "closed"), { id: "e1", kind: "error", step_id: null, fault: "transport", message: "The connection broke.", fatal: true }]),
      run5: member(5, "stopped", { token_count: 230, elapsed_s: 9.6, cost: 0.01, budget: null, stopped_by: { code: "reader" } }, [text("x1", "The", null, "closed")]),
    },
    after: () => new Promise((done) => setTimeout(done, 500)),
  },
};
story.figures.models = {
  stars: { src: "export function mount({ part, el }) { const draw = (p) => (el.textContent = '★'.repeat(p.data.stars) + '☆'.repeat(5 - p.data.stars)); draw(part); return draw; }" },
  broken: { src: "export default () => { throw new Error('no such canvas') }" },
};
