"""Files packed with gzip (RFC 1952), unpacked as they are read.

A place in such a file is that of its unpacked bytes. To go on from there, everything before is
unpacked again and thrown away: gzip cannot be entered in the middle.
"""

import zlib
from collections.abc import Iterable, Iterator

from functions.content.record import OpenFile
from functions.domain.contact_file import MAX_UNPACKED_BYTES, FileFault, FileProblem

MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
_PIECE_BYTES = 1 << 20


def unpacked(open_file: OpenFile) -> OpenFile:
    """The file as it was before it was packed.

    Reading it raises FileProblem: ``damaged_file``, or ``unpacks_too_large`` beyond 4 GiB.
    """

    def open_unpacked(start: int) -> Iterator[bytes]:
        return _from(_limited(_pieces(open_file(0))), start)

    return open_unpacked


def _from(pieces: Iterable[bytes], start: int) -> Iterator[bytes]:
    passed = 0
    for piece in pieces:
        if passed + len(piece) > start:
            yield piece[max(start - passed, 0) :]
        passed += len(piece)


def _limited(pieces: Iterable[bytes]) -> Iterator[bytes]:
    size_bytes = 0
    for piece in pieces:
        size_bytes += len(piece)
        if size_bytes > MAX_UNPACKED_BYTES:
            raise FileProblem(FileFault.UNPACKS_TOO_LARGE)
        yield piece


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack one member after the other, never more than a piece at a time."""
    unpacker, ended = zlib.decompressobj(_GZIP), False
    try:
        for chunk in chunks:
            packed = chunk
            while packed:
                if ended:
                    # Zeros may fill up the end of an archive.
                    packed = packed.lstrip(b"\0")
                    unpacker, ended = zlib.decompressobj(_GZIP), not packed
                    continue
                if piece := unpacker.decompress(packed, _PIECE_BYTES):
                    yield piece
                ended = unpacker.eof
                packed = unpacker.unused_data if ended else unpacker.unconsumed_tail
    except zlib.error as error:
        raise FileProblem(FileFault.DAMAGED_FILE) from error
    if not ended:
        raise FileProblem(FileFault.DAMAGED_FILE)
