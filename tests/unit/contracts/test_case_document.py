import json
from random import Random

import pytest

from functions.contracts.evidence_document import evidence_from_json, evidence_to_json
from functions.contracts.look_document import look_to_json
from functions.domain.eligibility import decide
from functions.domain.evidence import Evidence
from functions.domain.explanation import findings
from tests.builders import NIGHT, NOON, a_case
from tests.worlds import a_world


@pytest.mark.parametrize("seed", range(4))
def test_what_was_looked_at_says_the_same_again(seed: int) -> None:
    random = Random(seed)
    for _ in range(200):
        world = a_world(random)
        stored = json.dumps(evidence_to_json(Evidence(at=world.now, cases={7: world.case})))

        read = evidence_from_json(json.loads(stored))

        assert read.at == world.now
        assert decide(read.cases[7], now=read.at) == decide(world.case, now=world.now)
        assert findings(read.cases[7], now=read.at) == findings(world.case, now=world.now)


def test_a_look_is_told_with_its_decision() -> None:
    sent, held = look_to_json(a_case(), at=NOON), look_to_json(a_case(), at=NIGHT)
    refused = look_to_json(a_case(consents={}), at=NOON)

    assert (sent["decision"], sent["reason"]) == ("send", None)
    assert (held["decision"], held["reason"]) == ("hold", "night")
    assert (refused["decision"], refused["reason"]) == ("refuse", "no_consent")
    rule = next(each for each in held["rules"] if each["rule"] == "protected_hours")
    assert (rule["verdict"], rule["until"]) == ("hold", "2026-11-20T23:00:00+00:00")
    json.dumps([sent, held, refused])
