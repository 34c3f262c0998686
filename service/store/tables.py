"""What is kept: tables, and `UtcDateTime`, so that SQLite and PostgreSQL hand back the same instants.

Nothing but shapes. A change here needs a migration beside it; a test holds the two together.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, to the microsecond, in UTC. PostgreSQL has a type for it; SQLite counts microseconds."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no timezone: only aware instants are stored")
        return (value - EPOCH) // MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return EPOCH + timedelta(microseconds=value) if dialect.name == "sqlite" else value.astimezone(UTC)


class Strings(TypeDecorator[tuple[str, ...]]):
    """A short list of strings as JSON text, in which an element can be found by its quoted form."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else json.dumps(list(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:  # noqa: ARG002
        return () if value is None else tuple(json.loads(value))


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _one_of_a_kind(name: str, column: str, while_: str) -> Index:
    """At most one row per `column` for which `while_` holds."""
    return Index(name, column, unique=True, sqlite_where=text(while_), postgresql_where=text(while_))


meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
)

integrations = Table(
    "integrations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("connection_name", Text, nullable=False),
    Column("installation_type", Text, nullable=False),
    Column("auth_type", Text, nullable=False),
    Column("username", Text, nullable=False),  # of Basic; else empty
    Column("client_id", Text, nullable=False, server_default=""),  # or consumer key; of OAuth only
    Column("cloud_id", Text),  # the site, where the gateway is asked for it (Cloud with OAuth 2.0)
    Column("credential", LargeBinary),  # sealed by the vault; gone once the integration is removed
    Column("url", Text, nullable=False),
    Column("skip_proxy", Boolean, nullable=False),
    Column("retrieve_tickets", Boolean, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("epoch_cause", Text, nullable=False),
    Column("settled_epoch", Integer, nullable=False),
    Column("health", Text),
    Column("health_reason", Text),
    Column("checked_at", UtcDateTime),
    Column("broken_since", UtcDateTime),
    Column("next_run_at", UtcDateTime, nullable=False),
    Column("next_probe_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_version", Text, nullable=False),
    Column("removed_at", UtcDateTime),
    _one_of_a_kind("uq_integrations_name_in_use", "connection_name", "removed_at IS NULL"),
)

grants = Table(  # what a person's consent gave an integration: at most one, and it changes as its tokens rotate
    "grants",
    metadata,
    Column("integration_id", Integer, ForeignKey("integrations.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # its tokens, by the vault
    Column("generation", Integer, nullable=False),  # counts the tokens it has had
    Column("expires_at", UtcDateTime),  # of the access token; None: it does not tell
    Column("scopes", Strings, nullable=False),
    Column("granted_at", UtcDateTime, nullable=False),
    Column("refresher", Text),  # who is at the token endpoint now, until `refresher_until` at most
    Column("refresher_until", UtcDateTime),
    Column("refusal", Text),  # an Outcome: what the last attempt to renew this generation came to, if it failed
    Column("refused_until", UtcDateTime),  # nobody asks the token endpoint again before then
)

consents = Table(  # integrations that wait for somebody to agree in Jira; swept when they have expired
    "consents",
    metadata,
    Column("state_hash", Text, primary_key=True),
    Column("user_name", Text, nullable=False),  # only who began may end it
    Column("integration_id", Integer, ForeignKey("integrations.id")),  # None: a new one
    Column("sealed", LargeBinary, nullable=False),  # what was entered, and what was granted, by the vault
    Column("expires_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),  # a second callback with the same state is a replay
)

resources = Table(
    "resources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", Text, nullable=False, unique=True),  # a hash of what identifies it
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", Text),
    Column("repo", Text),
    Column("number", Text),
    Column("version", Text),
    Column("package_type", Text),
)

violations = Table(
    "violations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", Text, nullable=False, unique=True),  # a hash of resource, watch, issue and component
    Column("resource_id", Integer, ForeignKey("resources.id"), nullable=False, index=True),
    Column("issue_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("watch_name", Text, nullable=False),
    Column("component", Text, nullable=False),  # the first of the infected ones
    Column("infected_components", Strings, nullable=False),
    Column("cves", Strings, nullable=False),
    Column("summary", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("violation_id", Integer, ForeignKey("violations.id"), nullable=False, index=True),
    Column("integration_id", Integer, ForeignKey("integrations.id"), nullable=False),
    Column("issue_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("project_id", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("status_id", Text),
    Column("status_name", Text),
    Column("status_category", Text),
    Column("epoch", Integer, nullable=False),
    Column("refreshed_at", UtcDateTime),
    Column("issue_updated_at", UtcDateTime),
    Column("deleted_at", UtcDateTime),
    Column("hidden_at", UtcDateTime),  # Jira has it and does not show it to us; asked for again with every run
    Column("is_guarded", Boolean, nullable=False, server_default=false()),  # had a security level when last seen
    Column("run_id", Integer),  # the last run that checked it; no foreign key, which would lock the run's row
    UniqueConstraint("integration_id", "issue_id"),
    Index(None, "integration_id", "id"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("integration_id", Integer, ForeignKey("integrations.id"), nullable=False, index=True),
    Column("epoch", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("enqueued_at", UtcDateTime, nullable=False),
    Column("resume_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("owner", Text),
    Column("lease_until", UtcDateTime),
    Column("cutoff", UtcDateTime),
    Column("total", Integer, nullable=False),
    Column("checked", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("deleted", Integer, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("reason", Text),
    _one_of_a_kind("uq_runs_one_unfinished", "integration_id", "ended_at IS NULL"),
)

shares = Table(  # parts of a large run, by ticket ids, so that several workers can go through it
    "shares",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("after_id", Integer, nullable=False),  # tickets above this one ...
    Column("last_id", Integer, nullable=False),  # ... up to this one
    Column("owner", Text),
    Column("lease_until", UtcDateTime),
    Column("is_admitted", Boolean, nullable=False, server_default=false()),  # the owner of the run has made room for it
    Column("done_at", UtcDateTime),
)

intents = Table(
    "intents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("violation_id", Integer, ForeignKey("violations.id"), nullable=False),
    Column("integration_id", Integer, ForeignKey("integrations.id"), nullable=False),
    Column("project", Text, nullable=False),  # its key, in capitals as Jira has it
    Column("label", Text, nullable=False, unique=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("next_look_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("ticket_id", Integer, ForeignKey("tickets.id")),  # None after closing: given up
    _one_of_a_kind("uq_intents_one_open", "violation_id", "closed_at IS NULL"),
)
