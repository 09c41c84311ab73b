"""Files of people in the data bucket: lines on their way, and the shards that audiences ask.

They are gone after some days; the next refresh makes them anew.
"""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from functions.contracts.person_document import subject_to_line
from functions.domain.segment import Subject
from functions.runtime.ids import fresh_id
from functions.storage.objects import GZIP, ObjectStore

_STRAYS = "-strays"


class ChunkWriter:
    """Gathers the lines of one shard, compressed as they come."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(1, wbits=GZIP)
        self._packed: list[bytes] = []
        self._strays: list[str] = []
        self.people = 0

    def add(self, subject: Subject) -> None:
        """Add a person with profile."""
        self.people += 1
        line = subject_to_line(subject, has_profile=True)
        self._packed.append(self._packer.compress(line.encode()))

    def add_stray(self, subject: Subject) -> None:
        """Add activity of somebody whose profile was not there."""
        self._strays.append(subject_to_line(subject, has_profile=False))

    def save(self, run_id: str, shard: int) -> tuple[str, ...]:
        """Write what was gathered under new names; gives the names."""
        names = []
        if self.people:
            body = b"".join([*self._packed, self._packer.flush()])
            names.append(_put(f"{_folder(run_id, shard)}lines/{fresh_id('l')}", body))
        if self._strays:
            body = zlib.compress("".join(self._strays).encode(), wbits=GZIP)
            names.append(_put(f"{_folder(run_id, shard)}lines/{fresh_id('l')}{_STRAYS}", body))
        return tuple(names)


class PeopleFiles:
    """Reads the lines, and keeps the files and questions of a refresh."""

    def lines(self, names: Sequence[str]) -> Iterator[str]:
        """The lines of people with profile."""
        for name in names:
            if not name.endswith(_STRAYS):
                yield from _unzipped(name)

    def strays(self, names: Sequence[str]) -> Iterator[str]:
        """The lines of activity alone."""
        for name in names:
            if name.endswith(_STRAYS):
                yield from _unzipped(name)

    def upload(self, run_id: str, shard: int, folder: Path) -> None:
        """Write the files of a shard."""
        for path in sorted(folder.iterdir()):
            ObjectStore().upload(_folder(run_id, shard) + path.name, path)

    def download(self, run_id: str, shard: int, names: Sequence[str], to: Path) -> None:
        """Fetch the files of a shard, unless they are there already."""
        to.mkdir(parents=True, exist_ok=True)
        for name in names:
            if not (to / name).exists():
                part = to / f"{name}.part"
                ObjectStore().download(_folder(run_id, shard) + name, part)
                part.rename(to / name)

    def drop_lines(self, names: Sequence[str]) -> None:
        """Delete lines that are needed no more: they are full of personal data."""
        for name in names:
            ObjectStore().delete(name)

    def save_questions(self, run_id: str, questions: Any) -> None:  # noqa: ANN401  # any JSON
        """Keep what is asked in a refresh."""
        ObjectStore().put_json(f"people/{run_id}/questions", questions)

    def load_questions(self, run_id: str) -> Any:  # noqa: ANN401  # any JSON
        """Read it back."""
        return ObjectStore().get_json(f"people/{run_id}/questions")


def _folder(run_id: str, shard: int) -> str:
    return f"people/{run_id}/{shard:04d}/"


def _put(key: str, body: bytes) -> str:
    ObjectStore().put_bytes(key, body, content_type="application/gzip")
    return key


def _unzipped(key: str) -> Iterator[str]:
    rest = b""
    for chunk in ObjectStore().unzipped(key):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        yield from (line.decode() for line in lines)
