"""Environment -> one frozen dataclass. Command-line options override it by `dataclasses.replace`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_type_hints

from service.errors import SettingInvalid

PREFIX = "TICKET_SERVICE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, with units. Read from `TICKET_SERVICE_<NAME IN CAPITALS>`."""

    host: str = "127.0.0.1"
    port: int = 8080  # 0 = any free one
    database: str = "sqlite:///ticket-service.db"
    product_version: str = "3.140.0"
    public_url: str = ""  # of the pages, when they are reached through a proxy; https makes cookies secure
    key: str = ""  # encrypts credentials at rest; empty = a file beside the SQLite database
    allow_time_travel: bool = False  # opens /_control and stops the schedule: for replayed scenarios
    check_seconds: float = 10.0  # a live status check in all (R1)
    connect_seconds: float = 3.0  # to open one connection to Jira
    read_seconds: float = 20.0  # for one answer of Jira
    answer_bytes: int = 10_000_000  # the largest answer of Jira that is read
    requests_in_flight: int = 4  # to one Jira, by one run
    works: bool = True  # on PostgreSQL: false = web only, what is due is done by `ticket-service worker` elsewhere
    runs_at_once: int = 8  # of different integrations, in this process
    patience: float = 60.0  # seconds a run waits in place; longer waits are stored and the run given back
    lease: float = 30.0  # seconds after which a silent run is taken for dead and goes on elsewhere (R10)
    jitter_seed: int = 0  # 0 = unpredictable; anything else makes waits repeatable
    threads: int = 16  # of the web server
    turn_seconds: float = 20.0  # a run makes room for others that wait once it has had this long
    share_tickets: int = 50_000  # a larger run is cut into parts of this many, which workers share
    atlassian_auth_url: str = "https://auth.atlassian.com"  # where people consent and tokens are exchanged (3LO)
    atlassian_api_url: str = "https://api.atlassian.com"  # the gateway to the sites that they consented for (3LO)
    token_margin: float = 60.0  # seconds before its expiry that an access token of OAuth 2.0 is renewed
    ca_file: str = ""  # a bundle of certificate authorities for Jira, in place of the usual ones
    allow_link_local: bool = False  # lets a Jira be at a link-local or metadata address

    def __post_init__(self) -> None:
        for name in ("public_url", "atlassian_auth_url", "atlassian_api_url"):  # paths are appended
            object.__setattr__(self, name, getattr(self, name).rstrip("/"))


RANGES: Mapping[str, tuple[float, float]] = {
    "port": (0, 65_535),
    "check_seconds": (0.1, 3600),
    "connect_seconds": (0.1, 3600),
    "read_seconds": (0.1, 3600),
    "answer_bytes": (1000, 1_000_000_000),
    "requests_in_flight": (1, 100),
    "runs_at_once": (1, 1000),
    "patience": (0, 86_400),
    "lease": (1, 86_400),
    "jitter_seed": (0, 2**63),
    "threads": (1, 1000),
    "turn_seconds": (0, 86_400),
    "share_tickets": (100, 1_000_000_000),
    "token_margin": (0, 240),
}
"""What a number may be, both ends included."""


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings that `environment` (by default the process's) asks for.

    Raises SettingInvalid, naming the variable, when a value is not of its kind or out of its range.
    """
    given = os.environ if environment is None else environment
    kinds = get_type_hints(Settings)
    settings = Settings()
    for field in fields(Settings):
        variable = PREFIX + field.name.upper()
        if variable in given:
            value = _parse(variable, given[variable], kinds[field.name])
            _insist_on_range(field.name, variable, value)
            settings = replace(settings, **{field.name: value})
    return settings


def _parse(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() in {"1", "true", "yes", "on"}:
            return True
        if text.lower() in {"0", "false", "no", "off", ""}:
            return False
        raise SettingInvalid(f"{name} must be true or false, not {text!r}.")
    try:
        return kind(text)
    except ValueError:
        expected = {int: "a whole number", float: "a number"}[kind]
        raise SettingInvalid(f"{name} must be {expected}, not {text!r}.") from None


def _insist_on_range(name: str, variable: str, value: Any) -> None:
    if name not in RANGES:
        return
    least, most = RANGES[name]
    if not least <= value <= most:  # neither is true of "nan"
        raise SettingInvalid(f"{variable} must be from {least} to {most}, not {value}.")
