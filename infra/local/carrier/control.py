"""The control API under ``/_sim/``: settings, registrations, the ledger and the phones.

It asks for no signature; the server listens on the loopback address only, and bodies must be
declared as JSON, which a foreign web page in the same browser cannot do without being asked first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.routing import Route

from infra.local.carrier import calls, faults, ids, knobs, phones
from infra.local.carrier.account import Account
from infra.local.carrier.errors import ApiError, invalid
from infra.local.carrier.jsonval import JsonResponse, read_object, text_in
from infra.local.carrier.records import Button, Denial, Phone, Reply, Template
from infra.local.carrier.webhooks import Event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from infra.local.carrier.carrier import Carrier
    from infra.local.carrier.jsonval import JsonObject

    Endpoint = Callable[["Carrier", "Request"], Awaitable[Response]]

_ENDS: Final = ("delivered", "failed", "cancelled")
_LEDGER_DEFAULT: Final = 1_000
_LEDGER_MOST: Final = 10_000
_PHONES_MOST: Final = 200
_REPLY_CHARS: Final = 2_000


def routes(carrier: Carrier) -> list[Route]:
    """List the endpoints of one carrier."""
    table: tuple[tuple[str, str, Endpoint], ...] = (
        ("GET", "/_sim/health", _health),
        ("GET", "/_sim/config", _get_config),
        ("POST", "/_sim/config", _set_config),
        ("POST", "/_sim/reset", _reset),
        ("GET", "/_sim/senders", _list_senders),
        ("POST", "/_sim/senders", _add_sender),
        ("GET", "/_sim/channels", _list_channels),
        ("POST", "/_sim/channels", _add_channel),
        ("GET", "/_sim/templates", _list_templates),
        ("POST", "/_sim/templates", _add_template),
        ("POST", "/_sim/denials", _add_denial),
        ("GET", "/_sim/ledger", _get_ledger),
        ("GET", "/_sim/counters", _get_counters),
        ("GET", "/_sim/replies", _list_replies),
        ("GET", "/_sim/phones", _list_phones),
        ("GET", "/_sim/phones/{number}", _get_phone),
        ("POST", "/_sim/phones/{number}/reply", _reply),
        ("POST", "/_sim/phones/{number}/call", _call),
        ("GET", "/_sim/files/{file_id}", _get_file),
    )
    return [
        Route(path, _bound(endpoint, carrier=carrier), methods=[method])
        for method, path, endpoint in table
    ]


def _bound(endpoint: Endpoint, *, carrier: Carrier) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await endpoint(carrier, request)

    return answer


async def _body(request: Request) -> JsonObject:
    if not request.headers.get("content-type", "").startswith("application/json"):
        message = "content-type must be application/json"
        raise ApiError(415, "UnsupportedMediaType", message)
    return await read_object(request)


async def _health(_carrier: Carrier, _request: Request) -> Response:
    return JsonResponse({"ok": True})


async def _get_config(carrier: Carrier, _request: Request) -> Response:
    return JsonResponse(
        {
            **knobs.as_json(carrier.state.knobs),
            "balance": carrier.state.account.balance,
            "balances": {key: each.balance for key, each in carrier.state.purses.items()},
            "fault": carrier.faults.as_json(),
        }
    )


async def _set_config(carrier: Carrier, request: Request) -> Response:
    body = dict(await _body(request))
    balance = _won(body.pop("balance", carrier.state.account.balance))
    purses = _purses(body.pop("balances", None))
    wanted_faults = faults.read(body.pop("fault")) if "fault" in body else None
    carrier.set_knobs(knobs.changed(carrier.state.knobs, body))
    carrier.state.account.balance = balance
    carrier.state.purses |= purses
    if wanted_faults is not None:
        carrier.faults.set(wanted_faults)
    return await _get_config(carrier, request)


def _won(balance: object) -> int:
    if isinstance(balance, bool) or not isinstance(balance, int) or balance < 0:
        message = "balance must be a whole number of won"
        raise invalid(message)
    return balance


def _purses(balances: object) -> dict[str, Account]:
    """The accounts that have money of their own from now on."""
    if balances is None:
        return {}
    if not isinstance(balances, dict):
        message = "balances must map an API key to a whole number of won"
        raise invalid(message)
    return {str(key): Account(balance=_won(balance)) for key, balance in balances.items()}


async def _reset(carrier: Carrier, request: Request) -> Response:
    body = await _body(request)
    await carrier.reset(keep_registry=body.get("keep_registry") is True)
    return JsonResponse({"ok": True})


async def _list_senders(carrier: Carrier, _request: Request) -> Response:
    return JsonResponse({"items": sorted(carrier.state.registry.senders)})


async def _add_sender(carrier: Carrier, request: Request) -> Response:
    body = await _body(request)
    number = _digits(text_in(body, "number"))
    api_key = text_in(body, "apiKey") if body.get("apiKey") else None
    carrier.state.registry.add_sender(number, api_key=api_key)
    return JsonResponse({"number": number})


async def _list_channels(carrier: Carrier, _request: Request) -> Response:
    return JsonResponse({"items": sorted(carrier.state.registry.channels)})


async def _add_channel(carrier: Carrier, request: Request) -> Response:
    pf_id = text_in(await _body(request), "pfId")
    carrier.state.registry.channels.add(pf_id)
    return JsonResponse({"pfId": pf_id})


async def _list_templates(carrier: Carrier, _request: Request) -> Response:
    items = [phones.template(item) for item in carrier.state.registry.templates.values()]
    return JsonResponse({"items": items})


async def _add_template(carrier: Carrier, request: Request) -> Response:
    body = await _body(request)
    template = Template(
        template_id=text_in(body, "templateId"),
        pf_id=text_in(body, "pfId"),
        content=text_in(body, "content"),
        buttons=_buttons(body.get("buttons")),
    )
    # A template belongs to a channel, so registering it registers the channel too.
    carrier.state.registry.channels.add(template.pf_id)
    carrier.state.registry.templates[template.template_id] = template
    return JsonResponse(phones.template(template))


async def _add_denial(carrier: Carrier, request: Request) -> Response:
    body = await _body(request)
    sender, recipient = _digits(text_in(body, "sender")), _digits(text_in(body, "recipient"))
    _deny(carrier, sender=sender, recipient=recipient)
    return JsonResponse({"sender": sender, "recipient": recipient})


def _deny(carrier: Carrier, *, sender: str, recipient: str) -> None:
    denial = Denial(
        handle_key=ids.event_id(),
        sender=sender,
        recipient=recipient,
        created=carrier.state.clock.epoch_s(),
    )
    carrier.state.registry.add_denial(denial)


async def _call(carrier: Carrier, request: Request) -> Response:
    body = await _body(request)
    number = _digits(request.path_params["number"])
    heard = carrier.state.store.to_phone(number)
    dialled = _digits(text_in(body, "to", default=calls.last_named(heard)))
    senders = calls.refused_senders(heard, dialled)
    for sender in senders:
        _deny(carrier, sender=sender, recipient=number)
    carrier.state.counters.events["calls"] += 1
    return JsonResponse({"from": number, "to": dialled, "refused": senders})


async def _get_ledger(carrier: Carrier, request: Request) -> Response:
    query = request.query_params
    limit = _whole(query.get("limit"), default=_LEDGER_DEFAULT, most=_LEDGER_MOST)
    after = _whole(query.get("after"), default=0, most=None)
    found = phones.ledger_selection(
        carrier.state.store,
        to=query.get("to"),
        ref=query.get("ref"),
        everything=query.get("status") == "any",
    )
    items = [phones.ledger_line(message) for message in found[after : after + limit]]
    following = after + limit if after + limit < len(found) else None
    return JsonResponse({"total": len(found), "next": following, "items": items})


async def _get_counters(carrier: Carrier, _request: Request) -> Response:
    events = carrier.state.counters.events
    return JsonResponse(
        {
            **carrier.state.counters.as_json(),
            "phones": len(carrier.state.store.phones),
            "in_flight": events["accepted"] - sum(events[one] for one in _ENDS),
            "webhook_backlog": carrier.reports.backlog,
            "inbound_backlog": carrier.inbound.backlog,
            "balance": carrier.state.account.balance,
        }
    )


async def _list_replies(carrier: Carrier, _request: Request) -> Response:
    return JsonResponse({"items": [phones.reply(item) for item in carrier.state.store.replies]})


async def _list_phones(carrier: Carrier, request: Request) -> Response:
    store = carrier.state.store
    search = "".join(filter(str.isdecimal, request.query_params.get("search", "")))
    limit = _whole(request.query_params.get("limit"), default=100, most=_PHONES_MOST)
    found = store.recent_phones(containing=search, limit=limit)
    items = [phones.summary(phone) for phone in found]
    return JsonResponse({"total": len(store.phones), "items": items})


async def _get_phone(carrier: Carrier, request: Request) -> Response:
    number = _digits(request.path_params["number"])
    phone = carrier.state.store.phones.get(number) or Phone(number=number)
    return JsonResponse(phones.view(phone, registry=carrier.state.registry))


async def _reply(carrier: Carrier, request: Request) -> Response:
    body = await _body(request)
    store = carrier.state.store
    number = _digits(request.path_params["number"])
    heard = store.to_phone(number)
    last_sender = next((one.draft.sender for one in reversed(heard) if one.draft.sender), None)
    reply = Reply(
        message_id=ids.message_id(carrier.state.clock.now()),
        phone=number,
        to=_digits(text_in(body, "to", default=last_sender)),
        text=text_in(body, "text")[:_REPLY_CHARS],
        received=carrier.state.clock.epoch_s(),
    )
    store.add_reply(reply)
    carrier.state.counters.events["replies"] += 1
    _announce(carrier, reply)
    return JsonResponse(phones.reply(reply))


def _announce(carrier: Carrier, reply: Reply) -> None:
    """Tell the inbound webhook."""
    if carrier.state.knobs.inbound_url is not None:
        event = Event(
            event_id=reply.message_id, about=reply.phone, data=lambda: phones.relayed(reply)
        )
        carrier.inbound.offer(event)


async def _get_file(carrier: Carrier, request: Request) -> Response:
    file = carrier.state.registry.files.get(request.path_params["file_id"])
    if file is None:
        message = "no such file"
        raise ApiError(404, "ResourceNotFound", message)
    # Only a picture that was decoded is shown as one; nothing uploaded may run in the page.
    kind = "image/jpeg" if file.width is not None else "application/octet-stream"
    headers = {"x-content-type-options": "nosniff"}
    return Response(file.content, media_type=kind, headers=headers)


def _buttons(value: object) -> tuple[Button, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        message = "buttons must be a list of objects"
        raise invalid(message)
    return tuple(
        Button(
            name=text_in(item, "buttonName"),
            kind=text_in(item, "buttonType"),
            link=text_in(item, "linkMo") if item.get("linkMo") else "",
        )
        for item in value
    )


def _digits(text: str) -> str:
    digits = text.replace("-", "")
    if not (digits.isascii() and digits.isdecimal()):
        message = "a phone number is made of digits"
        raise invalid(message)
    return digits


def _whole(text: str | None, *, default: int, most: int | None) -> int:
    if text is None:
        return default
    fits = text.isascii() and text.isdecimal() and len(text) <= 9  # noqa: PLR2004 - below 10^9
    if not fits or (most is not None and int(text) > most):
        message = f"limit and after must be whole numbers, limit at most {most}"
        raise invalid(message)
    return int(text)
