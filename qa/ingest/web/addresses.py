"""Which addresses may be fetched: http and https, and by default nothing inside a private network.

A feed's text comes from outside, and so do the addresses in it and the redirects behind them. They
must not be able to reach what only this machine can reach: a host is resolved once, its addresses
are checked, and the connection goes to one of the very addresses that were checked.
"""

import ipaddress
import socket
from collections.abc import Sequence

import anyio
import httpx

from qa.errors import FetchFailed

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LONGEST = 2000  # characters
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse_url(text: str) -> httpx.URL:
    """The absolute http or https address, without its fragment. Raises FetchFailed."""
    if len(text) > _LONGEST:
        raise FetchFailed(f"an address of {len(text):,} characters; the limit is {_LONGEST:,}")
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(f"invalid address {text[:80]!a}: {error}") from error
    if url.scheme not in ("http", "https"):
        raise FetchFailed(f"only http and https are fetched, got {text[:80]!a}")
    if url.port is not None and not 0 < url.port < 65_536:
        raise FetchFailed(f"invalid address {text[:80]!a}: port {url.port}")
    if not url.host:
        raise FetchFailed(f"no host in {text[:80]!a}")
    if url.userinfo:
        raise FetchFailed("an address must not hold a user name or password")
    return url.copy_with(fragment=None)


def host_and_port(url: httpx.URL) -> tuple[str, int]:
    """The host in ASCII, and the port, also where the address leaves it out."""
    return url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)


async def resolve(host: str, port: int, *, private: bool) -> Sequence[str]:
    """The addresses of a host, in the order to try them. Raises FetchFailed.

    Unless ``private``, one address that is not public refuses the host as a whole.
    """
    try:
        found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"no such host: {host}") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses:
        raise FetchFailed(f"no such host: {host}")
    for address in addresses:
        if not private and not is_public(address):
            raise FetchFailed(
                f"{host} is at {address}, which is not a public address;"
                " DATELINE_FETCH_PRIVATE_ADDRESSES=true allows it"
            )
    return addresses


def is_public(address: str) -> bool:
    """Return True for an address that anybody on the internet can reach."""
    return all(_is_public(one) for one in _meant(ipaddress.ip_address(address.partition("%")[0])))


def _is_public(address: IPAddress) -> bool:
    # `is_global` counts multicast in, and site-local addresses, whose use has ended.
    local = address.is_multicast or address.is_reserved or address.is_unspecified
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not local and not site_local


def _meant(address: IPAddress) -> list[IPAddress]:
    """The IPv4 addresses that an IPv6 address carries, if any; else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address.sixtofour]
    if address.teredo is not None:
        return list(address.teredo)
    return [address]
