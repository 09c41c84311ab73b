"""The environment, read here and nowhere else.

Names follow the template: ``TABLE_CONTACTS``, ``QUEUE_DISPATCH_SMS_URL``. They are read on first
use, so that a Lambda needs only the settings of what it does.
"""

import os
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import ZoneInfo

from functions.contracts.queues import Queue
from functions.domain.ids import AccountName

LOCAL_STAGE = "local"


class MissingSetting(RuntimeError):
    """A setting that the template should give this function is not there."""


@cache
def setting(name: str) -> str:
    """Read one setting. Raises MissingSetting when it is absent or empty."""
    value = os.environ.get(name, "")
    if not value:
        msg = f"the setting {name} is missing: see template.yaml, Environment of this function"
        raise MissingSetting(msg)
    return value


def table_name(table: str) -> str:
    """Name of a DynamoDB table."""
    return setting(f"TABLE_{table.upper()}")


def queue_url(queue: Queue) -> str:
    """URL of a queue."""
    return setting(f"QUEUE_{queue.name}_URL")


def data_bucket() -> str:
    """Name of the bucket for imports, audiences and images."""
    return setting("BUCKET_DATA")


def record_key_arn() -> str:
    """ARN of the key that signs the compliance record."""
    return setting("KEY_RECORD_ARN")


def stage() -> str:
    """Name of the deployment, such as ``prod``; ``local`` is special."""
    return setting("STAGE")


@cache
def clock_offset_s() -> int:
    """Seconds by which the clock is moved; always 0 except on the local stage."""
    if os.environ.get("STAGE") != LOCAL_STAGE:
        return 0
    return int(os.environ.get("CLOCK_OFFSET_S") or 0)


@cache
def tenant_zone() -> ZoneInfo:
    """Zone of the company that runs this, and of people who have none of their own."""
    return ZoneInfo(os.environ.get("TENANT_ZONE") or "Asia/Seoul")


def link_base_url() -> str:
    """What tracked links start with, without a trailing slash."""
    return setting("LINK_BASE_URL").rstrip("/")


def further_link_bases() -> tuple[str, ...]:
    """What links may start with as well, in the order in which they are taken; usually none."""
    try:
        listed = setting("LINK_DOMAINS")
    except MissingSetting:
        return ()
    return tuple(base for each in listed.split(",") if (base := each.strip().rstrip("/")))


def link_hosts() -> tuple[str, ...]:
    """Hosts that tracked links may lead to, with what is below them; none: any."""
    try:
        listed = setting("LINK_HOSTS")
    except MissingSetting:
        return ()
    return tuple(host for each in listed.split(",") if (host := each.strip().strip(".").lower()))


def webhooks_are_on() -> bool:
    """Whether this stack tells webhooks what happens to messages."""
    try:
        return bool(setting("WEBHOOKS"))
    except MissingSetting:
        return False


def api_base_url() -> str | None:
    """What public pages of this API start with, without a trailing slash.

    None where it has no address that its own functions can be told; see ``ApiBaseUrl``.
    """
    try:
        return setting("API_BASE_URL").rstrip("/")
    except MissingSetting:
        return None


def solapi_base_url() -> str:
    """Where the SOLAPI adapter calls."""
    return setting("SOLAPI_BASE_URL").rstrip("/")


def solapi_accounts() -> tuple[AccountName, ...]:
    """Names of the company's SOLAPI accounts, the preferred one first."""
    names = setting("SOLAPI_ACCOUNTS").split(",")
    return tuple(AccountName(name.strip()) for name in names if name.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCredentials:
    """Who we are to AWS. Lambda gives each function those of its role."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False, default="")


def aws_credentials() -> AwsCredentials:
    """The credentials in the environment; temporary ones come with a token."""
    return AwsCredentials(
        key_id=setting("AWS_ACCESS_KEY_ID"),
        secret=setting("AWS_SECRET_ACCESS_KEY"),
        token=os.environ.get("AWS_SESSION_TOKEN", ""),
    )


def function_mb() -> int:
    """The memory of this function."""
    return int(setting("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))


def aws_region() -> str:
    """The region that this runs in."""
    return os.environ.get("AWS_REGION") or setting("AWS_DEFAULT_REGION")


def aws_endpoint(service: str) -> str:
    """Where a service of AWS is called: its own address, or the emulator's."""
    own = f"https://{service}.{aws_region()}.amazonaws.com"
    return (os.environ.get("AWS_ENDPOINT_URL") or own).rstrip("/")


def calls_are_signed() -> bool:
    """Whether the calls made for every batch are signed here; else botocore makes them.

    Only where the credentials are in the environment, as they are in Lambda.
    """
    return os.environ.get("AWS_CALLS") == "signed"


def dispatch_lease_s() -> int:
    """How long a worker may take for one batch, in seconds, before others ask what became of it.

    Longer than the function's timeout, so that its holder is certainly gone.
    """
    return int(setting("DISPATCH_LEASE_S"))


def forget_settings() -> None:
    """Read everything anew; for tests, which change the environment."""
    for cached in (setting, clock_offset_s, tenant_zone):
        cached.cache_clear()
