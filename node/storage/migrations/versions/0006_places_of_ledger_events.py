"""Keep the block hash and the transaction of each event of the ledger. The index begins anew, because it has neither."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("ledger_index", "ledger_blocks"):
        op.execute(sa.delete(sa.table(table)))
    op.drop_table("ledger_events")
    op.create_table(
        "ledger_events",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.Integer(), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=32), nullable=True),
        sa.Column("topic", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.LargeBinary(length=32), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("transaction", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
        sqlite_with_rowid=False,
    )
    op.create_index("ledger_events_by_subject", "ledger_events", ["contract", "subject", "block_number", "log_index"])
    op.create_index("ledger_events_by_contract", "ledger_events", ["contract", "block_number", "log_index"])
