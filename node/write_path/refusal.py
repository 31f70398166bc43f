"""Ask the contract about a call before it is signed, and decide whether its refusal counts.

The question is put to one endpoint's simulation of the next block. An endpoint that lags, or whose simulation fails, refuses
what the chain accepts. Invariant: `issuer: not active`, which puts entries aside until an operator decides, counts only where
the registry's state explains it at the head of every endpoint that answers. Other refusals put nothing aside.
"""

from acredita.anchoring.ledger import (
    DisputedRefusalUnavailable,
    Ledger,
    LedgerBehindUnavailable,
    LedgerUnavailable,
    PartialLedgerUnavailable,
)
from acredita.anchoring.quorum import endpoints_of
from acredita.anchoring.types import Address
from acredita.contracts.abi import Call
from acredita.contracts.bindings import ContractRefused, IssuerRegistry
from acredita.node.storage.ledger_index import index_state
from acredita.node.write_path.log_on_chain import LogOnChain
from acredita.node.write_path.log_record import LogRecord
from acredita.registry.codes import Code


def refusal(
    record: LogRecord, chain: LogOnChain, account: Address, call: Call, registry: Address | None
) -> ContractRefused | None:
    """Return the contract's refusal of a call, None if it accepts the call. Raises LedgerUnavailable.

    `registry`: the issuer registry, whose state explains a refusal; None where it is not known.
    """
    try:
        chain.ledger.simulate(call, account)
    except ContractRefused as refused:
        if (
            refused.code != Code.ISSUER_NOT_ACTIVE
            or registry is None
            or _is_explained(record, chain, account, registry)
        ):
            return refused
        raise PartialLedgerUnavailable(
            f"the endpoint refuses the anchor ({refused.reason}), but in its registry the issuer is active"
        ) from refused
    except DisputedRefusalUnavailable as disputed:
        if disputed.refused.code != Code.ISSUER_NOT_ACTIVE or registry is None:
            raise
        return disputed.refused if _is_explained(record, chain, account, registry) else None
    return None


def _is_explained(record: LogRecord, chain: LogOnChain, account: Address, registry: Address) -> bool:
    """Decide whether, for every endpoint that answers, its newest block has the issuer as not active.

    Raises LedgerUnavailable where none answers.
    """
    failure: LedgerUnavailable | None = None
    is_explained = False
    for endpoint in endpoints_of(chain.ledger) or (chain.ledger,):
        try:
            if _is_active(record, endpoint, chain, account, registry):
                return False
        except LedgerUnavailable as error:
            failure = error
            continue
        is_explained = True
    if not is_explained:
        raise failure or LedgerUnavailable("there is no endpoint")
    return True


def _is_active(record: LogRecord, endpoint: Ledger, chain: LogOnChain, account: Address, registry: Address) -> bool:
    """Decide whether the account may anchor credentials at the endpoint's newest block, and still may now.

    Raises LedgerBehindUnavailable for an endpoint that ends below a block that the index has.
    """
    head = endpoint.head()
    with record.read() as connection:
        indexed = index_state(connection).block
    if indexed is not None and head.number < indexed.number:
        raise LedgerBehindUnavailable(f"the ledger ends at block {head.number}, block {indexed.number} was seen before")
    issuers, now = IssuerRegistry(registry), max(head.time, record.clock())
    may_open = endpoint.read(issuers.anchor_rights(account), head.hash).may_open
    return may_open and endpoint.read(issuers.recognised_at(chain.issuer, now), head.hash)
