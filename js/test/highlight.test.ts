/** Highlighting gives the code back in tokens, whatever the code, in pieces as in one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "./seeded.ts";
import { highlighter, languageOf } from "../src/highlight/grammars.ts";
import type { HighlightToken } from "../src/highlight/language.ts";

const tokenize = (language: string, code: string): HighlightToken[] | null => highlighter(language)?.(code) ?? null;
import { LANGUAGES } from "../src/highlight/languages.ts";

/** Code with its classes written into it: `⟦keyword:def⟧ f`. */
const ROWS: readonly (readonly [language: string, marked: string])[] = [
  ["python", "⟦builtin:@dataclass⟧(frozen⟦operator:=⟧⟦builtin:True⟧)\n⟦keyword:class⟧ ⟦type:foo⟧(⟦type:Base⟧)⟦operator::⟧"],
  ["py", '⟦string:"""Doc\n"in" here."""⟧\n⟦keyword:def⟧ ⟦function:f⟧() ⟦operator:->⟧ ⟦builtin:str⟧⟦operator::⟧ ⟦comment:# it\'s⟧\n'],
  ["python", "⟦keyword:return⟧ ⟦string:f\"{x!r} it's\"⟧ ⟦operator:+⟧ ⟦string:r'\\d\\''⟧ ⟦keyword:if⟧ a.class ⟦keyword:else⟧ ⟦number:0x1F⟧ ⟦operator:-⟧ ⟦number:1.5e-3⟧"],
  ["python", '⟦string:"not closed⟧\nx ⟦operator:=⟧ ⟦number:1⟧'],
  ["js", '⟦keyword:const⟧ re ⟦operator:=⟧ ⟦string:/a[/]b\\/"/gi⟧, x ⟦operator:=⟧ a ⟦operator:/⟧ b ⟦operator:/⟧ c; ⟦comment:// c⟧'],
  ["js", "⟦keyword:let⟧ s ⟦operator:=⟧ ⟦string:`a ⟧⟦operator:${⟧name ⟦operator:+⟧ ⟦string:`⟧⟦operator:${⟧{a⟦operator::⟧ ⟦number:1⟧}.a⟦operator:}⟧⟦string:`⟧⟦operator:}⟧⟦string: b\n`⟧;"],
  ["jsx", "⟦keyword:return⟧ ⟦keyword:<div⟧ ⟦property:id⟧⟦operator:=⟧⟦string:\"x\"⟧ ⟦property:on⟧⟦operator:={⟧() ⟦operator:=>⟧ ⟦function:go⟧({})⟦operator:}⟧⟦keyword:>⟧it's ⟦operator:{⟧x⟦operator:}⟧ ⟦keyword:<b/>⟧ ⟦keyword:</div>⟧; a ⟦operator:<⟧ b;"],
  ["ts", "⟦keyword:interface⟧ ⟦type:A⟧⟦operator:<⟧T⟦operator:>⟧ { ⟦keyword:readonly⟧ x⟦operator::⟧ ⟦type:string⟧; y⟦operator:?:⟧ ⟦type:Foo⟧ }"],
  ["json", '{⟦property:"a"⟧⟦operator::⟧ [⟦number:1⟧, ⟦operator:-⟧⟦number:2.5e+10⟧, ⟦builtin:true⟧], ⟦property:"b\\"c"⟧⟦operator::⟧⟦string:"d"⟧}'],
  ["bash", "⟦keyword:for⟧ f ⟦keyword:in⟧ *.txt; ⟦keyword:do⟧ ⟦builtin:echo⟧ ⟦string:\"hi $f\"⟧ ⟦operator:|⟧ ⟦function:grep⟧ -v ⟦string:'x'⟧ ⟦operator:>>⟧ out.log; ⟦keyword:done⟧ ⟦comment:# end⟧"],
  ["sh", "A=b C=b#c ⟦function:curl⟧ ⟦string:\"x y\"⟧ a#b ⟦builtin:${HOME:-x}⟧ ⟦builtin:$1⟧ \\\n  -j4\n⟦function:cat⟧ ⟦operator:<<'EOT'⟧\n⟦string:it's \"raw\nEOT⟧\n⟦function:ls⟧"],
  ["sql", "⟦keyword:SELECT⟧ ⟦function:count⟧(⟦operator:*⟧) ⟦keyword:as⟧ n, ⟦string:'it''s'⟧ ⟦keyword:From⟧ ⟦string:\"t\"⟧ ⟦comment:-- c⟧\n⟦comment:/* b */⟧"],
  ["html", "⟦keyword:<!DOCTYPE⟧ ⟦property:html⟧⟦keyword:>⟧⟦comment:<!-- c\n -->⟧⟦keyword:<a⟧ ⟦property:href⟧⟦operator:=⟧⟦string:\"x>\"⟧ ⟦property:b⟧⟦operator:=⟧⟦string:1⟧⟦keyword:>⟧it's ⟦builtin:&amp;⟧ x⟦keyword:</a><br/>⟧"],
  ["html", "⟦keyword:<script>⟧⟦keyword:let⟧ x ⟦operator:=⟧ ⟦string:\"</b>\"⟧;⟦keyword:</SCRIPT><style>⟧⟦type:p⟧ { ⟦property:top⟧⟦operator::⟧ ⟦number:-1.5em⟧ }⟦keyword:</style>⟧"],
  ["xml", "⟦keyword:<?xml⟧ ⟦property:version⟧⟦operator:=⟧⟦string:'1'⟧⟦keyword:?>⟧⟦string:<![CDATA[ <x> ]]>⟧⟦keyword:<y/>⟧"],
  ["css", "⟦type:h1⟧, ⟦type:.a⟧ ⟦type:#b⟧⟦operator::⟧⟦type:hover⟧ { ⟦property:color⟧⟦operator::⟧ ⟦function:rgb⟧(⟦number:1⟧ ⟦operator:/⟧ ⟦number:50%⟧); ⟦property:--x⟧⟦operator::⟧ ⟦number:#fff⟧ }"],
  ["yaml", "⟦property:key⟧⟦operator::⟧ it's a \"test\" ⟦comment:# c⟧\n- ⟦property:url⟧⟦operator::⟧ [⟦string:'b'⟧, ⟦string:\"c: d\"⟧, ⟦number:-1⟧]\n  ⟦property:t⟧⟦operator::⟧ ⟦operator:|⟧\n⟦string:    it's\n\n     x: y\n⟧  ⟦property:b⟧⟦operator::⟧ ⟦builtin:true⟧"],
  ["toml", '⟦type:[a.b]⟧\n⟦property:x⟧ ⟦operator:=⟧ { ⟦property:"y"⟧ ⟦operator:=⟧ [⟦number:1⟧, ⟦string:\'c\\\'⟧] } ⟦comment:# d⟧'],
  ["r", "x ⟦operator:<-⟧ ⟦function:is.na⟧(⟦number:2L⟧, ⟦builtin:TRUE⟧) ⟦operator:%>%⟧ y"],
  ["julia", "⟦function:f⟧(x) ⟦operator:=⟧ x' ⟦operator:*⟧ ⟦string:'c'⟧ ⟦comment:#= a #= b =# =#⟧ ⟦builtin:@time⟧ y"],
  ["c", "⟦keyword:#include⟧⟦string: <stdio.h>⟧\n⟦type:int⟧ ⟦function:main⟧() { ⟦type:char⟧ c ⟦operator:=⟧ ⟦string:'\\''⟧; }"],
  ["cpp", '⟦keyword:auto⟧ x ⟦operator:=⟧ ⟦string:R"(a\n"b)"⟧ ⟦operator:+⟧ ⟦string:u8"c"⟧; ⟦builtin:std⟧⟦operator:::⟧move;'],
  ["go", "⟦keyword:func⟧ (s ⟦operator:*⟧⟦type:Server⟧) ⟦function:Run⟧() ⟦type:error⟧ { x ⟦operator::=⟧ ⟦string:`raw \"\\`⟧ }"],
  ["rust", "⟦builtin:#[derive(Debug)]⟧\n⟦keyword:impl⟧⟦operator:<⟧⟦type:'a⟧⟦operator:>⟧ ⟦type:Foo⟧ { ⟦function:println⟧⟦operator:!⟧(⟦string:'c'⟧, ⟦string:'\\''⟧, ⟦string:r#\"a\"b\"#⟧, ⟦number:0⟧..⟦number:10⟧) ⟦comment:/* /* */ */⟧ }"],
  ["java", '⟦keyword:public⟧ ⟦keyword:class⟧ ⟦type:A⟧ { ⟦builtin:@Override⟧ ⟦type:String⟧ ⟦function:x⟧() { ⟦keyword:return⟧ ⟦string:"""\nt "x" """⟧; } }'],
  ["diff", "⟦comment:diff --git a b⟧\n⟦type:@@ -1 +1 @@⟧\n⟦deleted:-old it's⟧\n⟦inserted:+new⟧\n same - x"],
  ["md", "⟦keyword:# Head⟧\nit's ⟦string:`code`⟧ > x\n⟦comment:> quote⟧\n⟦string:```py\nx = 1\n```⟧"],
  ["text", "it's \"anything\" # at all"],
  ["c#", '⟦keyword:var⟧ s ⟦operator:=⟧ ⟦operator:$⟧⟦string:"a {b}"⟧; ⟦comment:// c⟧\n⟦keyword:public⟧ ⟦keyword:class⟧ ⟦type:Point⟧ { ⟦function:Point⟧(⟦type:int⟧ X) {} }'],
  ["kt", '⟦keyword:fun⟧ ⟦function:f⟧() ⟦operator:=⟧ ⟦string:"""a\n"b" """⟧ ⟦comment:/* a /* b */ c */⟧'],
  ["php", '⟦keyword:echo⟧ ⟦string:"a\nb"⟧; ⟦comment:# c⟧\n$x ⟦operator:=⟧ ⟦builtin:null⟧;'],
  ["ruby", "⟦comment:=begin\nit's\n=end⟧\n⟦keyword:def⟧ ⟦function:go⟧(x) ⟦keyword:end⟧ ⟦comment:# c⟧"],
  ["lua", "⟦comment:--[[ a\nb ]]⟧ ⟦keyword:local⟧ x ⟦operator:=⟧ ⟦string:[[raw\n]]⟧ ⟦comment:-- c⟧"],
  ["haskell", "⟦comment:{- a {- b -} c -}⟧ f' x ⟦operator:=⟧ ⟦string:'c'⟧ ⟦comment:-- d⟧"],
  ["matlab", "⟦comment:%{\na\n%}⟧\nx ⟦operator:=⟧ a' ⟦operator:*⟧ ⟦string:'b'⟧; ⟦comment:% c⟧"],
  ["latex", "⟦keyword:\\section⟧{It's} ⟦string:$x^2$⟧ ⟦comment:% c⟧"],
  ["dockerfile", "⟦comment:# c⟧\n⟦keyword:FROM⟧ python:3.12 ⟦keyword:AS⟧ base\n⟦keyword:RUN⟧ pip install ⟦string:\"a\"⟧"],
  ["ps1", "⟦comment:<# a\nb #>⟧ ⟦keyword:if⟧ ($x ⟦keyword:-eq⟧ ⟦builtin:$true⟧) { ⟦function:Get-Item⟧(⟦string:'a'⟧) }"],
];

test("forty languages are known, each by a name of its own", () => {
  const distinct = new Set(Object.values(LANGUAGES));
  assert.ok(distinct.size >= 40, `${distinct.size}`);
});

const marked = (tokens: readonly HighlightToken[]): string =>
  tokens.map(([text, name]) => (name ? `⟦${name.slice(7)}:${text}⟧` : text)).join("");
const plain = (text: string): string => text.replace(/⟦\w+:|⟧/g, "");
const joined = (tokens: readonly HighlightToken[]): string => tokens.map(([text]) => text).join("");

/** Neighbours of one class as one token, as they are in one piece. */
function merged(tokens: readonly HighlightToken[]): HighlightToken[] {
  const out: [string, HighlightToken[1]][] = [];
  for (const [text, name] of tokens) {
    if (out.at(-1)?.[1] === name) out.at(-1)![0] += text;
    else out.push([text, name]);
  }
  return out;
}

for (const [language, row] of ROWS) {
  test(`${language}: ${row.slice(0, 50).replace(/\n/g, "⏎")}`, () => {
    assert.equal(marked(tokenize(language, plain(row))!), row);
  });
}

test("a hole may begin a piece", () => {
  const scan = highlighter("js")!;
  assert.equal(marked([...scan("`\n"), ...scan("${a}`")]), "⟦string:`\n⟧⟦operator:${⟧a⟦operator:}⟧⟦string:`⟧");
});

test("an unknown language gives null, and names that an object has by itself are unknown", () => {
  for (const name of ["klingon", "", "__proto__", "constructor", "toString"]) {
    assert.equal(tokenize(name, "x"), null);
    assert.equal(languageOf(name), null);
  }
});

test("the name of a language may be in capitals", () => assert.equal(languageOf("C++"), "cpp"));

const SCRAPS = [
  ..."\"'`\\/*<>{}[]()#@$-=:|.&\n\n ",
  "${", "/*", "*/", "<!--", "-->", "<a", "</a>", "<script>", "</script>", "<<X\n", "X\n", "'''", '"""', "r#\"", "#=", "a: |\n", "é", "😀", "if", "class", "0x", "1e+",
];
const languages = fc.constantFrom(...Object.keys(LANGUAGES));
const code = fc.array(fc.constantFrom(...SCRAPS), { maxLength: 60 }).map((scraps) => scraps.join(""));

test("the texts of the tokens, joined, are the code", () => {
  fc.assert(fc.property(languages, code, (name, text) => joined(tokenize(name, text)!) === text), { numRuns: 5000 });
});

test("code in pieces that end at line ends has the tokens of the code in one piece", () => {
  fc.assert(
    fc.property(languages, code, fc.infiniteStream(fc.boolean()), (name, text, cut) => {
      const pieces = text.split(/(?<=\n)/).reduce<string[]>((all, line) => {
        if (all.length > 0 && !cut.next().value) all.push(all.pop()! + line);
        else all.push(line);
        return all;
      }, []);
      const scan = highlighter(name)!;
      assert.deepEqual(merged(pieces.flatMap((piece) => scan(piece))), merged(tokenize(name, text)!));
    }),
    { numRuns: 5000 },
  );
});

const FLOODS = [
  "(", "{", "}", "[", "<", "<a ", "<a>", "</", "/", "= /", "\\", "'", '"', "`", "`${", "${", "#", "#=", "/*", "'''", "r#", "a ", "a  ".padEnd(50), "@a", "$", "&", "&a", "<!--", "<script>", "<<A", "<<A\n", "a: |\n", "|", "0x", "1e", "1.", "-", "\n", "[/", "<a b=", "😀",
];

/** Milliseconds of CPU time: others may use the machine too. */
function time(name: string, text: string): number {
  const began = process.cpuUsage();
  tokenize(name, text);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

/** Whether `text` sixteen times takes about sixteen times as long; squared it would be 256 times. */
const isLinear = (name: string, text: string): boolean =>
  [1, 2, 3, 4, 5].some(() => time(name, text.repeat(16)) < 10 + 80 * time(name, text));

test("the time is linear in the length of the code, whatever floods it", () => {
  for (const name of ["python", "tsx", "shell", "html", "css", "yaml", "rust", "julia", "markdown", "toml", "haskell", "latex", "ruby"]) {
    for (const scrap of FLOODS) {
      const text = scrap.repeat(Math.ceil(1000 / scrap.length));
      assert.ok(isLinear(name, text), `${name}, ${JSON.stringify(scrap)}`);
    }
  }
});

test("a docstring that goes on over the border of two boxes stays a string in the second", () => {
  const highlight = highlighter("python")!;
  highlight('def f():\n    """one\n');
  const [first] = highlight('    two is not code\n    """\n    return 1\n');
  assert.match(String(first?.[1]), /string|comment/);
});
