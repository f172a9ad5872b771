"""Parts of a result that were computed with other versions than it was put together with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_SOFTWARE = re.compile(r"git_commit|version_\w+")


def differing_origins(root: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Return a sentence for each part whose versions are not those of the result file.

    Args:
        root: attributes of the result file.
        parts: attributes by what a part is called; one that says nothing of versions is passed over.
    """
    for name, attributes in parts.items():
        own = {key: str(value) for key, value in attributes.items() if _SOFTWARE.fullmatch(key)}
        other = [key for key, value in own.items() if str(root.get(key, "")) != value]
        if other:
            said = ", ".join(f"{key.removeprefix('version_').replace('git_', '')} {own[key]}" for key in sorted(other))
            when = f" on {str(attributes['created'])[:10]}" if "created" in attributes else ""
            yield f"{name} was computed{when} with other versions than this result was put together with: {said}."
