"""Keep the signed lists of withheld documents."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withheld_lists",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
