"""Bodies of the sender calls."""

from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import PRINTABLE, Body, Line, Moment
from functions.domain.channel import Channel
from functions.domain.sender import ProofKind, SenderStatus


class SenderPost(Body):
    """A sender to register: a number for SMS, a channel's ``pfId`` for Kakao.

    ``opt_out_number`` is the free 080 number; advertisements need it. ``contact`` is the number
    that they name beside the sender, when it is another one than the sending number.
    """

    channel: Annotated[Channel, Field(strict=False)]
    address: Annotated[str, Field(min_length=1, max_length=64)]
    display_name: Line
    contact: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    opt_out_number: Annotated[str, Field(max_length=20)] | None = None


AccountKey = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,12}$")]


class SenderAccountsPut(Body):
    """Further accounts at the provider where the sender is registered, and its address there.

    The address is the number itself, or the channel's ``pfId`` at that account. The account
    ``main`` knows it by its own ``address`` and does not stand here.
    """

    accounts: Annotated[
        dict[AccountKey, Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=8)
    ]


class ProofPost(Body):
    """A file to hand in that proves a right to the number."""

    kind: Annotated[ProofKind, Field(strict=False)]


class SenderReview(Body):
    """The outcome of checking that the number is registered (전기통신사업법 84의2).

    An approval holds from ``valid_from`` until just before ``valid_until``; without them, always.
    A number without an uploaded proof is approved only with a ``note`` that says why.
    """

    status: Annotated[SenderStatus, Field(strict=False)]
    note: Annotated[str, Field(max_length=500), PRINTABLE] = ""
    valid_from: Moment | None = None
    valid_until: Moment | None = None
