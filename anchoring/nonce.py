"""The next nonce of an account of ours: the chain's confirmed count, which must equal our own.

Nobody else sends from the account, with at most one transaction in flight. A count above ours means that somebody else has
the key. A count below ours means an endpoint that lags: nothing may be concluded from it.
"""

from acredita.anchoring.ledger import LedgerUnavailable, NonceForeignError


def next_nonce(counted: int, expected: int | None, subject: str) -> int:
    """Return the chain's count. `expected`: our own, None where we have settled nothing. `subject` names it in errors.

    Raises NonceForeignError if the chain counts more, LedgerUnavailable if it counts fewer.
    """
    if expected is None or counted == expected:
        return counted
    if counted < expected:
        raise LedgerUnavailable(f"the chain counts {counted} transactions of our account, {expected} are confirmed")
    raise NonceForeignError(subject, str(expected), str(counted))
