/**
 * The examples of the GFM specification's extensions (0.29-gfm): tables, task list items,
 * strikethrough, autolinks. One differs: `ftp://` is no address that we link.
 */

interface Case {
  readonly markdown: string;
  readonly html: string;
}

const example = (markdown: string, html: string): Case => ({ markdown, html });

const TABLES: readonly Case[] = [
  example(
    "| foo | bar |\n| --- | --- |\n| baz | bim |\n",
    "<table><thead><tr><th>foo</th><th>bar</th></tr></thead><tbody><tr><td>baz</td><td>bim</td></tr></tbody></table>",
  ),
  example(
    "| abc | defghi |\n:-: | -----------:\nbar | baz\n",
    '<table><thead><tr><th align="center">abc</th><th align="right">defghi</th></tr></thead><tbody><tr><td align="center">bar</td><td align="right">baz</td></tr></tbody></table>',
  ),
  example(
    "| f\\|oo  |\n| ------ |\n| b `\\|` az |\n| b **\\|** im |\n",
    "<table><thead><tr><th>f|oo</th></tr></thead><tbody><tr><td>b <code>|</code> az</td></tr><tr><td>b <strong>|</strong> im</td></tr></tbody></table>",
  ),
  example(
    "| abc | def |\n| --- | --- |\n| bar | baz |\n> bar\n",
    "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td>baz</td></tr></tbody></table><blockquote><p>bar</p></blockquote>",
  ),
  example(
    "| abc | def |\n| --- | --- |\n| bar | baz |\nbar\n\nbar\n",
    "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td>baz</td></tr><tr><td>bar</td><td></td></tr></tbody></table><p>bar</p>",
  ),
  example("| abc | def |\n| --- |\n| bar |\n", "<p>| abc | def |\n| --- |\n| bar |</p>"),
  example(
    "| abc | def |\n| --- | --- |\n| bar |\n| bar | baz | boo |\n",
    "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td></td></tr><tr><td>bar</td><td>baz</td></tr></tbody></table>",
  ),
  example("| abc | def |\n| --- | --- |\n", "<table><thead><tr><th>abc</th><th>def</th></tr></thead></table>"),
];

const TASKS: readonly Case[] = [
  example(
    "- [ ] foo\n- [x] bar\n",
    '<ul><li><input disabled="" type="checkbox"> foo</li><li><input checked="" disabled="" type="checkbox"> bar</li></ul>',
  ),
  example(
    "- [x] foo\n  - [ ] bar\n  - [x] baz\n- [ ] bim\n",
    '<ul><li><input checked="" disabled="" type="checkbox"> foo<ul><li><input disabled="" type="checkbox"> bar</li><li><input checked="" disabled="" type="checkbox"> baz</li></ul></li><li><input disabled="" type="checkbox"> bim</li></ul>',
  ),
];

const STRIKETHROUGH: readonly Case[] = [
  example("~~Hi~~ Hello, ~there~ world!\n", "<p><del>Hi</del> Hello, ~there~ world!</p>"),
  example("This ~~has a\n\nnew paragraph~~.\n", "<p>This ~~has a</p><p>new paragraph~~.</p>"),
  example("This will ~~~not~~~ strike.\n", "<p>This will ~~~not~~~ strike.</p>"),
];

const link = (shown: string, href = shown): string => `<a href="${href}">${shown}</a>`;

const AUTOLINKS: readonly Case[] = [
  example("www.commonmark.org\n", `<p>${link("www.commonmark.org", "http://www.commonmark.org")}</p>`),
  example(
    "Visit www.commonmark.org/help for more information.\n",
    `<p>Visit ${link("www.commonmark.org/help", "http://www.commonmark.org/help")} for more information.</p>`,
  ),
  example(
    "Visit www.commonmark.org.\n\nVisit www.commonmark.org/a.b.\n",
    `<p>Visit ${link("www.commonmark.org", "http://www.commonmark.org")}.</p><p>Visit ${link("www.commonmark.org/a.b", "http://www.commonmark.org/a.b")}.</p>`,
  ),
  example(
    "www.google.com/search?q=Markup+(business)\n\nwww.google.com/search?q=Markup+(business)))\n\n(www.google.com/search?q=Markup+(business))\n\n(www.google.com/search?q=Markup+(business)\n",
    [
      link("www.google.com/search?q=Markup+(business)", "http://www.google.com/search?q=Markup+(business)"),
      `${link("www.google.com/search?q=Markup+(business)", "http://www.google.com/search?q=Markup+(business)")}))`,
      `(${link("www.google.com/search?q=Markup+(business)", "http://www.google.com/search?q=Markup+(business)")})`,
      `(${link("www.google.com/search?q=Markup+(business)", "http://www.google.com/search?q=Markup+(business)")}`,
    ]
      .map((text) => `<p>${text}</p>`)
      .join(""),
  ),
  example(
    "www.google.com/search?q=(business))+ok\n",
    `<p>${link("www.google.com/search?q=(business))+ok", "http://www.google.com/search?q=(business))+ok")}</p>`,
  ),
  example(
    "www.google.com/search?q=commonmark&hl=en\n\nwww.google.com/search?q=commonmark&hl;\n",
    `<p>${link("www.google.com/search?q=commonmark&amp;hl=en", "http://www.google.com/search?q=commonmark&amp;hl=en")}</p><p>${link("www.google.com/search?q=commonmark", "http://www.google.com/search?q=commonmark")}&amp;hl;</p>`,
  ),
  example("www.commonmark.org/he<lp\n", `<p>${link("www.commonmark.org/he", "http://www.commonmark.org/he")}&lt;lp</p>`),
  example(
    "http://commonmark.org\n\n(Visit https://encrypted.google.com/search?q=Markup+(business))\n",
    `<p>${link("http://commonmark.org")}</p><p>(Visit ${link("https://encrypted.google.com/search?q=Markup+(business)")})</p>`,
  ),
  example("Anonymous FTP is available at ftp://foo.bar.baz.\n", "<p>Anonymous FTP is available at ftp://foo.bar.baz.</p>"),
  example("foo@bar.baz\n", `<p>${link("foo@bar.baz", "mailto:foo@bar.baz")}</p>`),
  example(
    "hello@mail+xyz.example isn't valid, but hello+xyz@mail.example is.\n",
    `<p>hello@mail+xyz.example isn't valid, but ${link("hello+xyz@mail.example", "mailto:hello+xyz@mail.example")} is.</p>`,
  ),
  example(
    "a.b-c_d@a.b\n\na.b-c_d@a.b.\n\na.b-c_d@a.b-\n\na.b-c_d@a.b_\n",
    `<p>${link("a.b-c_d@a.b", "mailto:a.b-c_d@a.b")}</p><p>${link("a.b-c_d@a.b", "mailto:a.b-c_d@a.b")}.</p><p>a.b-c_d@a.b-</p><p>a.b-c_d@a.b_</p>`,
  ),
];

export const GFM: readonly Case[] = [...TABLES, ...TASKS, ...STRIKETHROUGH, ...AUTOLINKS];
