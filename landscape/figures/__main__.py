"""Put the list of figures in place in their page: ``python -m landscape.figures``."""

from __future__ import annotations

from landscape.figures.page import PAGE, page_with_list

if __name__ == "__main__":
    PAGE.write_text(page_with_list(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
