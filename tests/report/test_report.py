"""The report: what it says, in Markdown and in one HTML file."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from synthetic import results as synthetic

from landscape.errors import InputError, ResultFileError
from landscape.report import write_report
from landscape.report.numbers import NONE, number, percent, seconds
from landscape.report.page import Heading, Listing, Paragraph, Picture, Prose, Table, as_html, as_markdown
from landscape.results import ModelResult, SliceResult, write_results
from landscape.slices.surface import Status


def put_figures(folder):
    """Stand-ins for the figures: the report only looks at their names and takes their bytes."""
    folder.mkdir(parents=True)
    for name in (
        "profiles_line",
        "surface_plane",
        "surface3d_plane",
        "gradient_norm_plane",
        "silent_plane",
        "training",
        "raster",
    ):
        (folder / f"{name}.png").write_bytes(b"\x89PNG" + name.encode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    synthetic.write_example(folder / "landscape.h5", plane=(7, 4), line=15)
    put_figures(folder / "figures")
    assert [path.name for path in write_report(folder / "landscape.h5", folder)] == [
        "report.md",
        "report.html",
    ]
    return folder


@pytest.fixture(scope="module")
def markdown(folder):
    return (folder / "report.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


class Reader(HTMLParser):
    """Collects tags, what they refer to, and checks that they are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.sources = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.sources += [value for key, value in attrs if key in ("src", "href")]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_networks_of_one_model_share_rows_and_stand_below_each_other(tmp_path):
    models = synthetic.results(("lif", "qif"), plane=(3, 2), line=3)
    names = [f"{kind}_seed{k}" for kind in ("lif", "qif") for k in range(1, 5)]
    attributes = {"seed": 1} | {f"seed_{name}": int(name[-1]) for name in names}
    write_results(tmp_path / "r.h5", {name: models[name[:3]].changed(slices={}) for name in names}, attributes)
    put_figures(tmp_path / "figures")
    text = write_report(tmp_path / "r.h5", tmp_path)[0].read_text(encoding="utf-8")
    assert "| LIF seeds 1 to 4 | lif (tau 1, threshold 1) | 20-8-3 | 4 | missing_spike_increase |" in text
    assert "| Seeds | seed 1 |" in text
    assert "|  | Best epoch / epochs | Training loss (nats) |" in text
    assert "| QIF seed 3 | " in text
    assert "Networks that only differ in their seeds show what chance does." in text


def test_the_report_says_what_was_run(markdown):
    for words in (
        "# example",
        "Synthetic surfaces that resemble trained networks",
        "| LIF | lif (tau 1, threshold 1) | 20-8-3 | 4 | missing_spike_increase |",
        "| QIF | qif (tau 1) | 20-8-3 | 4 | none |",
        "source digits, classes [0, 1, 2]",
        "seed 1",
        "numpy " + np.__version__,
    ):
        assert words in markdown


def test_the_report_gives_the_numbers_of_the_file(markdown):
    record = synthetic.training("qif")
    row = re.search(r"\| Test accuracy \|(.*)\|(.*)\|", markdown)
    assert row is not None
    assert row.group(2).strip() == f"{100 * record.history['test_accuracy'][record.best_epoch]:.1f} %"
    loss = synthetic.surface("lif", (7, 4), seed=0).loss
    row = re.search(r"\| Highest loss \|(.*?)\|", markdown)
    assert row is not None
    assert float(row.group(1)) == pytest.approx(loss.max(), rel=5e-3)


def test_the_report_claims_no_more_than_was_measured(markdown):
    assert "none of these numbers counts discontinuities" in markdown
    assert "Measures of the sampled values" in markdown
    assert "its test figures are chosen" in markdown
    assert "may be chance" in markdown


def test_the_report_tells_how_to_repeat_and_cite(markdown):
    assert "landscape run experiment.toml" in markdown
    assert synthetic.CONFIG.strip() in markdown
    assert "arXiv:2309.14523" in markdown


def test_markdown_links_every_figure_relative_to_the_report(markdown, folder):
    links = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", markdown)
    assert len(links) == 7
    assert all((folder / link).is_file() for link in links)


def test_the_html_page_is_sound_and_needs_nothing_else(page):
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert reader.tags.count("img") == 7
    assert not {"script", "link", "iframe"} & set(reader.tags)
    assert all(source.startswith(("data:image/png;base64,", "https://")) for source in reader.sources)
    assert "url(" not in page
    assert "prefers-color-scheme: dark" in page
    assert "<title>example</title>" in page


def test_a_result_that_is_not_complete_is_reported_as_such(tmp_path):
    surface = synthetic.partly_finished(synthetic.surface(shape=(21, 21)))
    write_results(tmp_path / "r.h5", {"lif": ModelResult(slices={"plane": surface}), "qif": ModelResult()})
    put_figures(tmp_path / "figures")
    text = write_report(tmp_path / "r.h5", tmp_path)[0].read_text(encoding="utf-8")
    pending = np.count_nonzero(surface.status == Status.PENDING)
    assert f"LIF: {pending} not evaluated, 3 failed, 2 without a finite value of 441 points" in text
    assert "has not been analyzed" in text
    assert "### Training" not in text


def test_without_figures_the_html_page_draws_its_own(tmp_path):
    write_results(tmp_path / "r.h5", {"lif": ModelResult(raster=synthetic.raster())})
    markdown, page = write_report(tmp_path / "r.h5", tmp_path / "deep" / "folder")
    assert "![" not in markdown.read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8").count("<img") == 1


def test_a_missing_file_or_a_folder_that_cannot_be_written_to_is_named(folder, tmp_path):
    with pytest.raises(ResultFileError, match="no such file"):
        write_report(tmp_path / "none.h5", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write there"):
        write_report(folder / "landscape.h5", tmp_path / "file", folder / "figures")


class Parsed(HTMLParser):
    """What a browser makes of a page: elements with attributes, and their text."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.text = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) ![x](http://evil/x.png) \n"
    "# heading\n\n| a | b |\n|---|---|\n*a* _b_ ~~c~~ `d` &lt; \"q' http://evil www.evil.org "
    "$x$ @me {style}\x1b[2J\u202e"
)


def hostile_blocks(folder):
    (folder / "a.png").write_bytes(b"png")
    return [
        Heading(HOSTILE, 3),
        Paragraph(HOSTILE, emphasized=HOSTILE),
        Table((HOSTILE, "y"), [(HOSTILE, "1")], caption=HOSTILE),
        Picture(folder / "a.png", HOSTILE),
        Listing(HOSTILE, "toml", HOSTILE),
    ]


def test_text_stays_text_in_the_html_page(tmp_path):
    page = as_html(hostile_blocks(tmp_path), HOSTILE)
    parsed = Parsed(page)
    assert not {tag for tag, _ in parsed.elements} & {"script", "a", "h1", "h2"}
    assert [tag for tag, _ in parsed.elements].count("table") == 1
    assert not [name for _, attrs in parsed.elements for name in attrs if name.startswith("on")]
    (image,) = [attrs for tag, attrs in parsed.elements if tag == "img"]
    assert image["src"].startswith("data:image/png;base64,")
    assert "<script>alert(1)</script>" in image["alt"]
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "{style}" in page


def test_text_stays_text_in_markdown(tmp_path):
    lines = as_markdown(hostile_blocks(tmp_path)[:4], tmp_path).splitlines()
    said = (
        r"\<script>alert(1)\</script> \<img src=x onerror=alert(1)> [x\](javascript:alert(1)) "
        r"![x\](http\://evil/x.png) # heading \| a \| b \| \|---\|---\| \*a\* \_b\_ \~\~c\~\~ \`d\` \&lt; "
        r""""q' http\://evil www\.evil.org \$x\$ \@me {style}\\x1b[2J\\u202e"""
    )
    assert {line for line in lines if line} == {
        f"### {said}",
        f"**{said}** {said}",
        said,
        f"| {said} | y |",
        "|---|---:|",
        f"| {said} | 1 |",
        f"![{said}](a.png)",
    }


@pytest.mark.parametrize("text", ["# a", "- a", "+ a", "> a", "=== a", "12. a", "3) a"])
def test_a_line_begins_nothing_in_markdown(tmp_path, text):
    (line,) = as_markdown([Paragraph(text)], tmp_path).splitlines()
    assert "\\" in line
    assert line.replace("\\", "") == text
    assert as_markdown([Prose(text)], tmp_path).rstrip() == line


def test_words_with_underscores_and_numbers_in_brackets_stay_readable(tmp_path):
    blocks = [Table(("a", "b"), [("lif_seed1", "[1, 2] < 3 & 4")])]
    assert "| lif_seed1 | [1, 2] < 3 & 4 |" in as_markdown(blocks, tmp_path)


def test_prose_has_code_and_links_to_web_pages_alone(tmp_path):
    link = 'https://a"autofocus/onfocus="document.title=1"tabindex="1'
    blocks = [Prose(f"`x<y` [the paper]({link}) [b](javascript:alert(1)) [c](data:text/html,x) [d](HTTP://x)\n# e")]
    parsed = Parsed(as_html(blocks, "t"))
    (anchor,) = [attrs for tag, attrs in parsed.elements if tag == "a"]
    assert anchor == {"href": link.replace('"', "%22"), "rel": "noopener noreferrer"}
    assert "x<y" in parsed.text
    markdown = as_markdown(blocks, tmp_path)
    assert markdown.startswith(f"`x<y` [the paper](<{link.replace(chr(34), '%22')}>) [b\\](javascript:alert(1))")
    assert "\n#" not in markdown


def test_the_page_allows_no_script_and_its_own_style_alone():
    page = as_html([Paragraph("a")], "t")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"


def test_listings_cannot_be_closed_by_their_text(tmp_path):
    assert "````toml\n``` & <\n````" in as_markdown([Listing("``` & <", "toml", "Text")], tmp_path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0 / 3.0, "0.333"),
        (-12.345, "\N{MINUS SIGN}12.3"),
        (12345.6, "12346"),
        (1.5e-7, "1.50e\N{MINUS SIGN}7"),
        (float("nan"), "\N{EN DASH}"),
        (float("inf"), "∞"),
    ],
)
def test_numbers_are_written_with_three_digits(value, text):
    assert number(value) == text


def test_shares_and_durations_are_written_for_people():
    assert percent(0.1234) == "12.3 %"
    assert percent(float("nan")) == "\N{EN DASH}"
    assert [seconds(s) for s in (None, 12.3, 600.0, 86400.0)] == [
        "\N{EN DASH}",
        "12.3 s",
        "10.0 min",
        "24.0 h",
    ]


# --- discontinuities ---


def census_report(tmp_path, **censuses):
    slices = {
        model: {"line": SliceResult(synthetic.surface(model, (5,)), census=census)}
        for model, census in censuses.items()
    }
    write_results(tmp_path / "r.h5", {model: ModelResult(slices=found) for model, found in slices.items()})
    put_figures(tmp_path / "figures")
    return write_report(tmp_path / "r.h5", tmp_path)[0].read_text(encoding="utf-8")


def row(text, name):
    """The cells of a table's row."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_the_report_gives_the_numbers_of_the_census(tmp_path):
    census = synthetic.census("lif", 12)
    text = census_report(tmp_path, lif=census, qif=synthetic.census("qif"))
    assert "### Discontinuities on line" in text
    assert row(text, "Discontinuities") == ["12", "0"]
    assert row(text, "… per unit length") == ["6.00", "0"]
    total = float(row(text, "Total jump of the mean loss (nats)")[0])
    assert total == pytest.approx(np.abs(census.jump).sum() / 10, rel=5e-3)
    largest = float(row(text, "Largest jump of a sample's loss (nats)")[0])
    assert largest == pytest.approx(np.abs(census.jump).max(), rel=5e-3)
    assert row(text, "Why: potential touches the threshold") == ["33.3 %", NONE]
    assert row(text, "Transitions examined (in the order of the causes above)") == ["1,000 (900 / 80 / 20)"] * 2
    assert row(text, "Confirmed in extended precision, of those evaluated") == ["3 of 3 (100.0 %)", NONE]
    appear = int(np.count_nonzero(census.kind == "appearance"))
    assert row(text, "Spikes that come / go")[0] == f"{appear} / {12 - appear}"
    assert "NOT" not in text


def test_no_discontinuity_is_stated_with_the_transitions_that_were_examined(tmp_path):
    text = census_report(tmp_path, lif=synthetic.census(), qif=synthetic.census("qif"))
    zero = "QIF: no discontinuity among 1,000 examined transitions of 10 samples; the loss changes by at most "
    assert f"{zero}{number(3.2e-13)} nats at one." in text
    assert "LIF: no discontinuity" not in text
    still = replace(synthetic.census("qif"), transitions={"grazing": 0, "order": 0, "trial_end": 0})
    assert "QIF: no discontinuity, and no transition" in census_report(tmp_path / "still", qif=still)


def test_what_is_not_resolved_or_not_confirmed_is_said_loudly(tmp_path):
    census = synthetic.census("lif", unresolved=2)
    census.confirmed[1] = 0
    text = census_report(tmp_path, lif=census, qif=synthetic.census("qif", unresolved=1))
    assert "**LIF: the census is NOT complete.** 2 pieces of the line, in 1 sample and of summed length 0.400" in text
    assert "**LIF: 1 of the jumps that were evaluated in extended precision were NOT confirmed.**" in text
    assert "QIF: no discontinuity where it could be resolved among" in text
    assert row(text, "Pieces of the line that are not resolved") == ["2", "1"]
    assert row(text, "Confirmed in extended precision, of those evaluated")[0] == "2 of 3 (66.7 %)"


def test_a_slice_without_a_census_has_no_such_table(tmp_path):
    assert "### Discontinuities" not in census_report(tmp_path, lif=None)


def test_a_picture_that_is_a_link_is_left_out_with_what_it_leads_to(tmp_path):
    synthetic.write_example(tmp_path / "landscape.h5", plane=(3, 2), line=5)
    put_figures(tmp_path / "figures")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "figures" / "raster.png").unlink()
    (tmp_path / "figures" / "raster.png").symlink_to(tmp_path / "secret")
    for path in write_report(tmp_path / "landscape.h5", tmp_path):
        text = path.read_text(encoding="utf-8")
        assert "raster.png" not in text
        assert base64.b64encode(b"secret").decode() not in text


def test_links_in_the_place_of_the_pages_are_replaced_and_not_followed(tmp_path):
    synthetic.write_example(tmp_path / "landscape.h5", plane=(3, 2), line=5)
    put_figures(tmp_path / "figures")
    (tmp_path / "precious").write_text("precious")
    for name in ("report.md", "report.html"):
        (tmp_path / name).symlink_to(tmp_path / "precious")
    write_report(tmp_path / "landscape.h5", tmp_path)
    assert (tmp_path / "precious").read_text() == "precious"
