"""Writes an edited text back to the file that it was made from, unless that has another text by now."""

from __future__ import annotations

import codecs
from pathlib import Path

from wsplay.files.kept_file import NotKept, replace_file
from wsplay.files.small_file import NotReadable, read_small_file

#: The largest file, in bytes.
MAX_SIZE = 1_000_000


def write_back(path: Path, original: str, text: str) -> None:
    """Replace `original`, the text of the file, by `text`. Line ends and a byte order mark stay as they are.

    Raises `NotKept` if the file has another text, or cannot be written.
    """
    try:
        data = read_small_file(path, MAX_SIZE)
        found = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise NotKept(f"{path} is gone") from None
    except NotReadable as error:
        raise NotKept(f"{path} {error}") from error
    except ValueError:
        raise NotKept(f"{path} is not UTF-8") from None
    if _lines(found) != original:
        raise NotKept(f"{path} has changed since you began to edit it")
    if "\r\n" in found:
        text = text.replace("\n", "\r\n")
    mark = codecs.BOM_UTF8.decode() if data.startswith(codecs.BOM_UTF8) else ""
    try:
        replace_file(path, mark + text)
    except UnicodeEncodeError:
        raise NotKept("the text has half a surrogate pair, which cannot be stored in a file") from None


def _lines(text: str) -> str:
    """As Python reads text: each line ends with LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
