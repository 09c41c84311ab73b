"""The layer keeps the descriptions of the AWS services that the code calls, and of no other."""

import re
import tomllib

from tests.guards.source import FUNCTIONS, ROOT

_NEEDED_BY_BOTOCORE = {"sts"}


def test_the_layer_knows_the_services_that_are_called() -> None:
    recipe = tomllib.loads((ROOT / "layers/runtime/recipe.toml").read_text("utf-8"))
    source = (FUNCTIONS / "runtime/aws.py").read_text("utf-8")
    called = set(re.findall(r'_client\("(\w+)"', source))

    assert called | _NEEDED_BY_BOTOCORE == set(_services(recipe))


def _services(recipe: dict) -> list[str]:
    for value in recipe.values():
        if isinstance(value, dict) and "aws_services" in value:
            return value["aws_services"]
    return recipe["aws_services"]
