"""Put the tables of the records in place in the format page: ``python -m landscape.results``."""

from __future__ import annotations

from landscape.results.page import PAGE, page_with_tables

if __name__ == "__main__":
    PAGE.write_text(page_with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
