"""Index queue items by status position: the changes of one credential are read for each answer about it."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("queue_by_position", "queue_items", ["issuer", "position"])
