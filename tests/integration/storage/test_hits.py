from functions.domain.hits import KEPT_FOR, Seen
from functions.domain.ids import BatchNumber
from functions.storage.batches import BatchItem
from functions.storage.hits import HitStore

N7 = BatchNumber(7)
AT = 1_795_316_400


def a_sight(at: int = 0, **values: object) -> Seen:
    facts: dict[str, object] = {
        "at": AT + at,
        "ordinal": 3,
        "link": 1,
        "method": "GET",
        "user_agent": "브라우저/1",
        "network": "n1",
        "purpose": "",
    }
    return Seen(**(facts | values))  # type: ignore[arg-type]


def test_openings_are_read_as_they_were_written_each_once() -> None:
    store = HitStore()
    store.add(N7, [a_sight(5), a_sight(1), a_sight(1)])
    store.add(N7, [a_sight(1), a_sight(9, purpose="prefetch")])

    assert store.since(N7, 0) == (a_sight(1), a_sight(5), a_sight(9, purpose="prefetch"))
    assert store.since(BatchNumber(8), 0) == ()


def test_rows_that_end_before_are_not_read() -> None:
    store = HitStore()
    store.add(N7, [a_sight(0)])
    store.add(N7, [a_sight(5), a_sight(10)])

    assert store.since(N7, AT + 10) == (a_sight(5), a_sight(10))


def test_the_same_openings_are_one_row_that_ends_after_ninety_days() -> None:
    store = HitStore()
    for _ in range(2):
        store.add(N7, [a_sight(0), a_sight(2)])

    (row,) = BatchItem.query(7)
    assert row.expires_at == AT + 2 + KEPT_FOR.total_seconds()
