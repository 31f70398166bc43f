"""Dialects of Besu: one behaviour each that differs by version or setting, with the source file that decides it.

Files are of github.com/hyperledger/besu. Besu itself has not been run; its own recorded answers are compared where
`ACREDITA_VECTORS` names the published ones.
"""

from dataclasses import dataclass
from enum import Enum

_METHODS = "ethereum/api/src/main/java/org/hyperledger/besu/ethereum/api/jsonrpc/internal/methods"
_API = "ethereum/api/src/main/java/org/hyperledger/besu/ethereum/api/jsonrpc"
_SELECTORS = "ethereum/blockcreation/src/main/java/org/hyperledger/besu/ethereum/blockcreation/txselection/selectors"

DEFAULT_MIN_GAS_PRICE = 1_000  # wei: Besu's own default, which a network without fees has to set to 0
BONSAI_BLOCKS = 512  # layers of state that Besu's default storage keeps


class BeyondHead(Enum):
    """Answers to a log query whose last block the endpoint does not have yet."""

    ERROR = "error"
    PARTIAL = "partial"
    EMPTY = "empty"


class RevertShape(Enum):
    """Error objects of a call that reverted with data."""

    CODE_3 = "code 3, data"
    SERVER_ERROR = "code -32000, data"
    NO_DATA = "code 3, no data"


@dataclass(frozen=True)
class Dialect:
    """One behaviour of an endpoint. `source`: Besu's file that decides it.

    `state_window`: blocks below the head whose state is kept; None for all. `least_price`: what every proposer of the
    network wants, while the endpoint itself takes transactions of price 0. `senders_allowed`: False where the account
    allow-list holds nobody. `token`: the bearer token without which the endpoint answers 401.
    """

    name: str
    source: str
    pending_is_latest: bool = True
    beyond_head: BeyondHead = BeyondHead.ERROR
    future_is_null: bool = False
    state_window: int | None = None
    revert: RevertShape = RevertShape.CODE_3
    least_price: int = 0
    senders_allowed: bool = True
    token: str | None = None

    @property
    def takes_transactions(self) -> bool:
        """True if a transaction of ours that is sent gets into a block."""
        return self.senders_allowed and self.least_price == 0 and self.token is None

    @property
    def tells_reasons(self) -> bool:
        """True if a revert carries the contract's reason."""
        return self.revert is not RevertShape.NO_DATA


PENDING_IS_LATEST = Dialect("pending-is-latest", f"{_METHODS}/AbstractBlockParameterOrBlockHashMethod.java")
PARTIAL_LOGS = Dialect("partial-logs", f"{_METHODS}/EthGetLogs.java", beyond_head=BeyondHead.PARTIAL)
NO_LOGS = Dialect("empty-logs", f"{_METHODS}/EthGetLogs.java", beyond_head=BeyondHead.EMPTY)
REFUSED_LOGS = Dialect("refused-logs", f"{_METHODS}/EthGetLogs.java")
BONSAI = Dialect(
    "state-of-512-blocks",
    "ethereum/core/src/main/java/org/hyperledger/besu/ethereum/worldstate/DataStorageConfiguration.java",
    state_window=BONSAI_BLOCKS,
)
NULL_FOR_THE_FUTURE = Dialect(
    "null-for-the-future", f"{_METHODS}/AbstractBlockParameterOrBlockHashMethod.java", future_is_null=True
)
REVERT_AS_SERVER_ERROR = Dialect(
    "revert-as-server-error", f"{_API}/internal/response/RpcErrorType.java", revert=RevertShape.SERVER_ERROR
)
REVERT_WITHOUT_DATA = Dialect("revert-without-data", f"{_METHODS}/EthCall.java", revert=RevertShape.NO_DATA)
PRICED = Dialect(
    "accepted-never-mined", f"{_SELECTORS}/PriceTransactionSelector.java", least_price=DEFAULT_MIN_GAS_PRICE
)
SENDER_NOT_ALLOWED = Dialect("sender-not-allowed", f"{_API}/internal/response/RpcErrorType.java", senders_allowed=False)
UNAUTHORISED = Dialect(
    "unauthorised", f"{_API}/authentication/AuthenticationUtils.java", token="a token that nobody has"
)

DIALECTS = (
    PENDING_IS_LATEST,
    PARTIAL_LOGS,
    NO_LOGS,
    REFUSED_LOGS,
    BONSAI,
    NULL_FOR_THE_FUTURE,
    REVERT_AS_SERVER_ERROR,
    REVERT_WITHOUT_DATA,
    PRICED,
    SENDER_NOT_ALLOWED,
    UNAUTHORISED,
)
