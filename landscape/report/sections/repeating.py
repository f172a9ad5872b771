"""How to repeat the run, and what to cite."""

from __future__ import annotations

from collections.abc import Iterator

from landscape.report.page import Block, Heading, Listing, Prose
from landscape.report.section import Section
from landscape.results.run import Run


def how_to_repeat(run: Run) -> Iterator[Block]:
    """The command, the configuration, what to cite."""
    yield Heading("To repeat this run")
    if run.attributes.get("config"):
        yield Prose(
            "Save the configuration below as `experiment.toml`; then run the command. The same versions "
            "and seeds give the same numbers."
        )
        yield Listing("landscape run experiment.toml", "sh")
        yield Listing(str(run.attributes["config"]), "toml", "Configuration")
    yield Heading("To cite")
    yield Prose(
        "spiking-landscape, in the version that is named above (see `CITATION.cff` in its source), and the papers "
        "whose methods it implements: C. Klos and R.-M. Memmesheimer, Smooth exact gradient descent learning in "
        "spiking neural networks, [arXiv:2309.14523](https://arxiv.org/abs/2309.14523); T. C. Wunderlich and C. Pehle, "
        "Event-based backpropagation can compute exact gradients for spiking neural networks, [Scientific Reports 11, "
        "12829 (2021)](https://doi.org/10.1038/s41598-021-91786-z); C. Wenig, R.-M. Memmesheimer and C. Klos, "
        "[arXiv:2606.03935](https://arxiv.org/abs/2606.03935), for loss landscapes of spiking networks."
    )


SECTION = Section(name="repeating", of="experiment", place=90, tell=how_to_repeat)
