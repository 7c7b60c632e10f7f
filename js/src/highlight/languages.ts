/** The known languages and their names. */

import type { Language, Region } from "./language.ts";
import { MORE_ALIASES, MORE_LANGUAGES } from "./more-languages.ts";

const line = (open: string, at?: Region["at"]): Region => ({ open, close: "", is: "comment", ...(at && { at }) });
const block = (open: string, close: string, nests = false): Region => ({
  open, close, is: "comment", lines: true, nests,
});
const quoted = (quote: string, more: Partial<Region> = {}): Region => ({
  open: quote, close: quote, is: "string", escapes: true, ...more,
});
const LINES = { lines: true };
const RAW = { lines: true, escapes: false };

const C_COMMENTS = [line("//"), block("/*", "*/")];
const C_STRINGS = [quoted('"'), quoted("'")];
const C_FLOW = "break case continue default do else for goto if return switch while";
const OBJECTS = "class extends final implements import interface new package private protected public static throw try catch finally";
const BASICS = "bool boolean byte char double float int long short void";
const SCRIPT_WORDS =
  `${C_FLOW} async await catch class const debugger delete export extends finally from function get import in instanceof let new of set static super this throw try typeof var void with yield`;
const SCRIPT: Language = {
  regions: [...C_COMMENTS, ...C_STRINGS, quoted("`", { lines: true, holes: true })],
  keywords: SCRIPT_WORDS,
  builtins: "true false null undefined NaN Infinity globalThis window document console Array Object Map Set Promise Math JSON Date Error Number String Boolean Symbol RegExp",
  inWords: "$",
  names: true,
  traits: ["regex", "at-rules", "jsx"],
};
const TYPED: Language = {
  ...SCRIPT,
  keywords: `${SCRIPT_WORDS} abstract as asserts declare enum implements infer interface is keyof namespace override private protected public readonly satisfies type`,
  types: "any bigint boolean never number object string symbol unknown",
  traits: ["regex", "at-rules"],
};
const C_WORDS = `${C_FLOW} const enum extern inline register restrict sizeof static struct typedef union volatile`;
const C_TYPES = `${BASICS} signed unsigned size_t ssize_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t`;

export const LANGUAGES: { readonly [name: string]: Language } = {
  python: {
    regions: [line("#"), quoted('"""', LINES), quoted("'''", LINES), ...C_STRINGS],
    keywords:
      "and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield",
    builtins:
      "True False None self cls abs all any bool bytes dict dir enumerate filter float format getattr hasattr input int isinstance iter len list map max min next object open print property range repr reversed round set setattr sorted staticmethod classmethod str sum super tuple type zip",
    prefixes: "rbfuRBFUtT",
    names: true,
    traits: ["at-rules"],
  },
  javascript: SCRIPT,
  typescript: TYPED,
  tsx: { ...TYPED, traits: SCRIPT.traits! },
  json: { regions: [...C_COMMENTS, quoted('"')], builtins: "true false null", key: ":" },
  shell: {
    regions: [line("#", "space"), quoted('"', LINES), quoted("'", RAW), quoted("`", LINES)],
    keywords: "if then elif else fi for while until do done case esac in function select time return break continue exit",
    builtins:
      "alias cd declare echo eval exec export false local printf pwd read readonly set shift source test trap true type umask unset wait",
    inWords: "-./=:~+%@,^*?#",
    traits: ["commands"],
  },
  sql: {
    regions: [line("--"), block("/*", "*/"), quoted("'", RAW), quoted('"', { escapes: false }), quoted("`", { escapes: false })],
    keywords:
      "add all alter analyze and any as asc begin between by cascade case check column commit constraint create cross default delete desc describe distinct drop else end except exists explain fetch filter for foreign from full group having if ilike in index inner insert intersect into is join key lateral left like limit materialized natural not offset on or order outer over partition primary recursive references replace returning right rollback row rows select set some table temporary then to transaction truncate union unique update using values view when where window with",
    builtins: "true false null current_date current_timestamp",
    types: "array bigint blob boolean bytea char date decimal double float int integer interval json jsonb numeric real serial smallint struct text time timestamp timestamptz tinyint uuid varchar",
    caseless: true,
    names: true,
  },
  html: { regions: [block("<!--", "-->")], traits: ["markup", "embeds"] },
  xml: { regions: [block("<!--", "-->"), { open: "<![CDATA[", close: "]]>", is: "string", lines: true }], traits: ["markup"] },
  css: {
    regions: [block("/*", "*/"), ...C_STRINGS],
    builtins: "important inherit initial none unset auto",
    inWords: "-",
    key: ":",
    names: true,
    traits: ["at-rules", "braced-keys"],
  },
  yaml: {
    regions: [line("#", "space"), quoted('"', { at: "operator" }), quoted("'", { at: "operator", escapes: false })],
    builtins: "true false null yes no on off True False Null",
    inWords: "-./#",
    key: ":",
    traits: ["block-scalars"],
  },
  toml: {
    regions: [
      line("#"), { open: "[", close: "]", is: "type", at: "line" },
      quoted('"""', LINES), quoted("'''", RAW), quoted('"'), quoted("'", { escapes: false }),
    ],
    builtins: "true false inf nan",
    inWords: "-.",
    key: "=",
  },
  r: {
    regions: [line("#"), quoted('"', LINES), quoted("'", LINES), quoted("`")],
    keywords: "break else for function if in next repeat return while library require",
    builtins: "TRUE FALSE NULL NA NaN Inf T F",
    inWords: ".",
    names: true,
  },
  julia: {
    regions: [
      block("#=", "=#", true), line("#"), quoted('"""', LINES), quoted('"', LINES), quoted("'", { at: "operator" }), quoted("`"),
    ],
    keywords:
      "abstract baremodule begin break catch const continue do else elseif end export finally for function global if import in isa let local macro module mutable outer primitive quote return struct try using where while",
    builtins: "true false nothing missing pi Inf NaN",
    names: true,
    traits: ["at-rules"],
  },
  java: {
    regions: [...C_COMMENTS, quoted('"""', LINES), ...C_STRINGS],
    keywords: `${C_FLOW} ${OBJECTS} abstract assert enum instanceof native sealed super synchronized this throws transient var volatile yield permits record`,
    builtins: "true false null",
    types: BASICS,
    names: true,
    traits: ["at-rules"],
  },
  c: { regions: [...C_COMMENTS, ...C_STRINGS], keywords: C_WORDS, builtins: "NULL true false", types: C_TYPES, names: true, traits: ["directives"] },
  cpp: {
    regions: [...C_COMMENTS, { open: 'R"(', close: ')"', is: "string", lines: true }, ...C_STRINGS],
    keywords: `${C_WORDS} auto catch class concept consteval constexpr co_await decltype delete explicit export final friend import module mutable namespace new noexcept operator override private protected public requires static_cast template this throw try typeid typename using virtual`,
    builtins: "nullptr NULL true false std",
    types: `${C_TYPES} string vector map wchar_t char8_t char16_t char32_t`,
    prefixes: "LuU8",
    names: true,
    traits: ["directives"],
  },
  go: {
    regions: [...C_COMMENTS, ...C_STRINGS, quoted("`", RAW)],
    keywords: "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var",
    builtins: "true false nil iota append cap clear close copy delete len make max min new panic print println recover",
    types: "any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr",
    names: true,
  },
  rust: {
    regions: [
      line("//"), block("/*", "*/", true), { open: 'r#"', close: '"#', is: "string", lines: true }, { open: 'r"', close: '"', is: "string", lines: true },
      quoted('"', LINES), { open: "#[", close: "]", is: "builtin" }, { open: "#![", close: "]", is: "builtin" },
    ],
    keywords:
      "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return static struct super trait type unsafe use where while",
    builtins: "true false self Self Some None Ok Err",
    types: "bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize",
    prefixes: "bc",
    names: true,
    traits: ["chars", "macros"],
  },
  markdown: {
    regions: [
      { open: "```", close: "```", is: "string", lines: true }, { open: "`", close: "`", is: "string" },
      { open: "#", close: "", is: "keyword", at: "line" }, { open: ">", close: "", is: "comment", at: "line" },
    ],
    traits: ["prose"],
  },
  diff: {
    regions: [
      { open: "+", close: "", is: "inserted", at: "column0" }, { open: "-", close: "", is: "deleted", at: "column0" },
      { open: "@@", close: "", is: "type", at: "column0" }, { open: "diff ", close: "", is: "comment", at: "column0" },
      { open: "index ", close: "", is: "comment", at: "column0" },
    ],
    traits: ["prose"],
  },
  text: { regions: [], traits: ["prose"] },
  ...MORE_LANGUAGES,
};

/** Aliases, by the name in `LANGUAGES`. */
const ALIASES = `python py python3 py3 ipython pycon pyi sage
javascript js jsx mjs cjs node
typescript ts mts cts
json jsonc json5 ndjson jsonl ipynb geojson
shell bash sh zsh ksh fish console shell-session terminal
sql postgresql postgres mysql sqlite plsql tsql bigquery duckdb
html htm vue svelte
xml svg xhtml mathml rss
css scss less
yaml yml
toml ini cfg conf env
r rscript
julia jl
java jsp
c h
cpp c++ cc cxx hpp cuda cu arduino objc objective-c
go golang
rust rs
markdown md mdx rmd
diff patch
text txt plain plaintext none output log
${MORE_ALIASES}`;

/** Every name, in lower case, to the name in `LANGUAGES`. */
export const NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.keys(LANGUAGES).map((name) => [name, name] as const),
  ...ALIASES.split("\n").flatMap((aliases) => {
    const [name, ...others] = aliases.split(" ");
    return others.map((other) => [other, name!] as const);
  }),
]);
