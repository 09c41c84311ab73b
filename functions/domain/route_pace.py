"""What limits how fast the messages of a route may leave."""

from dataclasses import replace

from functions.domain.ids import MAIN_ACCOUNT, AccountName
from functions.domain.pace import Lane, Rate, lanes_of, largest_batch
from functions.domain.route import Route


def lanes_on(
    route: Route, *, rate: Rate | None, provider: str, account: AccountName = MAIN_ACCOUNT
) -> tuple[Lane, ...]:
    """The limits on the way, ``rate`` being that of the campaign itself.

    Each account of a provider has the provider's limit for itself.
    """
    at = provider if account == MAIN_ACCOUNT else f"{provider}:{account}"
    return lanes_of(
        campaign=(route.source, rate),
        sender=(route.sender.sender_id, route.sender.rate),
        provider=(at, route.policy.rate_by_provider.get(provider)),
        tenant=route.policy.rate,
    )


def cut_to_pace(route: Route, *, rate: Rate | None, provider: str) -> Route:
    """The same way, in batches that are small enough for its limits."""
    return replace(route, batch_size=largest_batch(lanes_on(route, rate=rate, provider=provider)))
