"""SOLAPI's endpoints. Every one checks the signature and may be hit by a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from infra.local.carrier import codes, faults, files, queries, registration, wire
from infra.local.carrier.auth import claimed_key
from infra.local.carrier.errors import ApiError
from infra.local.carrier.jsonval import JsonResponse, as_object, read_object

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from infra.local.carrier.carrier import Carrier
    from infra.local.carrier.records import Group, Message

    Endpoint = Callable[["Carrier", "Request"], Awaitable[Response]]

_NOT_SCHEDULED: Final = "예약 상태의 그룹만 취소할 수 있습니다."


def routes(carrier: Carrier) -> list[Route]:
    """List the endpoints of one carrier."""
    table: tuple[tuple[str, str, Endpoint], ...] = (
        ("POST", "/messages/v4/send-many/detail", _send_many),
        ("POST", "/messages/v4/send", _send_one),
        ("GET", "/messages/v4/list", _list_messages),
        ("GET", "/messages/v4/list-old", _list_messages),
        ("GET", "/messages/v4/groups", _list_groups),
        ("GET", "/messages/v4/groups/{group_id}", _get_group),
        ("GET", "/messages/v4/groups/{group_id}/messages", _list_group_messages),
        ("DELETE", "/messages/v4/groups/{group_id}/schedule", _cancel_schedule),
        ("POST", "/storage/v1/files", _upload),
        ("GET", "/cash/v1/balance", _get_balance),
        ("GET", "/iam/v1/black", _list_denials),
    )
    return [
        Route(path, _guarded(endpoint, carrier=carrier, name=path), methods=[method])
        for method, path, endpoint in table
    ]


def _guarded(
    endpoint: Endpoint, *, carrier: Carrier, name: str
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        counters = carrier.state.counters
        counters.requests[f"{request.method} {name}"] += 1
        await carrier.pause(carrier.state.knobs.latency_ms / 1000)
        caller = claimed_key(request.headers.get("authorization"))
        fault = carrier.faults.take(request.url.path, api_key=caller)
        if fault is not None:
            counters.faults[fault.kind] += 1
            return await _with_fault(fault, endpoint, carrier, request)
        response = await _authenticated(endpoint, carrier, request)
        await carrier.pause(carrier.state.knobs.answer_delay_ms / 1000)
        return response

    return answer


async def _authenticated(endpoint: Endpoint, carrier: Carrier, request: Request) -> Response:
    header = request.headers.get("authorization")
    request.state.api_key = carrier.authenticator.verify(header, now=carrier.state.clock.now())
    return await endpoint(carrier, request)


async def _with_fault(
    fault: faults.Fault, endpoint: Endpoint, carrier: Carrier, request: Request
) -> Response:
    if fault.accepts:
        # A request refused as a whole is still answered: nothing was accepted that could be lost.
        await _authenticated(endpoint, carrier, request)
    silence = faults.Silence(hold_s=fault.hold_s, closing=carrier.closing, hang_up=carrier.hang_up)
    return faults.answer(fault) or silence


async def _send_many(carrier: Carrier, request: Request) -> Response:
    body = await read_object(request)
    outcome = registration.register(body, state=carrier.state, api_key=request.state.api_key)
    carrier.lifecycle.begin(outcome.group)
    account_id = carrier.state.account.account_id
    answer: dict[str, object] = {
        "failedMessageList": [
            wire.refused(message_id, refusal, account_id=account_id)
            for message_id, refusal in outcome.refused
        ],
        "groupInfo": wire.group(outcome.group, account_id=account_id),
    }
    if body.get("showMessageList") is True:
        answer["messageList"] = [wire.accepted(message) for message in outcome.group.messages]
    return JsonResponse(answer)


async def _send_one(carrier: Carrier, request: Request) -> Response:
    body = await read_object(request)
    message = as_object(body.get("message"), "message")
    outcome = registration.register(
        {**body, "messages": [message]}, state=carrier.state, api_key=request.state.api_key
    )
    carrier.lifecycle.begin(outcome.group)
    if outcome.refused:
        # The documents show no failed answer of this endpoint; the code is put where the SDKs
        # look for one.
        code = outcome.refused[0][1].code
        raise ApiError(400, code, codes.text(code))
    account_id = carrier.state.account.account_id
    return JsonResponse(wire.single(outcome.group.messages[0], account_id=account_id))


async def _list_messages(carrier: Carrier, request: Request) -> Response:
    values = queries.parameters(request.query_params.multi_items())
    found = queries.messages(values, store=carrier.state.store)
    own = (one for one in found if one.group.api_key == request.state.api_key)
    return _message_page(carrier, own, queries.page(values))


async def _list_group_messages(carrier: Carrier, request: Request) -> Response:
    values = queries.parameters(request.query_params.multi_items())
    group = _group(carrier, request)
    return _message_page(carrier, reversed(group.messages), queries.page(values))


async def _list_groups(carrier: Carrier, request: Request) -> Response:
    values = queries.parameters(request.query_params.multi_items())
    wanted = queries.page(values)
    listed = queries.groups(values, store=carrier.state.store)
    found = (one for one in listed if one.api_key == request.state.api_key)
    records, following = queries.cut(found, wanted, key=lambda group: group.group_id)
    account_id = carrier.state.account.account_id
    items = {group.group_id: wire.group(group, account_id=account_id) for group in records}
    return JsonResponse(_page("groupList", items, wanted, following))


async def _get_group(carrier: Carrier, request: Request) -> Response:
    group = _group(carrier, request)
    return JsonResponse(wire.group(group, account_id=carrier.state.account.account_id))


async def _cancel_schedule(carrier: Carrier, request: Request) -> Response:
    group = _group(carrier, request)
    if not carrier.lifecycle.cancel(group):
        raise ApiError(400, "InvalidGroupStatus", _NOT_SCHEDULED)
    return JsonResponse(wire.group(group, account_id=carrier.state.account.account_id))


async def _upload(carrier: Carrier, request: Request) -> Response:
    body = await read_object(request)
    file = files.store(body, state=carrier.state)
    url = str(request.base_url.replace(path=f"/_sim/files/{file.file_id}"))
    account_id = carrier.state.account.account_id
    return JsonResponse(wire.file(file, account_id=account_id, url=url))


async def _get_balance(carrier: Carrier, request: Request) -> Response:
    return JsonResponse(wire.balance(carrier.state.purse(request.state.api_key)))


async def _list_denials(carrier: Carrier, request: Request) -> Response:
    values = queries.parameters(request.query_params.multi_items())
    wanted = queries.page(values)
    found = queries.denials(values, registry=carrier.state.registry)
    records, following = queries.cut(found, wanted, key=lambda denial: denial.handle_key)
    items = [wire.denial(record) for record in records]
    return JsonResponse(_page("blackList", items, wanted, following))


def _group(carrier: Carrier, request: Request) -> Group:
    group = carrier.state.store.groups.get(request.path_params["group_id"])
    if group is None:
        message = "해당 그룹아이디가 존재하지 않습니다."
        raise ApiError(404, "ResourceNotFound", message)
    return group


def _message_page(carrier: Carrier, found: Iterable[Message], wanted: queries.Page) -> Response:
    records, following = queries.cut(found, wanted, key=lambda message: message.message_id)
    account_id = carrier.state.account.account_id
    items = {one.message_id: wire.message(one, account_id=account_id) for one in records}
    return JsonResponse(_page("messageList", items, wanted, following))


def _page(
    name: str, items: object, wanted: queries.Page, following: str | None
) -> dict[str, object]:
    return {"startKey": wanted.start_key, "nextKey": following, "limit": wanted.limit, name: items}
