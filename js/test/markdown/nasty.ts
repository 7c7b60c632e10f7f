/** Documents that have broken incremental renderers, ours among them. */

const lines = (count: number, line: (at: number) => string): string => Array.from({ length: count }, (_, at) => line(at)).join("\n");

export const NASTY: readonly string[] = [
  "- a\n\n- b\n- c\n\n\n  d\n",
  "Title\n-\n- item\n-\n\n  after an empty item\n",
  "```js\nlet a = `x`;\n``\n~~~\n````\nafter\n",
  "> quote\nlazy\n> - list\n> lazy too\n\n> ```\n> code\nout\n",
  "| a | b |\n|---|:-:|\n| 1 | 2 |\n| `x|y` | z \\| w |\ntext\n\nafter\n",
  "| a | b |\n|---|\nno table\n\nx | y\n--|--\n1 | 2 | 3\n> quote\n",
  "[a] [b][c] [d]\n\n- [a]\n\n[a]: /1\n[b]: /2 'two\nlines'\n[c]: /3\n[d]:\n/4\n",
  "[x]: /first\n[x]: /second\n===\n[x]\n---\n",
  "text[^1] and[^b] and[^none]\n\n[^b]: second\n\n    more\n\n[^1]: first [^b]\n",
  "**bold *both* `code ** `** *a **b* c** ~~d ~e~~ f~\n",
  "a `b `` c ` d `` e ``` f\n`g\n\nh` i\n",
  "costs $5 and $10, but $x^2$ and $$y$$ and \\(z\\) \\[w\\] $a\n\n$$\n\\int x\n$$\n\n$$\nnever closed\n\nafter\n",
  "https://example.com/a_(b)?x=*y* www.example.com. foo@example.com, <https://x.y> [t](https://z.w)\n",
  "1. one\n2. two\n   3. three\n\n      four\n7) seven\n\n    code\n",
  "\tcode\n \ttabs\n-\ttab item\n\n\tin item\n>\t\tquoted code\n",
  "a\r\nb\rc\r\n\r\n- d\r\n  e\r",
  "- [ ] open\n- [x] done\n- [X]\n- [ ]\n  text\n1. [x] one\n",
  "![a *b* ![c](d)](e \"f\") ![x][y]\n\n[y]: data:image/png;base64,AAAA\n",
  "<div>\n*a*\n</div>\n<!-- x\n\ny -->\n&amp; &copy; &notit; &#0; &#x1F600; &nbsp;x\n",
  "a  \nb\\\nc \n d\n# h #\n## \n#\n###### x ######  #\n####### y\n",
  `${">".repeat(120)} deep\n${"- ".repeat(120)}deep\n`,
  `${"[".repeat(300)}a${"]".repeat(300)}(b)\n${"*a ".repeat(100)}${"b* ".repeat(100)}\n`,
  lines(130, (at) => `${at % 7 === 0 ? "" : "- "}item ${at}${at % 31 === 0 ? "\n" : ""}`),
  `| n | sq |\n|--|--:|\n${lines(230, (at) => `| ${at} | *${at * at}* |`)}\n`,
  `\`\`\`\n${lines(170, (at) => `line ${at}`)}\n\`\`\`\n`,
  lines(60, (at) => `A line of *one* very long paragraph, number ${at}, with [a link](/x${at}) in \`it\`.`),
  `${"word ".repeat(2500)}**bold** ${"word ".repeat(300)}\`open ${"word ".repeat(400)}\n`,
];
