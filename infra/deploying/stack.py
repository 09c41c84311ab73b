"""Brings a CloudFormation stack to what the package says, with the AWS command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3.literals import BucketLocationConstraintType

    from infra.deploying.account import Account
    from infra.packaging.layout import Layout

_NO_LOCATION = "us-east-1"
"""The one region that must not be named when a bucket is made."""
_SAME_SECOND = "already exists"
"""Change sets are named by the second; two within one second collide."""


class DeployError(RuntimeError):
    """CloudFormation or the command line refused; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack as it is after a deployment."""

    name: str
    outputs: Mapping[str, str]
    physical_ids: Mapping[str, str]
    """By logical id."""


def artefact_bucket(account: Account, *, stage: str) -> str:
    """Name the bucket for packages and make it, private, when it is not there."""
    region = account.session.region_name
    bucket = f"allim-{stage}-artefacts-{account.number}-{region}"
    try:
        account.s3.head_bucket(Bucket=bucket)
    except ClientError:
        _create_bucket(account, bucket, region)
    return bucket


def _create_bucket(account: Account, bucket: str, region: str) -> None:
    if region == _NO_LOCATION:
        account.s3.create_bucket(Bucket=bucket)
    else:
        location: BucketLocationConstraintType = region  # type: ignore[assignment]  # any region
        account.s3.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": location}
        )
    account.s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )


def upload(account: Account, layout: Layout, *, bucket: str) -> Path:
    """Upload code and layer; give the template that points to them."""
    # Several may deploy the same package at once.
    uploaded = layout.build / f"uploaded-{os.getpid()}.yaml"
    _aws(account, "package", "--template-file", str(layout.template), "--s3-bucket", bucket,
         "--output-template-file", str(uploaded))  # fmt: skip
    return uploaded


def update(
    account: Account, *, name: str, template: Path, bucket: str, parameters: Mapping[str, str]
) -> None:
    """Create or update the stack and wait for it. Raises DeployError.

    Parameters travel in a file that only we can read: some are secret, and a command line is not.
    """
    said = template.with_suffix(".parameters.json")
    said.touch(mode=0o600)
    said.write_text(json.dumps([f"{k}={v}" for k, v in parameters.items()]), "utf-8")
    try:
        _aws(account, "deploy", "--stack-name", name, "--template-file", str(template),
             "--s3-bucket", bucket, "--capabilities", "CAPABILITY_IAM",
             "--no-fail-on-empty-changeset", "--parameter-overrides", said.as_uri())  # fmt: skip
    except DeployError as failure:
        msg = f"{failure}\n{_why(account, name)}".strip()
        raise DeployError(msg) from failure
    finally:
        said.unlink()


def _aws(account: Account, *arguments: str, again: bool = True) -> None:
    command = [str(Path(sys.executable).with_name("aws")), "cloudformation", *arguments]
    done = subprocess.run(
        command,
        env=account.cli_environment(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and again and _SAME_SECOND in done.stderr:
        time.sleep(1)
        _aws(account, *arguments, again=False)
    elif done.returncode:
        raise DeployError((done.stderr or done.stdout).strip())


def _why(account: Account, name: str) -> str:
    """Give the reasons that CloudFormation recorded, oldest first: the first one is the cause."""
    try:
        events = account.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    except ClientError:
        return ""
    failed = (each for each in events if each.get("ResourceStatus", "").endswith("_FAILED"))
    lines = [f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason', '')}" for e in failed]
    return "\n".join(reversed(lines))


def exists(account: Account, name: str) -> bool:
    """Whether there is a stack of that name."""
    try:
        account.cloudformation.describe_stacks(StackName=name)
    except ClientError:
        return False
    return True


def describe(account: Account, name: str) -> Stack:
    """Read a stack's outputs and the names of its parts."""
    stack = account.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    pages = account.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    parts = [part for page in pages for part in page["StackResourceSummaries"]]
    return Stack(
        name=name,
        outputs={each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())},
        physical_ids={p["LogicalResourceId"]: p.get("PhysicalResourceId", "") for p in parts},
    )
