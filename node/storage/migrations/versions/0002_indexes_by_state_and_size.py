"""What a batch and a tile ask for is found without reading every transaction and checkpoint there ever was."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("transactions_by_state", "transactions", ["issuer", "state", "id"])
    op.create_index("checkpoints_by_size", "checkpoints", ["issuer", "epoch", "size"])
