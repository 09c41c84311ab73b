from functions.domain.usage import NOTHING_USED, Usage


def test_usage_adds_up() -> None:
    one = Usage(read_units=8, gb_s=1.5, written=2, read=3)

    assert one + one + NOTHING_USED == Usage(read_units=16, gb_s=3, written=4, read=6)
    assert (one + one).micros == 74
