"""The package, deployed into the emulator: what holds before any of our code has run."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from functions.contracts.queues import Queue
from infra.deploying import stack as stacks
from infra.deploying.aftercare import take_care
from infra.local.ports import LOOPBACK, require_free
from infra.local.stack import LocalDeployment, LocalStack, Ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.package.conftest import Built

pytestmark = pytest.mark.package


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A deployed stack."""

    stack: LocalStack
    deployment: LocalDeployment
    template: dict[str, Any]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def running(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    stack = LocalStack(
        ports=Ports(aws=_free_port()),
        data_dir=tmp_path_factory.mktemp("stack"),
        layout=built.layout,
    )
    with stack:
        deployment = stack.deploy({"SolapiBaseUrl": "http://127.0.0.1:9"})
        yield Running(stack=stack, deployment=deployment, template=built.template)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    content_type: str
    body: bytes


def _fetch(url: str, method: str = "GET") -> Answer:
    request = urllib.request.Request(url, method=method, headers={"Content-Type": "text/html"})
    try:
        response = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return Answer(
            status=response.status,
            content_type=response.headers["Content-Type"],
            body=response.read(),
        )


def test_a_route_that_does_not_exist_gets_a_problem_document(running: Running) -> None:
    answer = _fetch(running.deployment.api_url + "/v1/no-such-thing")

    assert answer.status == 404
    assert answer.content_type == "application/problem+json"
    assert b'"code":"not_found"' in answer.body


def test_a_bad_link_gets_a_page_whatever_type_the_caller_names(running: Running) -> None:
    answer = _fetch(running.deployment.redirect_url + "/abcDEF12345")

    assert answer.status == 404
    assert answer.content_type.startswith("text/html")


def test_a_post_to_a_link_reaches_no_function(running: Running) -> None:
    answer = _fetch(running.deployment.redirect_url + "/abcDEF12345", "POST")

    assert (answer.status, answer.body) == (404, b"Not found")


def test_what_the_emulator_dropped_was_set_again(running: Running) -> None:
    dynamodb = running.stack.account.dynamodb
    name = running.deployment.outputs["RequestsTableName"]

    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)

    assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "expires_at")
    description = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert description["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_second_look_finds_nothing_to_do(running: Running) -> None:
    account = running.stack.account
    stack = stacks.describe(account, "allim-local")

    assert take_care(account, stack, running.template) == []


def test_a_second_deployment_changes_nothing(running: Running) -> None:
    again = running.stack.deploy({"SolapiBaseUrl": "http://127.0.0.1:9"})

    assert again.outputs == running.deployment.outputs


def test_a_browser_may_upload_with_a_signed_url(running: Running) -> None:
    bucket = running.deployment.outputs["DataBucketName"]

    (rule,) = running.stack.account.s3.get_bucket_cors(Bucket=bucket)["CORSRules"]

    assert (rule["AllowedMethods"], rule["AllowedOrigins"]) == (["PUT"], ["*"])


def test_each_function_wakes_for_its_queue(running: Running) -> None:
    client = running.stack.account.session.client("lambda", endpoint_url=running.stack.endpoint_url)

    found = client.list_event_source_mappings()["EventSourceMappings"]

    woken = {m["FunctionArn"].split(":")[-1]: m["EventSourceArn"] for m in found}
    stream = woken.pop("allim-local-people-changed")
    assert "table/allim-local-contacts/stream/" in stream
    assert {name: arn.split(":")[-1] for name, arn in woken.items()} == {
        f"allim-local-{name}": f"allim-local-{name}" for name in Queue
    }


def test_the_redirect_may_not_read_people(running: Running) -> None:
    iam = running.stack.account.session.client("iam", endpoint_url=running.stack.endpoint_url)
    role = stacks.describe(running.stack.account, "allim-local").physical_ids["RedirectRole"]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]

    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]

    text = str(document)
    assert "allim-local-batches" in text
    assert "allim-local-contacts" not in text


def test_nothing_listens_any_more_after_the_end(
    built: Built, tmp_path_factory: pytest.TempPathFactory
) -> None:
    port = _free_port()

    with LocalStack(
        ports=Ports(aws=port), data_dir=tmp_path_factory.mktemp("brief"), layout=built.layout
    ):
        pass

    require_free(port, purpose="the emulator", setting="AWS_PORT")
