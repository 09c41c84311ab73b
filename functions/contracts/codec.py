"""Queue bodies to and from text: ``{"kind", "v", "data"}``.

The reader is tolerant: it ignores fields it does not know, so that a producer may be a release
ahead. What is missing or of the wrong type is a ``ContractError``: the body can never be read.
"""

import dataclasses
import json
import types
import typing
from functools import cache

from functions.contracts.queues import JOB_TYPES, Job

# Made once: every tapped link and every job goes through it.
_write = json.JSONEncoder(separators=(",", ":")).encode


class ContractError(ValueError):
    """A body that no version of this code wrote."""


def to_body(job: Job) -> str:
    """Write a job as compact JSON, in ASCII: SQS refuses some of the other characters."""
    data = {name: getattr(job, name) for name in _fields(type(job))}  # type: ignore[arg-type]  # a class is hashable
    return _write({"kind": job.KIND, "v": job.VERSION, "data": data})


def from_body(body: str) -> Job:
    """Read a job. Raises ContractError when it is unreadable, unknown or incomplete."""
    envelope = _envelope(body)
    named = (envelope.get("kind"), envelope.get("v"))
    job_type = next((each for each in JOB_TYPES if named == (each.KIND, each.VERSION)), None)
    if job_type is None:
        msg = "unknown kind {!r} version {!r}".format(*named)
        raise ContractError(msg)
    data = envelope.get("data")
    if not isinstance(data, dict):
        msg = "data is not an object"
        raise ContractError(msg)
    return _build(job_type, data)


def _envelope(body: str) -> dict[str, object]:
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError) as error:
        msg = "body is not JSON"
        raise ContractError(msg) from error
    if not isinstance(envelope, dict):
        msg = "body is not an object"
        raise ContractError(msg)
    return envelope


def _build(job_type: type[Job], data: dict[str, object]) -> Job:
    types_by_field = _allowed_types(job_type)  # type: ignore[arg-type]  # a class is hashable
    known = {name: data[name] for name in types_by_field if name in data}
    for name, allowed in types_by_field.items():
        # bool is an int to Python; here a flag where a number belongs is a mistake.
        if name in known and type(known[name]) not in allowed:
            msg = f"{job_type.KIND}: field {name} has the wrong type"
            raise ContractError(msg)
    try:
        return job_type(**known)  # type: ignore[arg-type]  # checked field by field above
    except TypeError as error:
        msg = f"{job_type.KIND}: a field is missing"
        raise ContractError(msg) from error


@cache
def _fields(job_type: type[Job]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(job_type))


@cache
def _allowed_types(job_type: type[Job]) -> dict[str, tuple[type, ...]]:
    hints = typing.get_type_hints(job_type)
    return {field.name: _members(hints[field.name]) for field in dataclasses.fields(job_type)}


def _members(hint: object) -> tuple[type, ...]:
    if isinstance(hint, types.UnionType):
        return typing.cast("tuple[type, ...]", typing.get_args(hint))
    return (typing.cast("type", hint),)
