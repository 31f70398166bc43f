"""Keep unchecked events of a long step in a table, and name the subjects whose events are not whole."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_provisional_events",
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
    op.create_table(
        "ledger_gaps",
        sa.Column("contract", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("contract"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_doubts",
        sa.Column("contract", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("contract", "subject"),
        sqlite_with_rowid=False,
    )
