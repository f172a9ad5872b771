"""A page of headings, paragraphs, tables, pictures and listings, as Markdown and as one HTML file that
opens offline.

Text is plain: whatever is in it, it is shown and neither page takes it for markup. Only :class:`Prose` has some.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from landscape.text import visible


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (the page's title) to 3."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Text, of which the beginning can be emphasized.

    Attributes:
        text: what is said.
        emphasized: what stands before it in bold.
    """

    text: str
    emphasized: str = ""


@dataclass(frozen=True)
class Prose:
    """Text with code between backquotes and [links](https://...)."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table whose first column names the rows; the cells of the others are numbers or short text.

    Attributes:
        header: one cell per column.
        rows: their cells.
        caption: what the table shows; may be empty.
        numeric: whether the cells right of the first column are numbers, which stand flush right.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    numeric: bool = True


@dataclass(frozen=True)
class Picture:
    """A PNG picture with its alternative text."""

    path: Path
    text: str


@dataclass(frozen=True)
class Listing:
    """Preformatted text. With a ``title`` it is folded away in HTML."""

    text: str
    language: str = ""
    title: str = ""


Block = Heading | Paragraph | Prose | Table | Picture | Listing


def as_markdown(blocks: Sequence[Block], folder: Path) -> str:
    """The page as Markdown; pictures are linked relative to ``folder``."""
    return "\n\n".join(_markdown(block, folder) for block in blocks) + "\n"


def _markdown(block: Block, folder: Path) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {markdown_text(block.text)}"
    if isinstance(block, Paragraph):
        strong = f"**{markdown_text(block.emphasized)}**" if block.emphasized else ""
        return " ".join(filter(None, (strong, markdown_text(block.text, begins=not strong))))
    if isinstance(block, Prose):
        return _guarded(_prose(block.text, _MARKDOWN))
    if isinstance(block, Picture):
        return f"![{markdown_text(block.text)}]({_relative(block.path, folder)})"
    if isinstance(block, Listing):
        # A fence longer than any in the text cannot be closed by it.
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", block.text)), default=0))
        listing = f"{fence}{block.language}\n{visible(block.text.rstrip(), keep=_LAID_OUT)}\n{fence}"
        return f"{block.title}:\n\n{listing}" if block.title else listing
    align = "---:" if block.numeric else "---"
    lines = [
        _row(block.header),
        f"|---|{'|'.join([align] * (len(block.header) - 1))}|" if len(block.header) > 1 else "|---|",
        *(_row(row) for row in block.rows),
    ]
    table = "\n".join(lines)
    return f"{markdown_text(block.caption)}\n\n{table}" if block.caption else table


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(markdown_text(cell, begins=False) for cell in cells) + " |"


def _relative(path: Path, folder: Path) -> str:
    try:
        return quote(path.resolve().relative_to(folder.resolve()).as_posix())
    except ValueError:
        return path.resolve().as_uri()


def as_html(blocks: Sequence[Block], title: str) -> str:
    """The page as one HTML file: pictures inside, no scripts, nothing loaded from elsewhere."""
    body = "\n".join(_html(block) for block in blocks)
    style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
    return _FRAME.format(title=html_text(title), style=_STYLE, style_hash=style, body=body)


def _html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{html_text(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        strong = f"<strong>{html_text(block.emphasized)}</strong>" if block.emphasized else ""
        return f"<p>{' '.join(filter(None, (strong, html_text(block.text))))}</p>"
    if isinstance(block, Prose):
        return f"<p>{_prose(block.text, _HTML)}</p>"
    if isinstance(block, Picture):
        data = base64.b64encode(block.path.read_bytes()).decode("ascii")
        return f'<figure><img alt="{html_text(block.text)}" src="data:image/png;base64,{data}"></figure>'
    if isinstance(block, Listing):
        text = html.escape(visible(block.text.rstrip(), keep=_LAID_OUT))
        listing = f"<pre><code>{text}</code></pre>"
        return f"<details><summary>{html_text(block.title)}</summary>{listing}</details>" if block.title else listing
    caption = f"<caption>{html_text(block.caption)}</caption>" if block.caption else ""
    head = "".join(f'<th scope="col">{html_text(cell)}</th>' for cell in block.header)
    head = f"<thead><tr>{head}</tr></thead>" if any(block.header) else ""
    rows = "".join(_html_row(row) for row in block.rows)
    kind = "numbers" if block.numeric else "text"
    return f'<div class="table"><table class="{kind}">{caption}{head}<tbody>{rows}</tbody></table></div>'


def _html_row(cells: Sequence[str]) -> str:
    rest = "".join(f"<td>{html_text(cell)}</td>" for cell in cells[1:])
    return f'<tr><th scope="row">{html_text(cells[0])}</th>{rest}</tr>'


#: Controls that lay a listing out.
_LAID_OUT = "\n\t"

_BLANKS = re.compile(r"[ \t\r\n]+")

#: What Markdown takes for code, emphasis, links, tags, entities, mentions, formulas or the border of a cell. An
#: underscore inside a word, a less-than sign before a blank and brackets that end in no link mean nothing.
_MARKS = re.compile(
    r"[\\`*|~@$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|<(?=[A-Za-z/!?])|&(?=#?\w+;)|\](?=[(\[:])|:(?=//)|(?<=www)\."
)

#: What makes a line a heading, a list, a quotation or a rule where it begins.
_BEGINNING = re.compile(r"([#>+=-])|(\d+)([.)])")


def html_text(text: str) -> str:
    """Plain text as it stands in an element of HTML or in an attribute between quotes."""
    return html.escape(_in_a_line(text))


def markdown_text(text: str, *, begins: bool = True) -> str:
    """Plain text as it stands in Markdown.

    Args:
        text: the text.
        begins: whether a line begins with it.
    """
    escaped = _escaped(_in_a_line(text))
    return _guarded(escaped) if begins else escaped


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", text)


def _guarded(line: str) -> str:
    match = _BEGINNING.match(line)
    return f"{match[2] or ''}\\{match[1] or match[3]}{line[match.end() :]}" if match else line


def _in_a_line(text: str) -> str:
    return visible(_BLANKS.sub(" ", text).strip())


@dataclass(frozen=True)
class _Markup:
    """How the parts of prose are written."""

    code: Callable[[str], str]
    link: Callable[[str, str], str]
    text: Callable[[str], str]


_HTML = _Markup(
    code=lambda text: f"<code>{html_text(text)}</code>",
    link=lambda text, address: f'<a href="{html.escape(address)}" rel="noopener noreferrer">{html_text(text)}</a>',
    text=lambda text: html.escape(visible(text)),
)
_MARKDOWN = _Markup(
    code=lambda text: f"`{_in_a_line(text)}`",
    link=lambda text, address: f"[{markdown_text(text)}](<{address}>)",
    text=lambda text: _escaped(visible(text)),
)

_PART = re.compile(r"`([^`]+)`|\[([^\[\]]+)\]\((https?://[^)\s]+)\)")


def _prose(text: str, markup: _Markup) -> str:
    text = _BLANKS.sub(" ", text).strip()
    done, end = [], 0
    for match in _PART.finditer(text):
        done.append(markup.text(text[end : match.start()]))
        code, label, address = match.groups()
        # What no address has is written as a browser would send it.
        done.append(markup.code(code) if code else markup.link(label, quote(address, safe="%/:?#@!$&'*+,;=~-._()")))
        end = match.end()
    return "".join([*done, markup.text(text[end:])])


_FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-{style_hash}'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

_STYLE = """
:root {
  --ink: #1d1f23; --soft: #5c626b; --paper: #fcfcfa; --line: #d9d9d4; --block: #f2f2ee; --link: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e3e4e6; --soft: #9ba1aa; --paper: #16181b; --line: #363a40; --block: #202328; --link: #7db4ec;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 17px/1.55 "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif;
}
main { max-width: 54rem; margin: 0 auto; padding: 3rem 1.25rem 5rem; }
h1, h2, h3, table, figcaption, summary { font-family: system-ui, "Segoe UI", Roboto, Helvetica, Arial,
sans-serif; } h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 0.4rem; letter-spacing: -0.01em; }
h2 { font-size: 1.3rem; margin: 2.8rem 0 0.6rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.02rem; margin: 1.9rem 0 0.4rem; }
pre code { font-size: 1em; }
p { margin: 0.65rem 0; max-width: 44rem; overflow-wrap: anywhere; }
a { color: var(--link); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size:
0.82em; } pre { background: var(--block); padding: 0.9rem 1.1rem; overflow-x: auto; border-radius: 6px;
line-height: 1.45; } figure { margin: 1.4rem 0; padding: 0.9rem; background: #ffffff; border: 1px solid
var(--line); border-radius: 6px; } figure img { display: block; width: 100%; max-width: 50rem; height: auto;
margin: 0 auto; } .table { overflow-x: auto; margin: 1.1rem 0; }
table { border-collapse: collapse; font-size: 0.84rem; font-variant-numeric: tabular-nums; line-height: 1.4; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.45rem; max-width: 44rem; }
th, td { padding: 0.34rem 1.3rem 0.34rem 0; text-align: left; vertical-align: top; }
table.numbers td, table.numbers thead th:not(:first-child) { text-align: right; }
thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th { font-weight: 400; color: var(--soft); }
details { margin: 1rem 0; }
summary { cursor: pointer; color: var(--link); font-size: 0.9rem; }
@media print {
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; } figure { break-inside: avoid; border:
  none; }
}
"""
