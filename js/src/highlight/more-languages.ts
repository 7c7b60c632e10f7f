/** Less common languages, in the format of `tables.ts`. */

import type { Language, Region } from "./language.ts";

const line = (open: string, at?: Region["at"]): Region => ({ open, close: "", is: "comment", ...(at && { at }) });
const block = (open: string, close: string, nests = false): Region => ({ open, close, is: "comment", lines: true, nests });
const quoted = (quote: string, more: Partial<Region> = {}): Region => ({ open: quote, close: quote, is: "string", escapes: true, ...more });
const LINES = { lines: true };
const PLAIN = { escapes: false };

const C_COMMENTS = [line("//"), block("/*", "*/")];
const NESTED_COMMENTS = [line("//"), block("/*", "*/", true)];
const STRINGS = [quoted('"'), quoted("'")];
const LISP: Language = {
  regions: [block("#|", "|#", true), line(";"), quoted('"', LINES)],
  keywords: "def defn defmacro defmethod defmulti defprotocol defrecord defun defvar defparameter define lambda fn let letrec if cond case when unless do loop recur progn begin quote ns require import in-ns setq",
  builtins: "nil true false t",
  inWords: "-?!*+/<>=:.&%",
};
const ML_WORDS =
  "and as assert begin class constraint do done downto else end exception external for fun function functor if in include inherit initializer lazy let match method module mutable new object of open or private rec sig struct then to try type val virtual when while with";

export const MORE_LANGUAGES: { readonly [name: string]: Language } = {
  csharp: {
    regions: [...C_COMMENTS, quoted('"""', LINES), ...STRINGS],
    keywords:
      "abstract as async await base break case catch checked class const continue default delegate do else enum event explicit extern finally fixed for foreach get goto if implicit in init interface internal is lock namespace new operator out override params partial private protected public readonly record ref return sealed set sizeof stackalloc static struct switch this throw try typeof unchecked unsafe using var virtual volatile when where while with yield",
    builtins: "true false null value",
    types: "bool byte char decimal double dynamic float int long object sbyte short string uint ulong ushort void",
    names: true,
    traits: ["directives"],
  },
  kotlin: {
    regions: [...NESTED_COMMENTS, quoted('"""', LINES), ...STRINGS],
    keywords:
      "abstract as break by catch class companion const continue crossinline data do else enum expect external final finally for fun if import in infix init inline inner interface internal is lateinit object open operator out override package private protected public reified return sealed suspend tailrec throw try typealias val var vararg when where while",
    builtins: "true false null this super it",
    names: true,
    traits: ["at-rules"],
  },
  scala: {
    regions: [...NESTED_COMMENTS, quoted('"""', LINES), ...STRINGS],
    keywords:
      "abstract case catch class def derives do else end enum export extends extension final finally for given if implicit import inline lazy match new object opaque open override package private protected return sealed super then this throw trait try type using val var while with yield",
    builtins: "true false null",
    names: true,
    traits: ["at-rules"],
  },
  swift: {
    regions: [...NESTED_COMMENTS, quoted('"""', LINES), ...STRINGS],
    keywords:
      "actor as associatedtype async await break case catch class continue default defer deinit do else enum extension fallthrough fileprivate final for func get guard if import in indirect init inout internal is lazy let mutating nonisolated open operator override private protocol public repeat required rethrows return set some static struct subscript switch throw throws try typealias var weak where while",
    builtins: "true false nil self Self super",
    types: "Any Bool Character Double Float Int String Void UInt",
    names: true,
    traits: ["at-rules", "directives"],
  },
  dart: {
    regions: [...NESTED_COMMENTS, quoted('"""', LINES), quoted("'''", LINES), ...STRINGS],
    keywords:
      "abstract as assert async await base break case catch class const continue covariant default deferred do dynamic else enum export extends extension external factory final finally for get if implements import in interface is late library mixin new on operator part required rethrow return sealed set show static super switch sync this throw try typedef var when while with yield",
    builtins: "true false null",
    types: "bool double int num void String List Map Set Future Stream",
    prefixes: "r",
    names: true,
    traits: ["at-rules"],
  },
  php: {
    regions: [...C_COMMENTS, line("#", "space"), quoted('"', LINES), quoted("'", LINES)],
    keywords:
      "abstract and as break callable case catch class clone const continue declare default do echo else elseif enum extends final finally fn for foreach function global goto if implements include include_once instanceof insteadof interface match namespace new or print private protected public readonly require require_once return static switch throw trait try use var while xor yield",
    builtins: "true false null self parent this isset unset empty array list",
    types: "bool float int iterable mixed never object string void",
    inWords: "$",
    names: true,
  },
  ruby: {
    regions: [{ open: "=begin", close: "=end", is: "comment", lines: true, at: "column0" }, line("#"), quoted('"', LINES), quoted("'", LINES), quoted("`", LINES)],
    keywords:
      "alias and begin break case class def defined? do else elsif end ensure extend for if in include module next not or redo require require_relative rescue retry return then undef unless until when while yield attr_accessor attr_reader attr_writer private protected public raise lambda proc",
    builtins: "true false nil self super puts print",
    inWords: "?!@$",
    names: true,
  },
  perl: {
    regions: [{ open: "=pod", close: "=cut", is: "comment", lines: true, at: "column0" }, line("#", "space"), quoted('"', LINES), quoted("'", LINES), quoted("`", LINES)],
    keywords: "and cmp continue do else elsif eq for foreach ge given gt if last le local lt my ne next no not or our package redo require return say state sub unless until use when while xor",
    builtins: "die print printf push pop shift unshift split join keys values defined ref bless open close chomp map grep sort undef wantarray",
    inWords: "$@%",
    names: true,
  },
  lua: {
    regions: [block("--[[", "]]"), line("--"), { open: "[[", close: "]]", is: "string", lines: true }, ...STRINGS],
    keywords: "and break do else elseif end for function goto if in local not or repeat return then until while",
    builtins: "true false nil self print pairs ipairs require string table math io os",
    names: true,
  },
  haskell: {
    regions: [block("{-", "-}", true), line("--"), quoted('"'), quoted("'", { at: "operator" })],
    keywords: "case class data default deriving do else family forall foreign if import in infix infixl infixr instance let module newtype of qualified then type where",
    builtins: "True False Nothing Just Left Right otherwise return pure",
    inWords: "'",
    names: true,
  },
  elixir: {
    regions: [line("#"), quoted('"""', LINES), quoted("'''", LINES), quoted('"', LINES), quoted("'", LINES)],
    keywords: "after alias and case catch cond def defmacro defmodule defp defprotocol defstruct defimpl do else end fn for if import in not or quote raise receive require rescue try unless unquote use when with",
    builtins: "true false nil self",
    inWords: "?!",
    names: true,
    traits: ["at-rules"],
  },
  erlang: {
    regions: [line("%"), quoted('"', LINES), quoted("'")],
    keywords: "after and andalso begin band bnot bor bsl bsr bxor case catch div end fun if maybe not of or orelse receive rem try when xor",
    builtins: "true false undefined ok error",
    names: true,
  },
  clojure: LISP,
  ocaml: {
    regions: [block("(*", "*)", true), quoted('"', LINES), quoted("'", { at: "operator" })],
    keywords: ML_WORDS,
    builtins: "true false None Some",
    types: "bool char float int list option string unit array",
    inWords: "'",
    names: true,
  },
  fsharp: {
    regions: [block("(*", "*)", true), line("//"), quoted('"""', LINES), quoted('"', LINES), quoted("'", { at: "operator" })],
    keywords: `${ML_WORDS} abstract async default elif finally inline interface internal member namespace null override return static use yield`,
    builtins: "true false None Some Ok Error",
    types: "bool char float int list option string unit array seq",
    inWords: "'",
    names: true,
  },
  matlab: {
    regions: [block("%{", "%}"), line("%"), line("#"), quoted('"', PLAIN), quoted("'", { escapes: false, at: "operator" })],
    keywords: "break case catch classdef continue else elseif end endfunction endif endfor endwhile enumeration events for function global if methods otherwise parfor persistent properties return spmd switch try until while",
    builtins: "true false pi inf Inf nan NaN eps ans zeros ones size length numel disp fprintf",
    names: true,
  },
  fortran: {
    regions: [line("!"), quoted('"', PLAIN), quoted("'", PLAIN)],
    keywords:
      "allocatable allocate associate block call case class close contains continue cycle deallocate do else elseif end enddo endif exit forall function goto if implicit in inout intent interface intrinsic module none only open optional out parameter pointer print private procedure program public pure read recursive result return save select stop subroutine then use where while write",
    types: "character complex double integer logical precision real type",
    caseless: true,
    names: true,
  },
  pascal: {
    regions: [block("{", "}"), block("(*", "*)"), line("//"), quoted("'", PLAIN)],
    keywords:
      "and array as begin case class const constructor destructor div do downto else end except finally for function goto if implementation in inherited interface is mod nil not of on or overload override packed private procedure program property protected public published raise record repeat set shl shr then threadvar to try type unit until uses var virtual while with xor",
    builtins: "true false result self",
    types: "boolean byte char double extended int64 integer longint pchar real shortint single string word",
    caseless: true,
    names: true,
  },
  vb: {
    regions: [line("'"), quoted('"', PLAIN)],
    keywords:
      "addhandler and andalso as byref byval case catch class const continue declare default delegate dim do each else elseif end enum event exit finally for friend function get handles if implements imports in inherits interface is isnot let lib like loop me mod module mustinherit mybase namespace new next not of on option optional or orelse overloads overridable overrides paramarray private property protected public raiseevent readonly redim rem resume return select set shared sub structure then throw to try using wend when while with withevents xor",
    builtins: "true false nothing",
    types: "boolean byte char date decimal double integer long object short single string variant",
    caseless: true,
    names: true,
  },
  latex: {
    regions: [line("%"), { open: "$$", close: "$$", is: "string", lines: true, escapes: true }, quoted("$")],
    inWords: "\\@",
    keywords:
      "\\begin \\end \\section \\subsection \\subsubsection \\chapter \\paragraph \\documentclass \\usepackage \\newcommand \\renewcommand \\title \\author \\maketitle \\item \\label \\ref \\cite \\caption \\includegraphics \\input \\include \\textbf \\textit \\emph \\footnote \\bibliography \\frac \\sum \\int",
  },
  powershell: {
    regions: [block("<#", "#>"), line("#"), { open: '@"', close: '"@', is: "string", lines: true }, { open: "@'", close: "'@", is: "string", lines: true }, quoted('"', LINES), quoted("'", { lines: true, escapes: false })],
    keywords: "begin break catch class continue data do dynamicparam else elseif end enum exit filter finally for foreach from function if in param process return switch throw trap try until using while -eq -ne -gt -lt -ge -le -like -match -and -or -not",
    builtins: "$true $false $null $_",
    inWords: "-$:",
    caseless: true,
    names: true,
  },
  dockerfile: {
    regions: [line("#", "line"), ...STRINGS],
    keywords: "add arg as cmd copy entrypoint env expose from healthcheck label maintainer onbuild run shell stopsignal user volume workdir",
    inWords: "-./:=$",
    caseless: true,
  },
  makefile: {
    regions: [line("#"), ...STRINGS],
    keywords: "define endef else endif export ifdef ifeq ifndef ifneq include override unexport vpath .PHONY .DEFAULT_GOAL",
    builtins: "$@ $< $^ $? $*",
    inWords: "-./$@<^?*%",
    key: "=",
  },
  cmake: {
    regions: [block("#[[", "]]"), line("#"), quoted('"', LINES)],
    keywords: "if elseif else endif foreach endforeach while endwhile function endfunction macro endmacro return break continue include find_package add_executable add_library add_subdirectory target_link_libraries target_include_directories set option project cmake_minimum_required message install",
    builtins: "on off true false not and or strequal version public private interface required",
    caseless: true,
    names: true,
  },
  graphql: {
    regions: [line("#"), quoted('"""', LINES), quoted('"')],
    keywords: "directive enum extend fragment implements input interface mutation on query repeatable scalar schema subscription type union",
    builtins: "true false null",
    types: "Boolean Float ID Int String",
    inWords: "$",
    key: ":",
    names: true,
    traits: ["at-rules"],
  },
  protobuf: {
    regions: [...C_COMMENTS, ...STRINGS],
    keywords: "edition enum extend extensions group import map max message oneof option optional package public repeated required reserved returns rpc service stream syntax to weak",
    builtins: "true false",
    types: "bool bytes double fixed32 fixed64 float int32 int64 sfixed32 sfixed64 sint32 sint64 string uint32 uint64",
    names: true,
  },
  hcl: {
    regions: [...C_COMMENTS, line("#"), ...STRINGS],
    keywords: "data dynamic for if in locals module moved output provider resource terraform variable",
    builtins: "true false null each local var path self",
    inWords: "-",
    key: "=",
    names: true,
  },
  nginx: {
    regions: [line("#"), ...STRINGS],
    keywords: "events http server location upstream if set return rewrite listen server_name root index proxy_pass proxy_set_header proxy_buffering include map add_header ssl_certificate ssl_certificate_key try_files",
    builtins: "on off",
    inWords: "-$./",
  },
  groovy: {
    regions: [...C_COMMENTS, quoted('"""', LINES), quoted("'''", LINES), ...STRINGS],
    keywords:
      "abstract as assert break case catch class continue def default do else enum extends final finally for goto if implements import in instanceof interface new package private protected public return static super switch this throw throws trait try var void while",
    builtins: "true false null it",
    types: "boolean byte char double float int long short String",
    names: true,
    traits: ["at-rules"],
  },
};

/** Aliases, by the name in `MORE_LANGUAGES`. */
export const MORE_ALIASES = `csharp cs c#
kotlin kt kts
scala sc
ruby rb
perl pl
haskell hs
elixir ex exs
erlang erl
clojure clj cljs lisp scheme elisp racket
ocaml ml
fsharp fs f#
matlab octave
fortran f90 f95 f77
pascal delphi
vb vbnet vba basic
latex tex bibtex
powershell ps1 pwsh ps
dockerfile docker
makefile make mk
graphql gql
protobuf proto
hcl terraform tf
groovy gradle jenkinsfile`;
