import pytest

from tests.integration.storage.item_size import item_size


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({}, 0),
        ({"name": {"S": "ab"}}, 6),
        ({"이름": {"S": "가"}}, 9),
        ({"n": {"N": "0"}}, 3),
        ({"n": {"N": "27"}}, 3),
        ({"n": {"N": "123"}}, 4),
        ({"n": {"N": "-123"}}, 5),
        ({"n": {"N": "1000000"}}, 3),
        ({"b": {"B": b"12345"}}, 6),
        ({"t": {"BOOL": True}}, 2),
        ({"t": {"NULL": True}}, 2),
        ({"s": {"SS": ["ab", "c"]}}, 4),
        ({"s": {"NS": ["27", "1"]}}, 5),
        ({"l": {"L": [{"S": "ab"}, {"N": "1"}]}}, 1 + 3 + 3 + 3),
        ({"m": {"M": {"a": {"S": "b"}}}}, 1 + 3 + 1 + 2),
    ],
)
def test_counts_as_aws_describes_it(item: dict[str, dict[str, object]], size: int) -> None:
    assert item_size(item) == size
