"""People of live jobs survive the queue; what is no list of them is poison."""

import pytest
from hypothesis import given, strategies as st

from functions.contracts.codec import ContractError, from_body, to_body
from functions.contracts.live_document import MOST_PEOPLE, look_jobs, people_of
from functions.contracts.queues import LiveJob


@given(st.lists(st.text(min_size=1, max_size=64), max_size=250))
def test_everybody_is_in_one_job(ids: list[str]) -> None:
    jobs = [from_body(to_body(job)) for job in look_jobs(ids)]  # type: ignore[arg-type]

    people = [people_of(job) for job in jobs if isinstance(job, LiveJob)]
    assert [each for some in people for each in some] == list(dict.fromkeys(ids))
    assert all(1 <= len(some) <= MOST_PEOPLE for some in people)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '"c1"'])
def test_no_list_of_people_is_poison(text: str) -> None:
    with pytest.raises(ContractError):
        people_of(LiveJob(contact_ids=text))
