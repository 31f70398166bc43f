"""Keep the address under which each status list was begun. Of a published list it is what its document says."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    addresses = op.create_table(
        "list_addresses",
        sa.Column("issuer", sa.LargeBinary(length=32), nullable=False),
        sa.Column("list_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base", sa.String(length=2048), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "list_number"),
    )
    published = op.get_bind().execute(sa.text("SELECT issuer, list_number, document FROM status_lists"))
    rows = [
        {"issuer": issuer, "list_number": number, "base": json.loads(document)["id"].rsplit("/status/", 1)[0]}
        for issuer, number, document in published
    ]
    if rows:
        op.bulk_insert(addresses, rows)
