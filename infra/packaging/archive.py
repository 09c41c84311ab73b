"""Zip files that are the same, byte for byte, whenever their content is."""

from __future__ import annotations

import hashlib
import os
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip can hold."""
_UNIX = 3
_REGULAR_FILE = 0o100000


def write_zip(source: Path, *, to: Path, prefix: str = "") -> None:
    """Pack every file under ``source``, sorted, dated 1980, with fixed permissions."""
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = to.with_suffix(f".{os.getpid()}.part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        paths = {_name(each, source): each for each in source.rglob("*") if each.is_file()}
        for name, path in sorted(paths.items()):
            archive.writestr(_entry(prefix + name), path.read_bytes())
    unfinished.replace(to)


def _name(path: Path, source: Path) -> str:
    return path.relative_to(source).as_posix()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = _UNIX
    mode = 0o755 if ".so" in name.rsplit("/", 1)[-1] else 0o644
    entry.external_attr = (_REGULAR_FILE | mode) << 16
    return entry


def unpack(archive: Path, *, to: Path) -> None:
    """Unpack a zip file of ours."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(to)


def sha256_of(*paths: Path) -> str:
    """Hash the files' contents, in the order given, in hexadecimal."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
