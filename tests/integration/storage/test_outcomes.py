"""What came of batches, in a row of its own."""

from concurrent.futures import ThreadPoolExecutor

from functions.domain.ids import BatchNumber
from functions.domain.outcome import NO_OUTCOMES, BatchOutcomes, Credit
from functions.storage.batches import BatchStore
from functions.storage.outcomes import OutcomeStore
from tests.builders import a_batch

N7 = BatchNumber(7)


def a_credit(ordinal: int, mark: int = 1) -> Credit:
    return Credit(ordinal=ordinal, mark=mark, elapsed_s=60, look=1, place=0, of=1, minor=-500)


def test_outcomes_are_read_with_the_batch_when_asked_for() -> None:
    BatchStore().create([a_batch(size=3)])

    assert OutcomeStore().of(N7) == NO_OUTCOMES
    assert OutcomeStore().change(N7, lambda known: known.merged([a_credit(2)]))
    assert not OutcomeStore().change(N7, lambda known: known.merged([a_credit(2)]))

    assert OutcomeStore().of(N7) == BatchOutcomes((a_credit(2),))
    (plain,), (asked,) = BatchStore().standings([N7]), BatchStore().standings([N7], outcomes=True)
    assert (plain.outcomes, asked.outcomes.minor()) == (NO_OUTCOMES, -500)
    assert plain.state == asked.state


def test_a_batch_is_read_without_its_outcomes() -> None:
    batch = a_batch(size=3)
    BatchStore().create([batch])
    OutcomeStore().change(N7, lambda known: known.merged([a_credit(0)]))

    assert BatchStore().load(N7) == batch


def test_standings_with_outcomes_of_more_batches_than_a_request_takes() -> None:
    numbers = [BatchNumber(number) for number in range(1, 121)]
    BatchStore().create([a_batch(number) for number in numbers])
    OutcomeStore().change(BatchNumber(120), lambda known: known.merged([a_credit(0)]))

    found = BatchStore().standings(numbers, outcomes=True)

    assert [each.number for each in found if each.outcomes.credits] == [120]
    assert len(found) == 120


def test_nothing_is_lost_when_workers_race() -> None:
    BatchStore().create([a_batch(size=3)])

    def add(mark: int) -> None:
        OutcomeStore().change(N7, lambda known: known.merged([a_credit(1, mark)]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(8)))

    assert len(OutcomeStore().of(N7).credits) == 8
