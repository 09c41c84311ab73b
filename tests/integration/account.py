"""An AWS account in memory, with what template.yaml declares in it."""

from collections.abc import Callable
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from functions.contracts.codec import from_body
from functions.contracts.queues import Job, Queue
from functions.runtime.aws import session
from tests.integration.moto_statements import teach
from tests.integration.template import REGION, Resolver, load, resources_of

_Properties = dict[str, Any]
_TABLE_PROPERTIES = (
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "GlobalSecondaryIndexes",
)
_MASTER_SECRET = "0123456789abcdef" * 4


class Account:
    """Makes tables, queues, buckets and secrets, and knows what they are called."""

    def __init__(self) -> None:
        teach()
        create: Any = session().create_client
        self.dynamodb = create("dynamodb", region_name=REGION)
        self.sqs = create("sqs", region_name=REGION)
        self.s3 = create("s3", region_name=REGION)
        self.kms = create("kms", region_name=REGION)
        self.secrets = create("secretsmanager", region_name=REGION)
        self._resolver = Resolver(lambda name, _: self._names.get(name, name))
        self._names: dict[str, str] = {}

    def make_everything(self) -> None:
        """Make what the template declares."""
        makers: dict[str, Callable[[_Properties], str]] = {
            "AWS::DynamoDB::Table": self._make_table,
            "AWS::SQS::Queue": self._make_queue,
            "AWS::S3::Bucket": self._make_bucket,
            "AWS::SecretsManager::Secret": self._make_secret,
            "AWS::KMS::Key": self._make_key,
        }
        for kind, make in makers.items():
            for name, properties in resources_of(kind).items():
                self._names[name] = make(self._resolver.resolve(properties) | {"LogicalId": name})

    def environment(self) -> dict[str, str]:
        """The variables of all functions together."""
        given: _Properties = {}
        for resource in load()["Resources"].values():
            properties = resource.get("Properties", {})
            given |= properties.get("Environment", {}).get("Variables", {})
        # moto answers botocore; the signed client would call AWS.
        given["AWS_CALLS"] = "botocore"
        return {name: str(self._resolver.resolve(value)) for name, value in given.items()}

    def put_object(self, key: str, body: bytes) -> None:
        """Write into the data bucket."""
        self.s3.put_object(Bucket=self._bucket(), Key=key, Body=body)

    def get_object(self, key: str) -> bytes:
        """Read from the data bucket."""
        body: bytes = self.s3.get_object(Bucket=self._bucket(), Key=key)["Body"].read()
        return body

    def _bucket(self) -> str:
        return self.environment()["BUCKET_DATA"]

    def take_jobs(self, queue: Queue) -> list[Job]:
        """Take all visible jobs out of a queue."""
        return [from_body(body) for body in self.take_bodies(queue)]

    def take_bodies(self, queue: Queue) -> list[str]:
        """Take all visible messages out of a queue."""
        url = self.environment()[f"QUEUE_{queue.name}_URL"]
        bodies: list[str] = []
        while found := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in found:
                bodies.append(message["Body"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def make_visible(self, queue: Queue) -> None:
        """Let the time pass that the messages of a queue still have to wait."""
        url = self.environment()[f"QUEUE_{queue.name}_URL"]
        for message in (
            sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[url.rpartition("/")[2]]._messages
        ):
            message.delayed_until = 0

    def _make_table(self, properties: _Properties) -> str:
        name = str(properties["TableName"])
        given = {each: properties[each] for each in _TABLE_PROPERTIES if each in properties}
        self.dynamodb.create_table(TableName=name, **given)
        if expiry := properties.get("TimeToLiveSpecification"):
            self.dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
        return name

    def _make_queue(self, properties: _Properties) -> str:
        visibility = str(properties.get("VisibilityTimeout", 30))
        made = self.sqs.create_queue(
            QueueName=properties["QueueName"], Attributes={"VisibilityTimeout": visibility}
        )
        return str(made["QueueUrl"])

    def _make_bucket(self, properties: _Properties) -> str:
        name = str(properties["BucketName"])
        where = {"LocationConstraint": REGION}
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)
        return name

    def _make_key(self, properties: _Properties) -> str:
        made = self.kms.create_key(KeySpec=properties["KeySpec"], KeyUsage=properties["KeyUsage"])
        return str(made["KeyMetadata"]["Arn"])

    def _make_secret(self, properties: _Properties) -> str:
        secret = str(properties.get("SecretString", _MASTER_SECRET))
        made = self.secrets.create_secret(Name=properties["LogicalId"], SecretString=secret)
        return str(made["ARN"])
