"""Checks of the two zip files: that Lambda can run what is in them, and quickly."""

from __future__ import annotations

import importlib.util
import re
import sys
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UNZIPPED_LIMIT_BYTES = 262_144_000
"""Lambda's limit for code and layers together."""
_UNCHECKED_HASH = 0b01
"""Flags of bytecode that is used without a look at its source (PEP 552)."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_GLIBC_OF_AMAZON_LINUX_2 = 26
_GLIBC_OF_AMAZON_LINUX_2023 = 34
_GLIBC_VERSION = re.compile(rb"GLIBC_2\.(\d+)")
_BUILT_HERE = re.compile(r"^Tag: .*-linux_x86_64\s*$", re.MULTILINE)


def bytecode_is_beside(archive: Path) -> Iterator[str]:
    """Each module has bytecode that Python will use, made from this very source."""
    with zipfile.ZipFile(archive) as opened:
        names = set(opened.namelist())
        for source in sorted(name for name in names if name.endswith(".py")):
            compiled = importlib.util.cache_from_source(source)
            if compiled not in names:
                yield f"{archive.name}: {source} has no bytecode"
            elif not _fits(opened.read(compiled), opened.read(source)):
                yield f"{archive.name}: the bytecode of {source} is stale or would not be used"


def _fits(compiled: bytes, source: bytes) -> bool:
    magic, flags, source_hash = compiled[:4], compiled[4:8], compiled[8:16]
    return (
        magic == importlib.util.MAGIC_NUMBER
        and int.from_bytes(flags, "little") == _UNCHECKED_HASH
        and source_hash == importlib.util.source_hash(source)
    )


def archive_is_reproducible(archive: Path) -> Iterator[str]:
    """Sorted names and one date, so that the same sources give the same bytes."""
    with zipfile.ZipFile(archive) as opened:
        entries = opened.infolist()
    names = [entry.filename for entry in entries]
    if names != sorted(names):
        yield f"{archive.name}: the names are not sorted"
    yield from (
        f"{archive.name}: {each.filename} has a date"
        for each in entries
        if each.date_time != _EPOCH
    )


def wheels_fit_lambda(archive: Path) -> Iterator[str]:
    """No package was compiled on this machine, whose C library is newer than Lambda's."""
    with zipfile.ZipFile(archive) as opened:
        for name in sorted(opened.namelist()):
            if name.endswith(".dist-info/WHEEL") and _BUILT_HERE.search(opened.read(name).decode()):
                yield f"{archive.name}: {name.split('/')[-2]} was built on this machine"


def native_code_fits_lambda(archive: Path) -> Iterator[str]:
    """No library asks for a newer C library than Lambda's Python has."""
    newest = _GLIBC_OF_AMAZON_LINUX_2
    if sys.version_info >= (3, 12):
        newest = _GLIBC_OF_AMAZON_LINUX_2023
    with zipfile.ZipFile(archive) as opened:
        for name in sorted(name for name in opened.namelist() if ".so" in name):
            asked = max(map(int, _GLIBC_VERSION.findall(opened.read(name))), default=0)
            if asked > newest:
                yield f"{archive.name}: {name} needs glibc 2.{asked}, Lambda has 2.{newest}"


def code_fits_lambda(*archives: Path) -> Iterator[str]:
    """Code and layers together stay below Lambda's limit."""
    total = 0
    for archive in archives:
        with zipfile.ZipFile(archive) as opened:
            total += sum(entry.file_size for entry in opened.infolist())
    if total > _UNZIPPED_LIMIT_BYTES:
        yield f"{total} bytes unzipped; Lambda takes {_UNZIPPED_LIMIT_BYTES}"
