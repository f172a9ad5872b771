"""Text that comes from outside, such as names in files: how it is shown, and how names are put in order."""

from __future__ import annotations

import re
import unicodedata

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_DIGITS = re.compile(r"([0-9]+)")


def visible(text: str, keep: str = "") -> str:
    """Return text with everything that is no plain character written as Python does: ``\\x1b``, ``\\u202e``, ``\\n``.

    These are control characters, which a terminal obeys; marks that change the direction of what is written, or that
    cannot be seen; and halves of characters, as in names of files that are no UTF-8.

    Args:
        text: any text.
        keep: characters that stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character in keep or _is_plain(character) else _escaped(character) for character in text
    )


def _is_plain(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    if 0xDC80 <= code < 0xDD00:
        # Python's stand-in for a byte that could not be decoded.
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def natural_order(name: str) -> tuple[tuple[str, int, str], ...]:
    """Return the key that sorts names with numbers by them: ``lif_seed2`` before ``lif_seed10``."""
    parts = _DIGITS.split(name)
    numbers = [*parts[1::2], ""]
    return tuple((text, int(number or -1), number) for text, number in zip(parts[::2], numbers, strict=True))
