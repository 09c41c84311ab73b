import re

from functions.runtime.ids import fresh_id, fresh_secret, jittered


def test_ids_are_fresh_and_fit_into_a_path() -> None:
    made = {fresh_id("cmp") for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch(r"cmp_[0-9a-hj-km-np-tv-z]{16}", each) for each in made)


def test_secrets_are_fresh_and_long() -> None:
    made = {fresh_secret() for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", each) for each in made)


def test_waits_are_spread_over_their_second_half() -> None:
    waits = {jittered(100) for _ in range(500)}

    assert min(waits) >= 50
    assert max(waits) <= 100
    assert len(waits) > 20
