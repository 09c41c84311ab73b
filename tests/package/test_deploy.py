"""What a deployment is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest

from infra.deploy import assignments, defaults, secret_parameters, stage_parameters
from infra.deploying.account import Account
from infra.packaging.layout import REPOSITORY, Layout

if TYPE_CHECKING:
    from pathlib import Path

    from tests.package.conftest import Built


def test_reads_the_parameters_of_a_stage(tmp_path: Path) -> None:
    folder = tmp_path / "infra" / "parameters"
    folder.mkdir(parents=True)
    (folder / "dev.json").write_text(json.dumps({"LogRetentionDays": "14"}), "utf-8")

    assert stage_parameters(Layout(root=tmp_path), "dev") == {
        "Stage": "dev",
        "LogRetentionDays": "14",
    }


def test_a_stage_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    assert stage_parameters(Layout(root=tmp_path), "trial") == {"Stage": "trial"}


@pytest.mark.parametrize("stage", ["dev", "local", "prod"])
def test_every_parameter_of_a_stage_is_in_the_template(stage: str, built: Built) -> None:
    said = stage_parameters(Layout(), stage)

    assert [name for name in said if name not in built.template["Parameters"]] == []
    assert said["Stage"] == stage


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_no_secret_is_in_the_repository(stage: str) -> None:
    said = (REPOSITORY / "infra" / "parameters" / f"{stage}.json").read_text("utf-8")

    assert "Solapi" not in said


def test_a_line_that_was_taken_out_falls_back_to_the_default(built: Built) -> None:
    # The command line would keep the stack's previous value for a parameter it is not given.
    given = defaults(built.template)

    assert given["LogRetentionDays"] == "30"
    assert "SolapiApiSecret" not in given


def test_takes_secrets_from_the_environment() -> None:
    environment = {"SOLAPI_API_KEY": "KEY", "SOLAPI_API_SECRET": "", "HOME": "/"}

    assert secret_parameters(environment) == {"SolapiApiKey": "KEY"}


def test_reads_overrides() -> None:
    assert assignments(["LogLevel=DEBUG", "LinkBaseUrl=https://a.example/?b=c"]) == {
        "LogLevel": "DEBUG",
        "LinkBaseUrl": "https://a.example/?b=c",
    }


def test_refuses_an_override_without_a_value() -> None:
    with pytest.raises(click.BadParameter, match="write LogLevel as Name=Value"):
        assignments(["LogLevel"])


def test_the_command_line_acts_where_we_do() -> None:
    account = Account(
        region="ap-northeast-2",
        endpoint_url="http://127.0.0.1:1",
        credentials={"aws_access_key_id": "id", "aws_secret_access_key": "secret"},
    )

    environment = account.cli_environment({"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "old"})

    assert environment == {
        "AWS_PAGER": "",
        "AWS_REGION": "ap-northeast-2",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
