"""The account and region that a deployment goes to: AWS, or the emulator behind an endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient


class AccountError(RuntimeError):
    """There are no credentials or no region, or they are refused."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where to deploy. Without arguments, what the AWS command line would use."""

    region: str | None = None
    endpoint_url: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    """``aws_access_key_id`` and ``aws_secret_access_key``, for the emulator."""

    @cached_property
    def session(self) -> boto3.Session:
        """The session of all clients. Raises AccountError when no region is known."""
        session = boto3.Session(
            region_name=self.region,
            aws_access_key_id=self.credentials.get("aws_access_key_id"),
            aws_secret_access_key=self.credentials.get("aws_secret_access_key"),
        )
        if session.region_name is None:
            msg = "no AWS region: give --region or set AWS_DEFAULT_REGION"
            raise AccountError(msg)
        return session

    @cached_property
    def number(self) -> str:
        """The account's number. Raises AccountError when the credentials are missing or refused."""
        try:
            sts = self.session.client("sts", endpoint_url=self.endpoint_url)
            return str(sts.get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            msg = f"AWS does not know who is calling: {error}"
            raise AccountError(msg) from error

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """CloudFormation."""
        return self.session.client("cloudformation", endpoint_url=self.endpoint_url)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """DynamoDB."""
        return self.session.client("dynamodb", endpoint_url=self.endpoint_url)

    @cached_property
    def sqs(self) -> SQSClient:
        """SQS."""
        return self.session.client("sqs", endpoint_url=self.endpoint_url)

    @cached_property
    def gateway(self) -> Any:  # noqa: ANN401  # its stubs are not worth their size
        """API Gateway's REST APIs."""
        return self.session.client("apigateway", endpoint_url=self.endpoint_url)

    @cached_property
    def s3(self) -> S3Client:
        """S3."""
        return self.session.client("s3", endpoint_url=self.endpoint_url)

    def cli_environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """What the AWS command line needs beside ``base`` to act in the same place."""
        environment = dict(base) | {"AWS_PAGER": ""}
        environment["AWS_DEFAULT_REGION"] = environment["AWS_REGION"] = self.session.region_name
        environment |= {name.upper(): value for name, value in self.credentials.items()}
        if self.endpoint_url:
            environment["AWS_ENDPOINT_URL"] = self.endpoint_url
        if self.credentials:
            for stale in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
                environment.pop(stale, None)
        return environment
