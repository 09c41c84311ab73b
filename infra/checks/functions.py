"""Checks of each Lambda function in the packaged template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.packaging import template

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTION = "AWS::Serverless::Function"
_CHALICE_DEFAULT_MB = 128
_CHALICE_DEFAULT_TIMEOUT_S = 60
_WATCHED = ("Errors", "Throttles")
_LAMBDA, _ALL = "AWS/Lambda", "*"
_NAMED_RESOURCES = ("TABLE_", "QUEUE_", "BUCKET_", "SECRET_", "KEY_")
Properties = dict[str, Any]


def functions_have_limits(packaged: template.Node) -> Iterator[str]:
    """Memory and timeout are decided, not left at Chalice's defaults."""
    for name, properties in _functions(packaged):
        if properties.get("MemorySize", _CHALICE_DEFAULT_MB) == _CHALICE_DEFAULT_MB:
            yield f"{name} has no memory size of its own"
        if "FunctionName" not in properties:
            yield f"{name} is not in template.yaml: it has no name and no timeout of its own"


def functions_have_a_log(packaged: template.Node) -> Iterator[str]:
    """Each writes to a log group that exists before it and that forgets."""
    groups = template.resources(packaged, "AWS::Logs::LogGroup")
    for name, properties in _functions(packaged):
        group = template.points_to(properties.get("LoggingConfig", {}).get("LogGroup"))
        if group not in groups:
            yield f"{name} has no log group"
        elif "RetentionInDays" not in groups[group]["Properties"]:
            yield f"{group} keeps logs for ever"


def functions_use_the_layer(packaged: template.Node) -> Iterator[str]:
    """Third-party code comes from the layer that Globals attaches."""
    layers = packaged.get("Globals", {}).get("Function", {}).get("Layers", [])
    made = template.resources(packaged, "AWS::Serverless::LayerVersion")
    if not any(template.points_to(layer) in made for layer in layers):
        yield "Globals attaches no layer"
    for name, properties in _functions(packaged):
        for layer in properties.get("Layers", []):
            if template.points_to(layer) not in made:
                yield f"{name} uses a layer that is not of this package"


def functions_are_watched(packaged: template.Node) -> Iterator[str]:
    """Each has an alarm on its errors and on its throttles, its own or one for all functions.

    A Lambda metric without dimensions is the sum over all functions of the account and region.
    """
    alarms = template.resources(packaged, "AWS::CloudWatch::Alarm").values()
    watched = {
        (alarm["Properties"]["MetricName"], function)
        for alarm in alarms
        if alarm["Properties"]["Namespace"] == _LAMBDA and alarm["Properties"].get("AlarmActions")
        for function in _functions_of(alarm["Properties"])
    }
    for name, _ in _functions(packaged):
        for metric in _WATCHED:
            if not {(metric, name), (metric, _ALL)} & watched:
                yield f"{name} has no alarm on {metric}"


def _functions_of(alarm: Properties) -> Iterator[str | None]:
    """What an alarm looks at; all functions when it has no dimension."""
    for dimension in alarm.get("Dimensions", []):
        yield template.points_to(dimension["Value"])
    if not alarm.get("Dimensions"):
        yield _ALL


def functions_have_own_role(packaged: template.Node) -> Iterator[str]:
    """No role is shared: each policy is as small as one function's work."""
    holders: dict[str | None, str] = {}
    for name, properties in _functions(packaged):
        role = template.points_to(properties.get("Role"))
        if role in holders:
            yield f"{name} shares {role} with {holders[role]}"
        holders[role] = name


def policies_are_narrow(packaged: template.Node) -> Iterator[str]:
    """No wildcard action, no wildcard resource, only statements that allow."""
    for role, statement in _statements(packaged):
        label = f"{role} {statement.get('Sid', '')}".strip()
        for action in _listed(statement.get("Action", ["*"])):
            if "*" in action:
                yield f"{label} allows the action {action}"
        for resource in _listed(statement.get("Resource", ["*"])):
            if resource == "*" or (isinstance(resource, str) and resource.endswith(":*")):
                yield f"{label} allows {resource} as resource"


def policies_match_the_environment(packaged: template.Node) -> Iterator[str]:
    """What a function is told of, it may use; what it may use, it is told of."""
    for name, properties in _functions(packaged):
        role = template.points_to(properties.get("Role"))
        allowed = {
            resource
            for owner, statement in _statements(packaged)
            if owner == role and not _is_plumbing(statement)
            for resource in map(_resource_of, _listed(statement.get("Resource", [])))
        }
        told = set(_told(properties))
        yield from (f"{name} knows {each} but may not use it" for each in sorted(told - allowed))
        yield from (f"{name} may use {each} but is not told it" for each in sorted(allowed - told))


def _is_plumbing(statement: Properties) -> bool:
    """Logs, and the queue or stream that wakes the function: Lambda's own business."""
    actions = _listed(statement.get("Action", []))
    own = ("logs:", "sqs:ReceiveMessage", "dynamodb:GetRecords")
    return any(action.startswith(own) for action in actions)


def _told(properties: Properties) -> Iterator[str]:
    variables = properties.get("Environment", {}).get("Variables", {})
    for key, value in variables.items():
        if key.startswith(_NAMED_RESOURCES) and (target := template.points_to(value)):
            yield target


def _resource_of(resource: template.Node) -> str:
    if isinstance(resource, dict) and isinstance(text := resource.get("Fn::Sub"), str):
        return text.partition("${")[2].partition("}")[0].partition(".")[0]
    return template.points_to(resource) or str(resource)


def _statements(packaged: template.Node) -> Iterator[tuple[str, Properties]]:
    for role, resource in template.resources(packaged, "AWS::IAM::Role").items():
        for policy in resource["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield role, statement


def _functions(packaged: template.Node) -> Iterator[tuple[str, Properties]]:
    for name, function in template.resources(packaged, FUNCTION).items():
        yield name, function["Properties"]


def _listed(value: template.Node) -> list[Any]:
    return value if isinstance(value, list) else [value]
