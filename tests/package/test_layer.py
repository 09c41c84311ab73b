"""How the dependency layer is made from the pinned requirements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.packaging.layer import WheelError, needed, refuse_local_builds
from infra.packaging.layout import REPOSITORY
from infra.packaging.trim import Recipe, RecipeError, read_recipe, trim

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = """\
# compiled
boto3==1.44.5 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via allim (pyproject.toml)
Typing_Extensions==4.16.0 \\
    --hash=sha256:cc
click==8.5.1 \\
    --hash=sha256:dd
    # via chalice
"""


def test_takes_a_package_out_with_its_hashes() -> None:
    assert needed(REQUIREMENTS, drop=frozenset({"click", "typing-extensions"})) == (
        "boto3==1.44.5 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "    # via allim (pyproject.toml)"
    )


def test_every_dropped_package_is_pinned() -> None:
    # A name that is not in the requirements is a leftover, or misspelt.
    requirements = (REPOSITORY / "requirements.txt").read_text("utf-8").lower()
    recipe = read_recipe(REPOSITORY / "layers" / "runtime" / "recipe.toml")

    assert [name for name in sorted(recipe.drop) if f"\n{name}==" not in "\n" + requirements] == []


def test_refuses_a_package_that_was_built_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "pillow-13.dist-info").mkdir()
    wheel = tmp_path / "pillow-13.dist-info" / "WHEEL"
    wheel.write_text("Wheel-Version: 1.0\nTag: cp311-cp311-linux_x86_64\n", "utf-8")

    with pytest.raises(WheelError, match="pillow-13"):
        refuse_local_builds(tmp_path)


def test_takes_a_manylinux_wheel(tmp_path: Path) -> None:
    (tmp_path / "pillow-12.dist-info").mkdir()
    wheel = tmp_path / "pillow-12.dist-info" / "WHEEL"
    wheel.write_text("Tag: cp311-cp311-manylinux_2_17_x86_64\n", "utf-8")

    refuse_local_builds(tmp_path)


def test_refuses_a_line_of_the_recipe_that_fits_nothing(tmp_path: Path) -> None:
    recipe = Recipe(drop=frozenset(), aws_services=frozenset(), remove=("gone/*",))

    with pytest.raises(RecipeError, match="gone"):
        trim(tmp_path, recipe)


def test_keeps_the_services_that_are_called(tmp_path: Path) -> None:
    for service in ("sqs", "ec2"):
        (tmp_path / "botocore" / "data" / service).mkdir(parents=True)
    (tmp_path / "botocore" / "data" / "endpoints.json").write_text("{}", "utf-8")
    recipe = Recipe(drop=frozenset(), aws_services=frozenset({"sqs"}), remove=())

    trim(tmp_path, recipe)

    kept = sorted(entry.name for entry in (tmp_path / "botocore" / "data").iterdir())
    assert kept == ["endpoints.json", "sqs"]
