"""The first tables."""

import sqlalchemy as sa
from alembic import op

from service.store.tables import Strings, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "integrations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_name", sa.Text(), nullable=False),
        sa.Column("installation_type", sa.Text(), nullable=False),
        sa.Column("auth_type", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("credential", sa.LargeBinary()),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("skip_proxy", sa.Boolean(), nullable=False),
        sa.Column("retrieve_tickets", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("epoch_cause", sa.Text(), nullable=False),
        sa.Column("settled_epoch", sa.Integer(), nullable=False),
        sa.Column("health", sa.Text()),
        sa.Column("health_reason", sa.Text()),
        sa.Column("checked_at", UtcDateTime()),
        sa.Column("broken_since", UtcDateTime()),
        sa.Column("next_run_at", UtcDateTime(), nullable=False),
        sa.Column("next_probe_at", UtcDateTime()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_version", sa.Text(), nullable=False),
        sa.Column("removed_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_integrations"),
    )
    op.create_index(
        "uq_integrations_name_in_use",
        "integrations",
        ["connection_name"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "resources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text()),
        sa.Column("repo", sa.Text()),
        sa.Column("number", sa.Text()),
        sa.Column("version", sa.Text()),
        sa.Column("package_type", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_resources"),
        sa.UniqueConstraint("public_id", name="uq_resources_public_id"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
        sa.UniqueConstraint("token_hash", name="uq_users_token_hash"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("enqueued_at", UtcDateTime(), nullable=False),
        sa.Column("resume_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime()),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("cutoff", UtcDateTime()),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["integration_id"], ["integrations.id"], name="fk_runs_integration_id"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_integration_id", "runs", ["integration_id"])
    op.create_index(
        "uq_runs_one_unfinished",
        "runs",
        ["integration_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "violations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("watch_name", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("infected_components", Strings(), nullable=False),
        sa.Column("cves", Strings(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name="fk_violations_resource_id"),
        sa.PrimaryKeyConstraint("id", name="pk_violations"),
        sa.UniqueConstraint("public_id", name="uq_violations_public_id"),
    )
    op.create_index("ix_violations_resource_id", "violations", ["resource_id"])
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("violation_id", sa.Integer(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("status_id", sa.Text()),
        sa.Column("status_name", sa.Text()),
        sa.Column("status_category", sa.Text()),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("refreshed_at", UtcDateTime()),
        sa.Column("issue_updated_at", UtcDateTime()),
        sa.Column("deleted_at", UtcDateTime()),
        sa.Column("run_id", sa.Integer()),
        sa.ForeignKeyConstraint(["integration_id"], ["integrations.id"], name="fk_tickets_integration_id"),
        sa.ForeignKeyConstraint(["violation_id"], ["violations.id"], name="fk_tickets_violation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("integration_id", "issue_id", name="uq_tickets_integration_id_issue_id"),
    )
    op.create_index("ix_tickets_integration_id_id", "tickets", ["integration_id", "id"])
    op.create_index("ix_tickets_violation_id", "tickets", ["violation_id"])
    op.create_table(
        "intents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("violation_id", sa.Integer(), nullable=False),
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("next_look_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("ticket_id", sa.Integer()),
        sa.ForeignKeyConstraint(["integration_id"], ["integrations.id"], name="fk_intents_integration_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_intents_ticket_id"),
        sa.ForeignKeyConstraint(["violation_id"], ["violations.id"], name="fk_intents_violation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_intents"),
        sa.UniqueConstraint("label", name="uq_intents_label"),
    )
    op.create_index(
        "uq_intents_one_open",
        "intents",
        ["violation_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
