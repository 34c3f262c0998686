"""Tokens that rotate: one refresh at a time for each integration, across threads, processes and machines.

A refresh token works once. Whoever wants a newer access token claims the row of the grant by a conditional UPDATE,
asks the token endpoint with no transaction open, and commits the new tokens, durably, before anybody uses them;
everybody else waits for that and uses what was stored. Within a process the wait is for one thread, which goes on when
whoever asked has given up, since an answer that nobody reads is a refresh token lost.

A process that dies between the endpoint's answer and our commit leaves its claim behind, which ends after 30 seconds.
Jira Cloud then takes the old refresh token once more, as it does for ten minutes. [jira 4.2] Data Center has ended it
with its answer [jira 4.5]: there a crash in that gap means consent again, and nothing on our side can prevent it.
"""

import json
import math
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Unfinished
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from service import clock, logs
from service.errors import ServiceStopping, StoreUnavailable
from service.jira.access import Access, Tokens
from service.jira.auth import CredentialRefused, TokenSource
from service.jira.exchange import Exchanges
from service.jira.oauth import TokenEndpoint
from service.jira.wire import Ending
from service.rules.health import Outcome
from service.rules.tickets import Integration
from service.settings import Settings
from service.store import grants, integrations
from service.store.database import Store
from service.store.grants import Grant
from service.vault import Vault

LEASE = timedelta(seconds=30)  # of one refresh: longer than its exchange may take, far shorter than Cloud's leeway
WAIT_SECONDS = 60.0  # for tokens in all: another's lease, and then an exchange of our own
LOOK_SECONDS = 0.1  # between two looks at a refresh that another process is busy with
ROUNDS = 3  # what another process has stored may be old as well; whatever the clocks do, nobody asks for ever
STORE_SECONDS = 0.5  # between two tries to store what the endpoint has given
REFUSED_FOR = timedelta(minutes=1)  # a refusal is taken for the answer that long, whoever asks
Key = tuple[int, int, datetime]  # integration, generation, granted at
DEFINITE = frozenset({Outcome.CONSENT_AGAIN, Outcome.CLIENT_REFUSED})


@dataclass(frozen=True, slots=True)
class Held:
    """Tokens as one process holds them, with the row that they are of."""

    grant: Grant = field(repr=False)
    tokens: Tokens
    is_failing: bool = False  # a newer one was not to be had: the present one is used up to its end

    def is_good(self, margin: timedelta) -> bool:
        """Whether the access token lives for `margin` more, or does not tell how long it lives."""
        ends = self.tokens.expires_at
        return ends is None or clock.now() < (ends if self.is_failing else ends - margin)

    def is_of(self, other: "Held") -> bool:
        """Whether both are the same generation of the same grant."""
        return (self.grant.generation, self.grant.granted_at) == (other.grant.generation, other.grant.granted_at)


class Grants:
    """The stored grants of integrations. Safe to share between threads."""

    def __init__(self, store: Store, vault: Vault, settings: Settings, ending: Ending) -> None:
        self._store = store
        self._vault = vault
        self._ending = ending
        self._endpoint = TokenEndpoint(settings, Exchanges(settings, ending))
        self.margin = timedelta(seconds=settings.token_margin)
        self._lock = threading.Lock()
        self._under_way: dict[Key, Future[Held]] = {}

    def source(self, integration: Integration, access: Access, deadline: float | None = None) -> TokenSource:
        """The access tokens of `integration`, whose app is named by `access`; renewed as they expire.

        Nobody waits for one beyond `deadline` (monotonic seconds).
        """
        return _Source(self, integration.id, access, math.inf if deadline is None else deadline)

    def stored(self, integration_id: int) -> Tokens | None:
        """The tokens as they are stored: of OAuth 1.0a, for signing, or to see which scopes were granted."""
        held = self.held(integration_id)
        return None if held is None else held.tokens

    def put(self, c: Connection, integration_id: int, tokens: Tokens, now: datetime) -> None:
        """Stores what a consent gave; whatever the former tokens were refused for is forgotten."""
        grants.put(c, integration_id, self._seal(tokens), expires_at=tokens.expires_at, scopes=tokens.scopes, now=now)

    def held(self, integration_id: int, access: Access | None = None) -> Held | None:
        """The grant of an integration, opened.

        None also when the integration is not for the Jira and the app of `access` any more: it was edited meanwhile.
        """
        with self._store.read() as c:
            grant = grants.of(c, integration_id)
            now = None if access is None else integrations.by_id(c, integration_id)
        if grant is None or (access is not None and (now is None or _goes_to(now) != _goes_to(access))):
            return None
        return self._open(grant)

    def newer(self, than: Held, access: Access, deadline: float, count: Callable[[], None]) -> Held:
        """A later generation than `than`; `count` is called when that takes a request of ours.

        Raises CredentialRefused, TIMEOUT when there was none by `deadline` (monotonic seconds).
        """
        key = (than.grant.integration_id, than.grant.generation, than.grant.granted_at)
        with self._lock:
            future = self._under_way.get(key)
            if future is None:
                future = Future()
                work = partial(self._renew, than, access, count)
                threading.Thread(target=self._carry_out, args=(work, future, key), name="grant").start()
                self._under_way[key] = future  # a thread that could not be started is nobody's to wait for
        left = deadline - time.monotonic()
        try:
            return future.result(None if left == math.inf else max(0.0, left))
        except Unfinished:
            raise CredentialRefused(Outcome.TIMEOUT) from None

    # In the thread of a refresh

    def _carry_out(self, work: Callable[[], Held], future: Future[Held], key: Key) -> None:
        try:
            renewed = work()
        except BaseException as error:  # whoever waits raises it
            self._forget(key)
            future.set_exception(error)
        else:
            self._forget(key)
            future.set_result(renewed)

    def _forget(self, key: Key) -> None:
        with self._lock:
            del self._under_way[key]

    def _renew(self, seen: Held, access: Access, count: Callable[[], None]) -> Held:
        """Claims the refresh and does it, or waits for whoever does."""
        me, give_up = uuid.uuid4().hex, time.monotonic() + WAIT_SECONDS
        watched, overdue_at = None, math.inf
        while time.monotonic() < give_up:
            held = self._now(seen, access)
            if not held.is_of(seen):
                return held
            if held.grant.refresher is None and watched is not None and held.grant.refusal is not None:
                raise CredentialRefused(Outcome(held.grant.refusal))  # what we waited for has failed
            if held.grant.refresher != watched:
                watched, overdue_at = held.grant.refresher, time.monotonic() + LEASE.total_seconds()
            # by a stopwatch too: the clock of the machine that they are on may be ahead of ours
            overdue = watched if time.monotonic() >= overdue_at else None
            now = clock.now()
            with self._store.begin() as c:
                claimed = grants.claim(c, held.grant, me, until=now + LEASE, now=now, overdue=overdue)
            if claimed:
                count()
                mine = replace(held, grant=replace(held.grant, refresher=me))
                if (renewed := self._ask(mine, access)) is not None:
                    return renewed
            if self._ending.is_over:
                raise ServiceStopping("The service is being stopped. Please try again later.")
            time.sleep(LOOK_SECONDS)
        raise CredentialRefused(Outcome.TIMEOUT)

    def _now(self, seen: Held, access: Access) -> Held:
        """The grant as it is now. Raises CredentialRefused when asking for a newer one than `seen` is of no use."""
        held = self.held(seen.grant.integration_id, access)
        if held is None:  # the integration was removed, or signs in otherwise by now, or elsewhere
            raise CredentialRefused(Outcome.CONSENT_AGAIN)
        if held.is_of(seen):
            refusal, until = held.grant.refusal, held.grant.refused_until
            if held.tokens.refresh is None:
                raise CredentialRefused(Outcome.CONSENT_AGAIN)
            if refusal is not None and until is not None and clock.now() < until:
                raise CredentialRefused(Outcome(refusal), until - clock.now())
        return held

    def _ask(self, held: Held, access: Access) -> Held | None:
        """Has the tokens renewed, now that nobody else does, and stores what came of it.

        None when they were refused while somebody else put this attempt aside: that one, or a new consent, decides.
        """
        integration_id = held.grant.integration_id
        try:
            answer = self._endpoint.refresh(access, held.tokens.refresh or "")
        except BaseException:
            self._failed(held, Outcome.TIMEOUT, None)
            raise
        if answer.payload is not None:
            renewed = self._keep(held, answer.payload, access)
            logs.info("grant.renewed", integration_id=integration_id, generation=renewed.grant.generation)
            return renewed
        logs.warning("grant.refused", integration_id=integration_id, outcome=answer.outcome.value)
        hold = REFUSED_FOR if answer.outcome in DEFINITE else answer.retry_after
        if self._failed(held, answer.outcome, hold):
            raise CredentialRefused(answer.outcome, answer.retry_after)
        return None

    def _keep(self, held: Held, new: Tokens, access: Access) -> Held:
        """Stores new tokens. Tries for a minute when the store is away, as the old ones may be worth nothing now."""
        kept = replace(new, refresh=new.refresh or held.tokens.refresh, scopes=new.scopes or held.tokens.scopes)
        sealed, give_up = self._seal(kept), time.monotonic() + WAIT_SECONDS
        while True:
            try:
                with self._store.begin() as c:
                    grant = grants.renew(c, held.grant, sealed, expires_at=kept.expires_at, scopes=kept.scopes)
                return self._now(held, access) if grant is None else Held(grant, kept)
            except StoreUnavailable:
                logs.warning("grant.store_away", integration_id=held.grant.integration_id)
                if time.monotonic() >= give_up or self._ending.is_over:
                    raise
                time.sleep(STORE_SECONDS)

    def _failed(self, held: Held, outcome: Outcome, hold: timedelta | None) -> bool:
        with self._store.begin() as c:
            return grants.refuse(c, held.grant, outcome.value, None if hold is None else clock.now() + hold)

    def _seal(self, tokens: Tokens) -> bytes:
        return self._vault.seal(
            json.dumps({"access": tokens.access, "refresh": tokens.refresh, "secret": tokens.secret})
        )

    def _open(self, grant: Grant) -> Held:
        tokens = Tokens(**json.loads(self._vault.open(grant.sealed)), expires_at=grant.expires_at, scopes=grant.scopes)
        return Held(grant, tokens)


class _Source:
    """A TokenSource on a stored grant. Remembers the last token, so that most requests cost no look at the store."""

    def __init__(self, grants: Grants, integration_id: int, access: Access, deadline: float) -> None:
        self._grants = grants
        self._integration_id = integration_id
        self._access = access
        self._deadline = deadline
        self._last: Held | None = None
        self._lock = threading.Lock()
        self._sent = 0

    @property
    def sent(self) -> int:
        return self._sent

    def token(self) -> str:
        """The token at hand while it lasts. A renewal that fails ahead of time is not repeated before its end."""
        held = self._last or self._read()
        try:
            held = self._good(held)
        except CredentialRefused:
            if not held.is_good(timedelta()):
                raise
            held = replace(held, is_failing=True)
        self._last = held
        return held.tokens.access

    def renewed(self, rejected: str) -> str:
        held = self._last or self._read()
        if held.tokens.access == rejected:
            held = self._newer(held)
        self._last = held = self._good(held)
        return held.tokens.access

    def _good(self, held: Held) -> Held:
        for _ in range(ROUNDS):
            if held.is_good(self._grants.margin):
                break
            held = self._newer(held)
        return held

    def _newer(self, held: Held) -> Held:
        return self._grants.newer(held, self._access, self._deadline, self._count)

    def _count(self) -> None:
        with self._lock:
            self._sent += 1

    def _read(self) -> Held:
        held = self._grants.held(self._integration_id, self._access)
        if held is None:
            raise CredentialRefused(Outcome.CONSENT_AGAIN)
        return held


def _goes_to(way: Integration | Access) -> tuple[object, ...]:
    """The Jira and the app that tokens are good for, and that they may be shown to."""
    return way.installation_type, way.auth_type, way.url, way.client_id, way.cloud_id
