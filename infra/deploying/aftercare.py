"""Sets what the emulator's CloudFormation accepts and drops.

Each step compares first: on AWS, where CloudFormation has done it, nothing is left to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.packaging import template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.deploying.account import Account
    from infra.deploying.stack import Stack

Properties = dict[str, Any]


def take_care(account: Account, stack: Stack, packaged: template.Node) -> list[str]:
    """Bring tables and APIs to what the template says; give what had to be done."""
    done: list[str] = []
    for logical, table in template.resources(packaged, "AWS::DynamoDB::Table").items():
        done += _table(account, stack.physical_ids[logical], table["Properties"])
    for logical, api in template.resources(packaged, "AWS::Serverless::Api").items():
        wanted = api["Properties"].get("GatewayResponses", {})
        done += _gateway_responses(account, stack.physical_ids[logical], api["Properties"], wanted)
    return done


def _table(account: Account, name: str, wanted: Properties) -> list[str]:
    done = []
    if _expire(account, name, wanted.get("TimeToLiveSpecification")):
        done.append(f"time to live of {name}")
    if wanted.get("PointInTimeRecoverySpecification") and _make_recoverable(account, name):
        done.append(f"point-in-time recovery of {name}")
    return done


def _expire(account: Account, name: str, wanted: Properties | None) -> bool:
    if not wanted:
        return False
    now = account.dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if now.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}:
        return False
    account.dynamodb.update_time_to_live(
        TableName=name,
        TimeToLiveSpecification={"AttributeName": wanted["AttributeName"], "Enabled": True},
    )
    return True


def _make_recoverable(account: Account, name: str) -> bool:
    answer = account.dynamodb.describe_continuous_backups(TableName=name)
    now = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if now.get("PointInTimeRecoveryStatus") == "ENABLED":
        return False
    account.dynamodb.update_continuous_backups(
        TableName=name,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    return True


def _gateway_responses(
    account: Account, api: str, properties: Properties, wanted: Mapping[str, Properties]
) -> list[str]:
    now = account.gateway.get_gateway_responses(restApiId=api, limit=500)["items"]
    missing = [each["responseType"] for each in now if each.get("defaultResponse")]
    missing = [kind for kind in missing if kind in wanted]
    for kind in missing:
        _put_gateway_response(account, api, kind, wanted[kind])
    if missing:
        _redeploy(account, api, properties["StageName"])
    return [f"gateway responses of {api}"] if missing else []


def _put_gateway_response(account: Account, api: str, kind: str, wanted: Properties) -> None:
    headers = wanted.get("ResponseParameters", {}).get("Headers", {})
    status = {"statusCode": str(wanted["StatusCode"])} if "StatusCode" in wanted else {}
    account.gateway.put_gateway_response(
        restApiId=api,
        responseType=kind,
        responseParameters={f"gatewayresponse.header.{k}": v for k, v in headers.items()},
        responseTemplates=wanted.get("ResponseTemplates", {}),
        **status,
    )


def _redeploy(account: Account, api: str, stage: str) -> None:
    """Gateway responses count from the next deployment on."""
    made = account.gateway.create_deployment(restApiId=api)["id"]
    account.gateway.update_stage(
        restApiId=api,
        stageName=stage,
        patchOperations=[{"op": "replace", "path": "/deploymentId", "value": made}],
    )
