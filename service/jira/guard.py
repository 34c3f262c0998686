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
        "fd00:ec2::254/128",  # metadata of AWS
        "fd20:ce::254/128",  # of Google Cloud
        "ff00::/8",
    )
)
TRANSLATED = ip_network("64:ff9b::/96")  # an IPv6 network that hands on to IPv4 (NAT64)


class AddressRefused(HTTPError):
    """Nothing was sent: the address is one that requests are not sent to."""


def is_refused(address: str) -> bool:
    """Whether requests are not sent to this literal `address`; an IPv4 address within an IPv6 one counts as itself."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        found = _within(found) or found
    return any(found.version == network.version and found in network for network in REFUSED)


def allowed_addresses(host: str, port: int) -> list[str]:
    """What `host` means now, without what is refused.

    Raises AddressRefused when nothing is left; gaierror and ValueError for what is not the name of a host.
    """
    found = socket.getaddrinfo(host.strip("[]"), port, allowed_gai_family(), socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    allowed = [address for address in addresses if not is_refused(address)]
    if not allowed:
        raise AddressRefused("The address is one that requests are not sent to.")
    return allowed


def is_refused_literal(host: str) -> bool:
    """The same of a host that is an address, however oddly written; False of a name, which others resolve."""
    bare = host.strip("[]")
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
    if address in TRANSLATED or (int(address) >> 32 == 0 and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
