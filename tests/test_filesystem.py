"""Reading files that anybody may have made, and writing files that appear whole or not at all."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from landscape.filesystem import is_regular, open_regular, read_json, read_text, replacing, write_text


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def unix_socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.fspath(path))
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_a_regular_file_and_a_link_to_one_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link"):
        with open_regular(tmp_path / name) as file:
            assert file.read() == b"content"
    assert is_regular(tmp_path / "file")
    assert not is_regular(tmp_path / "link")
    assert not is_regular(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("make", "said"),
    [(pipe, "pipe"), (unix_socket, "socket"), (folder, "folder"), (lambda path: Path(os.devnull), "device")],
)
def test_what_is_no_regular_file_is_named_and_not_waited_for(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    path = make(tmp_path / "odd")
    link = tmp_path / "link"
    link.symlink_to(path)
    for name in (path, link):
        with pytest.raises(OSError, match=f"is a {said}, not a file"):
            open_regular(name)
        assert read_json(name) is None
        assert not is_regular(name)


def test_text_is_read_up_to_a_limit_and_must_be_utf8(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("naïve".encode())
    assert read_text(path, largest=6) == "naïve"
    with pytest.raises(OSError, match="larger than 5 bytes"):
        read_text(path, largest=5)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UnicodeDecodeError):
        read_text(path)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"\xff", b"NaN", b"[Infinity]", b"1e400", b"1" * 5000),
        *(b"[" * 100_000, b'{"a":' * 100_000, b"[" + b" " * (1 << 20) + b"]"),
    ],
    ids=lambda content: content[:8],
)
def test_what_is_no_json_of_finite_numbers_counts_as_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "record.json").write_bytes(content)
    assert read_json(tmp_path / "record.json") is None


def test_a_json_value_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_text(tmp_path / "record.json", '{"a": [1, 2.5, "ü", null, true]}')
    assert read_json(tmp_path / "record.json") == {"a": [1, 2.5, "ü", None, True]}
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")

    def fail() -> None:
        with replacing(tmp_path / "file") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert (tmp_path / "file").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("old")
    (tmp_path / "file").symlink_to("precious")
    write_text(tmp_path / "file", "new")
    assert (tmp_path / "precious").read_text() == "old"
    assert is_regular(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "new"


def test_a_new_file_has_the_permissions_that_the_user_gives_to_all(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_text(tmp_path / "file", "")
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "usual").stat().st_mode
