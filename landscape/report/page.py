"""A page of headings, paragraphs, tables, pictures and listings, as Markdown and as one HTML file that
opens offline.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (the page's title) to 3."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Text with ``code`` between backquotes and [links](https://...)."""

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


Block = Heading | Paragraph | Table | Picture | Listing


def as_markdown(blocks: Sequence[Block], folder: Path) -> str:
    """The page as Markdown; pictures are linked relative to ``folder``."""
    return "\n\n".join(_markdown(block, folder) for block in blocks) + "\n"


def _markdown(block: Block, folder: Path) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {block.text}"
    if isinstance(block, Paragraph):
        return block.text
    if isinstance(block, Picture):
        return f"![{block.text}]({_relative(block.path, folder)})"
    if isinstance(block, Listing):
        # A fence longer than any in the text cannot be closed by it.
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", block.text)), default=0))
        listing = f"{fence}{block.language}\n{block.text.rstrip()}\n{fence}"
        return f"{block.title}:\n\n{listing}" if block.title else listing
    align = "---:" if block.numeric else "---"
    lines = [
        _row(block.header),
        f"|---|{'|'.join([align] * (len(block.header) - 1))}|" if len(block.header) > 1 else "|---|",
        *(_row(row) for row in block.rows),
    ]
    table = "\n".join(lines)
    return f"{block.caption}\n\n{table}" if block.caption else table


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _relative(path: Path, folder: Path) -> str:
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path.resolve().as_uri()


def as_html(blocks: Sequence[Block], title: str) -> str:
    """The page as one HTML file: pictures inside, no scripts, nothing loaded from elsewhere."""
    body = "\n".join(_html(block) for block in blocks)
    return _FRAME.replace("{title}", html.escape(title)).replace("{style}", _STYLE).replace("{body}", body)


def _html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{_inline(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{_inline(block.text)}</p>"
    if isinstance(block, Picture):
        data = base64.b64encode(block.path.read_bytes()).decode("ascii")
        return f'<figure><img alt="{html.escape(block.text)}" src="data:image/png;base64,{data}"></figure>'
    if isinstance(block, Listing):
        listing = f"<pre><code>{html.escape(block.text.rstrip())}</code></pre>"
        return f"<details><summary>{_inline(block.title)}</summary>{listing}</details>" if block.title else listing
    caption = f"<caption>{_inline(block.caption)}</caption>" if block.caption else ""
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in block.header)
    head = f"<thead><tr>{head}</tr></thead>" if any(block.header) else ""
    rows = "".join(_html_row(row) for row in block.rows)
    kind = "numbers" if block.numeric else "text"
    return f'<div class="table"><table class="{kind}">{caption}{head}<tbody>{rows}</tbody></table></div>'


def _html_row(cells: Sequence[str]) -> str:
    rest = "".join(f"<td>{_inline(cell)}</td>" for cell in cells[1:])
    return f'<tr><th scope="row">{_inline(cells[0])}</th>{rest}</tr>'


def _inline(text: str) -> str:
    text = html.escape(text, quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\[([^\]]+)\]\((https?://[^)\s]+)\)", r'<a href="\2">\1</a>', text)
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)


_FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

_STYLE = """\
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
