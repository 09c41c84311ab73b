"""Openings in memory."""

from collections.abc import Iterable, Iterator

from functions.domain.link_openings import Counted, Opened


class FakeOpenings:
    """Keeps openings as rows named by their content; counts writes."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], dict[tuple[Opened, ...], None]] = {}
        self.counted: dict[tuple[str, int], Counted] = {}
        self.writes = 0

    def add(self, slug: str, start: int, opened: Iterable[Opened]) -> None:
        self.writes += 1
        self.rows.setdefault((slug, start), {})[tuple(sorted(set(opened)))] = None

    def of(self, slug: str, start: int) -> Iterator[Opened]:
        for row in self.rows.get((slug, start), {}):
            yield from row

    def put_count(self, slug: str, start: int, counted: Counted) -> None:
        known = self.counted.get((slug, start))
        if known is None or known.total <= counted.total:
            self.counted[slug, start] = counted

    def counts(self, slug: str, start: int, end: int) -> dict[int, Counted]:
        return {
            each: counted
            for (named, each), counted in self.counted.items()
            if named == slug and start <= each < end
        }
