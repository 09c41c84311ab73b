import pytest

from functions.content.phone_zones import zones_of_phone
from functions.domain.contact import Phone


@pytest.mark.parametrize(
    ("e164", "zones"),
    [
        ("+12125550100", {"America/New_York"}),
        ("+14155550100", {"America/Los_Angeles"}),
        ("+819012345678", {"Asia/Tokyo"}),
        ("+87077382000", set()),
    ],
)
def test_a_prefix_says_where_somebody_may_be(e164: str, zones: set[str]) -> None:
    assert {zone.key for zone in zones_of_phone(Phone(e164))} == zones


def test_a_free_number_may_be_anywhere_in_its_plan() -> None:
    assert len(zones_of_phone(Phone("+18005550100"))) > 3
