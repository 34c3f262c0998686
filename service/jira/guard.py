"""To which addresses no request is sent: those that are nobody's Jira, and where a cloud keeps a machine's secrets.

Whoever may enter a Jira URL could else have this service ask its own machine's metadata. Loopback and private addresses
are allowed: a Jira may be there. What is judged is the address itself, in the moment of connecting to it; a name may
mean another one a moment later.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from urllib3.exceptions import HTTPError
from urllib3.util.connection import allowed_gai_family

REFUSED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # unspecified
        "169.254.0.0/16",  # link-local; 169.254.169.254 is the metadata of most clouds
        "100.100.100.200/32",  # metadata of Alibaba Cloud
        "168.63.129.16/32",  # of Azure
        "192.0.0.192/32",  # of Oracle Cloud
        "224.0.0.0/4",  # multicast
        "255.255.255.255/32",
        "::/128",
        "fe80::/10",
        "fd00:ec2::/32",  # metadata and other services of a machine at AWS
        "fd20:ce::254/128",  # metadata of Google Cloud
        "fd00:c1::a9fe:a9fe/128",  # of Oracle Cloud
        "fd00:42::42/128",  # of Scaleway
        "fd00:a9fe:a9fe::1/128",  # of Linode
        "ff00::/8",
    )
)
EMBEDDING = frozenset(  # the first 96 bits of IPv6 addresses whose last 32 are an IPv4 address
    int(IPv6Address(prefix)) >> 32
    for prefix in ("::", "::ffff:0:0", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::")  # the last two: NAT64
)


class AddressRefused(HTTPError):
    """Nothing was sent: the address is one that requests are not sent to."""


def is_refused(address: str) -> bool:
    """Whether requests are not sent to this literal `address`; an IPv4 address within an IPv6 one counts as itself."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        found = _within(found) or found
    return any(found.version == network.version and found in network for network in REFUSED)


def addresses_of(host: str, port: int, is_guarded: bool) -> list[str]:
    """What `host` means now; when `is_guarded`, without what is refused.

    Raises AddressRefused when nothing is left; gaierror and ValueError for what is not the name of a host.
    """
    found = socket.getaddrinfo(host.strip("[]"), port, allowed_gai_family(), socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(each[4][0]) for each in found)
    allowed = [address for address in addresses if not (is_guarded and is_refused(address))]
    if not allowed:
        raise AddressRefused("The address is one that requests are not sent to.")
    return allowed


def is_refused_literal(host: str) -> bool:
    """The same of a host that is an address, however oddly written; False of a name, which others resolve."""
    bare = host.strip("[]").rstrip(".")
    try:
        return is_refused(bare)
    except ValueError:
        pass
    try:
        return is_refused(socket.inet_ntoa(socket.inet_aton(bare)))  # 2852039166, 0xa9fea9fe, 169.254.43518
    except OSError:
        return False


def _within(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if int(address) >> 32 in EMBEDDING and int(address) > 1:  # :: and ::1 are themselves
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour
