/** The documents of the benchmark; the same text each time. */

let state = 1;
const next = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 4294967296;
};
const pick = (list) => list[Math.floor(next() * list.length)];
const WORDS =
  "the margin of services grew faster than revenue while inventory fell and guidance for next year stays cautious because order books thin out in Europe 売上高は 前年比で 増加した 📈 cash conversion improved".split(" ");
const words = (count) => Array.from({ length: count }, () => pick(WORDS)).join(" ");

function sentence(at) {
  const forms = [
    () => `${words(9)} **${words(3)}** ${words(6)}.`,
    () => `${words(6)} [${words(2)}](https://example.com/${at}/filing?q=${at}) ${words(7)}.`,
    () => `${words(7)} \`df["${pick(WORDS)}"]\` ${words(5)}, see [${words(2)}][r${at % 20}].`,
    () => `*${words(4)}* ${words(9)} $x_${at % 9}^2 + y$ ${words(4)}.`,
    () => `${words(14)}.`,
  ];
  return pick(forms)();
}
const paragraph = (at) => Array.from({ length: 3 + Math.floor(next() * 4) }, (_, n) => sentence(at + n)).join(" ");
const list = (at) =>
  Array.from({ length: 6 }, (_, n) => `${pick(["-", "-", "  -"])} ${sentence(at + n)}`).join("\n");
const ordered = (at) => Array.from({ length: 4 }, (_, n) => `${n + 1}. ${sentence(at + n)}\n\n   ${words(12)}.`).join("\n\n");
const table = (at) =>
  `| Segment | 2024 | 2025 | Comment |\n|---|--:|--:|---|\n${Array.from({ length: 12 }, (_, n) => `| ${pick(WORDS)} | ${at + n} | **${at * n}** | ${words(4)} |`).join("\n")}`;
const code = (at) =>
  `\`\`\`python\n${Array.from({ length: 14 }, (_, n) => `value_${n} = compute(frame, ${at + n})  # ${words(3)}`).join("\n")}\n\`\`\``;
const quote = (at) => `> ${sentence(at)}\n> ${sentence(at + 1)}`;

/** An analyst's report of about `chars` characters; the definitions of its links come at its end. */
export function report(chars) {
  state = 7;
  const blocks = [];
  for (let at = 0, length = 0; length < chars; at += 1) {
    const block = at % 9 === 0 ? `## ${words(4)} ${at}` : pick([paragraph, paragraph, paragraph, list, ordered, table, code, quote, (n) => `$$\n\\int_0^${n} f(x)\\,dx\n$$`])(at);
    blocks.push(block);
    length += block.length + 2;
  }
  for (let n = 0; n < 20; n += 1) blocks.push(`[r${n}]: https://example.org/source/${n} "Source ${n}"`);
  return blocks.join("\n\n");
}

const lines = (count, line) => {
  state = 11;
  return Array.from({ length: count }, (_, at) => line(at)).join("\n");
};

export const documents = {
  "report, 200 kB": () => report(200_000),
  "report, 1 MB": () => report(1_000_000),
  "list, 3,000 items": () => lines(3000, (at) => `- ${words(8)} **${at}** ${words(2)}`),
  "table, 4,000 rows": () =>
    `| id | name | value | note |\n|--:|---|--:|---|\n${lines(4000, (at) => `| ${at} | ${words(2)} | ${at * 7} | ${words(2)} |`)}`,
  "code, 4,000 lines": () => `\`\`\`python\n${lines(4000, (at) => `value_${at} = compute(frame, "${words(2)}", ${at})`)}\n\`\`\``,
  "paragraph, 115 kB": () => {
    state = 13;
    let text = "";
    for (let at = 0; text.length < 115_000; at += 1) text += `${sentence(at)} `;
    return text;
  },
};
