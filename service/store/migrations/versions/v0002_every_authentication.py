"""Every installation and authentication type, issues that are hidden, and runs that several workers share."""

import sqlalchemy as sa
from alembic import op

from service.store.tables import Strings, UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("integrations", sa.Column("client_id", sa.Text(), nullable=False, server_default=""))
    op.add_column("integrations", sa.Column("cloud_id", sa.Text()))
    op.add_column("tickets", sa.Column("hidden_at", UtcDateTime()))
    op.add_column("tickets", sa.Column("is_guarded", sa.Boolean(), nullable=False, server_default=sa.false()))
    _grants_and_consents()
    op.create_table(
        "shares",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("is_admitted", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("done_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_shares_run_id"),
        sa.PrimaryKeyConstraint("run_id", "number", name="pk_shares"),
    )


def _grants_and_consents() -> None:
    op.create_table(
        "grants",
        sa.Column("integration_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime()),
        sa.Column("scopes", Strings(), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("refresher", sa.Text()),
        sa.Column("refresher_until", UtcDateTime()),
        sa.Column("refusal", sa.Text()),
        sa.Column("refused_until", UtcDateTime()),
        sa.ForeignKeyConstraint(["integration_id"], ["integrations.id"], name="fk_grants_integration_id"),
        sa.PrimaryKeyConstraint("integration_id", name="pk_grants"),
    )
    op.create_table(
        "consents",
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("integration_id", sa.Integer()),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["integration_id"], ["integrations.id"], name="fk_consents_integration_id"),
        sa.PrimaryKeyConstraint("state_hash", name="pk_consents"),
    )
