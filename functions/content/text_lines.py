"""Texts as bytes: their encoding, checked to the last byte, and their lines.

UTF-8 (with or without byte order mark) or CP949, whichever every byte of the file allows. Lines
are cut as bytes, which is safe because no byte of a longer character is below 0x30 in either.
"""

import codecs
from collections.abc import Iterable, Iterator

from functions.content.record import OpenFile
from functions.domain.contact_file import FileFault, FileProblem

MAX_LINE_BYTES = 1 << 20
MAX_LINES = 2_000_000
_ENCODINGS = ("utf-8", "cp949")


def encoding_of(open_file: OpenFile) -> tuple[str, int]:
    """Read the whole file once, or twice when it is not UTF-8; its encoding and its bytes.

    Raises FileProblem: ``not_a_text_file`` at the first NUL byte, ``wrong_encoding``,
    ``line_too_long`` or ``too_many_rows``.
    """
    for encoding in _ENCODINGS:
        try:
            size_bytes = _check(open_file(0), encoding)
        except UnicodeDecodeError:
            if _is_marked(open_file(0)):
                break  # it says itself that it is UTF-8
            continue
        return encoding, size_bytes
    raise FileProblem(FileFault.WRONG_ENCODING)


def _is_marked(chunks: Iterable[bytes]) -> bool:
    return first_bytes(chunks, len(codecs.BOM_UTF8)) == codecs.BOM_UTF8


def first_bytes(chunks: Iterable[bytes], count: int) -> bytes:
    """The file's first bytes, as many as it has of these."""
    head = b""
    for chunk in chunks:
        head += chunk[:count]
        if len(head) >= count:
            break
    return head[:count]


def _check(chunks: Iterable[bytes], encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines, unfinished, size_bytes = 0, 0, 0
    for chunk in chunks:
        if b"\0" in chunk:
            raise FileProblem(FileFault.NOT_A_TEXT_FILE)
        size_bytes += len(chunk)
        lines += chunk.count(b"\n")
        if lines > MAX_LINES:
            raise FileProblem(FileFault.TOO_MANY_ROWS)
        decoder.decode(chunk)
        lengths = [len(line) for line in chunk.split(b"\n")]
        lengths[0] += unfinished
        if max(lengths) > MAX_LINE_BYTES:
            raise FileProblem(FileFault.LINE_TOO_LONG)
        unfinished = lengths[-1]
    decoder.decode(b"", final=True)
    return size_bytes


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines with their ends. Raises FileProblem ``line_too_long``."""
    unfinished = b""
    for chunk in chunks:
        *lines, unfinished = (unfinished + chunk).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(unfinished) > MAX_LINE_BYTES:
            raise FileProblem(FileFault.LINE_TOO_LONG)
    if unfinished:
        yield unfinished
