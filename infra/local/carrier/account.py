"""The prepaid balance of the simulated account, in won."""

from __future__ import annotations

from dataclasses import dataclass

from infra.local.carrier.limits import PRICES


@dataclass(slots=True, kw_only=True)
class Account:
    """Money that messages are paid from."""

    account_id: str = "12925149"
    balance: int = 10_000_000

    def pay(self, won: int) -> bool:
        """Take the price of one message; False when the balance does not reach."""
        if won > self.balance:
            return False
        self.balance -= won
        return True

    def refund(self, won: int) -> None:
        """Give back the price of a message that did not arrive."""
        self.balance += won


def price(message_type: str) -> int:
    """Give the price of one message in won."""
    return PRICES[message_type]
