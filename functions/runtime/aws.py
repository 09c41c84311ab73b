"""The one botocore session and its clients, each made on first use and kept."""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session, get_session

from functions.runtime import derive
from functions.runtime.settings import setting

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

_RETRIES = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=10,
    max_pool_connections=32,
)
# Made once: clients are kept by their configuration, and no two of these are equal.
_S3 = _RETRIES.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))


@cache
def session() -> Session:
    """The session that all clients share; making one costs 40 ms or more."""
    return get_session()


@cache
def _client(service: str, config: Config = _RETRIES) -> Any:  # noqa: ANN401
    return session().create_client(service, config=config)


def dynamodb() -> "DynamoDBClient":
    """The DynamoDB client."""
    client: DynamoDBClient = _client("dynamodb")
    return client


def sqs() -> "SQSClient":
    """The SQS client."""
    client: SQSClient = _client("sqs")
    return client


def s3() -> "S3Client":
    """The S3 client.

    Presigned URLs are signed with version 4, so that they expire, and name the region's own
    host, so that a new bucket is not redirected to. An address that is a number keeps the
    bucket in the path.
    """
    client: S3Client = _client("s3", _S3)
    return client


def kms() -> "KMSClient":
    """The KMS client."""
    client: KMSClient = _client("kms")
    return client


@cache
def _secret(arn_setting: str) -> str:
    answer = _client("secretsmanager").get_secret_value(SecretId=setting(arn_setting))
    return str(answer["SecretString"])


def secret_json(arn_setting: str) -> dict[str, str]:
    """Read a secret that holds a JSON object, by the setting that names its ARN."""
    values: dict[str, str] = json.loads(_secret(arn_setting))
    return values


@cache
def derived_key(purpose: str) -> bytes:
    """A 32-byte key for one purpose, derived from the deployment's master secret."""
    return derive.key(_secret("SECRET_MASTER_ARN"), purpose=purpose)


def derived_token(purpose: str) -> str:
    """A URL-safe token of 144 bits for one purpose, such as a webhook's secret path."""
    return derive.token(_secret("SECRET_MASTER_ARN"), purpose=purpose)


def forget_clients() -> None:
    """Drop clients and secrets; for tests, which change the account under them."""
    for cached in (session, _client, _secret, derived_key):
        cached.cache_clear()
