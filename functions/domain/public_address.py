"""Which network addresses are on the public internet: only those are called for others.

Whoever may name a URL could else have us call what only we can reach: the metadata service of the
cloud, this machine, a private network. The name in the URL says nothing; the address counts.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

_SPECIAL = (
    # Versions of Python differ on these; clouds use some of them for services of their own.
    IPv4Network("192.0.0.0/24"),  # RFC 6890
    IPv4Network("192.88.99.0/24"),  # RFC 7526: relays of 6to4, withdrawn
    IPv4Network("100.64.0.0/10"),  # RFC 6598
    IPv4Network("198.18.0.0/15"),  # RFC 2544
)
_TRANSLATED = (
    IPv6Network("64:ff9b::/96"),  # RFC 6052: an IPv4 address in an IPv6 one
    IPv6Network("64:ff9b:1::/48"),  # RFC 8215, likewise
    IPv6Network("2002::/16"),  # RFC 3056 (6to4), likewise
    IPv6Network("2001::/32"),  # RFC 4380 (Teredo), likewise
    IPv6Network("fec0::/10"),  # RFC 3879: site-local, withdrawn but still routed by some
    IPv6Network("::/96"),  # RFC 4291: IPv4-compatible, withdrawn
)


def is_public(address: str) -> bool:
    """Whether an IP address, as text, belongs to the public internet.

    >>> is_public("1.1.1.1"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        special: Iterable[IPv4Network | IPv6Network] = _TRANSLATED
    else:
        special = _SPECIAL
    if any(found in network for network in special):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


def is_loopback(address: str) -> bool:
    """Whether an IP address, as text, is this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
