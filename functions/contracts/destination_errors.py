"""Says in a caller's words why a link may not lead somewhere."""

from collections.abc import Sequence

from functions.contracts.errors import FieldError
from functions.domain.destination import Destination
from functions.domain.web_address import TargetFault, fault_of_app, fault_of_web

_MESSAGES = {
    TargetFault.INVALID_LINK: "Use a whole address without blanks.",
    TargetFault.UNSAFE_SCHEME: "Addresses of this kind can run in a browser or open files.",
    TargetFault.HOST_NOT_ALLOWED: "Links of this deployment do not lead to this host.",
}


def destination_errors(to: Destination, *, hosts: Sequence[str]) -> list[FieldError]:
    """Say which addresses of a destination are not allowed. No hosts: any."""
    return [*link_errors("/url", [to.url], hosts=hosts), *app_errors(to, hosts=hosts)]


def link_errors(pointer: str, links: Sequence[str], *, hosts: Sequence[str]) -> list[FieldError]:
    """Say whether some of the web addresses at ``pointer`` are not allowed, each reason once."""
    faults = dict.fromkeys(fault_of_web(link, allowed=hosts) for link in links)
    return [_error(pointer, fault) for fault in faults if fault is not None]


def app_errors(to: Destination, *, hosts: Sequence[str], pointer: str = "") -> list[FieldError]:
    """Say which addresses for phones are not allowed."""
    errors = []
    for name, address in (("ios", to.ios), ("android", to.android)):
        fault = None if address is None else fault_of_app(address, allowed=hosts)
        if fault is not None:
            errors.append(_error(f"{pointer}/{name}", fault))
    return errors


def _error(pointer: str, fault: TargetFault) -> FieldError:
    return FieldError(pointer=pointer, code=str(fault), message=_MESSAGES[fault])
