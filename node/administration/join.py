"""Bind a node to the chain that a trust file names (`node join`).

Invariant: nothing is written before the file is whole and in force, the ledger of the configuration is the one it pins, and
no log in the database is tied to another. What the council recorded under the file's number must be its hash.
"""

from dataclasses import dataclass

from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.types import Address, to_hex
from acredita.contracts.coded_error import CodedError
from acredita.node.config import Configuration
from acredita.node.ledger.view import NodeObserver
from acredita.node.publication.trust_folder import publish_trust, read_trust
from acredita.node.storage import institutions
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import LedgerIdentity
from acredita.node.storage.sqlite import is_missing_file
from acredita.node.verification.files import observe
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.log_entries import EntriesAtHand
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused, parse_trust
from acredita.registry.ledger_facts.trust_succession import check_next, recorded_fault
from acredita.registry.verification.case import Moment, not_in_force

_STOPS = frozenset({Code.GENESIS_CHANGED, Code.CODE_CHANGED})


class JoinRefused(CodedError[Code]):
    """The node is not bound: the message says what does not fit. Nothing was written."""


@dataclass(frozen=True)
class OfferedTrust:
    """A trust file that somebody offers to a node. `document`: its JSON value."""

    trust: Trust
    document: object


def read_offer(content: bytes, place: str) -> OfferedTrust:
    """Read an offered trust file and check its signatures. Raises TrustRefused, which names the place."""
    try:
        document = read_json(content)
        return OfferedTrust(parse_trust(document), document)
    except JsonRefused as error:
        raise TrustRefused(Code.TRUST_MALFORMED, f"{place}: {error}") from error
    except TrustRefused as error:
        raise TrustRefused(error.code, f"{place}: {error}") from error


def bound_trust(configuration: Configuration) -> Trust | None:
    """Return the trust file that the node is bound by; None where there is none. Raises TrustRefused, FileRefused."""
    path = configuration.trust_file
    return read_trust(path) if path.is_file() else None


def needs_confirmation(bound: Trust | None, offered: Trust) -> bool:
    """Return whether somebody must confirm the offered file: the bound one and its next one need no more.

    Raises TrustRefused for a file that may not follow the bound one.
    """
    if bound is None:
        return True
    if offered.ledger != bound.ledger:
        raise TrustRefused(
            Code.TRUST_OTHER_LEDGER, f"trust file {offered.number} names another chain, genesis or contracts"
        )
    check_next(bound, offered)
    return False


def check_joinable(configuration: Configuration, trust: Trust, ledger: Ledger, now: int) -> None:
    """Check that the node's ledger and logs are those of a trust file in force. Raises JoinRefused, LedgerUnavailable."""
    observer = observe(trust, lambda issuer: EntriesAtHand(), ledger, Moment(now))
    if isinstance(observer, Missing):
        if observer.code in _STOPS:
            raise JoinRefused(observer.code, observer.detail)
        raise LedgerUnavailable(f"{observer.code}: {observer.detail}")
    _check_in_force(trust, observer, now)
    _check_database(configuration, trust)


def bind(configuration: Configuration, offered: OfferedTrust) -> None:
    """Put a trust file where the node reads it. Raises OSError."""
    path = configuration.trust_file
    publish_trust(path.parent, offered.document, path.name)


def _check_in_force(trust: Trust, observer: NodeObserver, now: int) -> None:
    present = max(now, observer.block.time) if trust.is_demo_chain else now
    fault = not_in_force(trust, present)
    if fault is not None:
        raise JoinRefused(fault, f"the trust file {to_hex(trust.digest)} does not count")
    if recorded_fault(trust, observer.recorded_trust) is Code.TRUST_EQUIVOCATION:
        raise JoinRefused(
            Code.TRUST_EQUIVOCATION, f"the council recorded another trust file {trust.number}, says the endpoint"
        )


def _check_database(configuration: Configuration, trust: Trust) -> None:
    """Check that no log of this node is tied to another ledger. Raises JoinRefused, StorageUnavailable."""
    if is_missing_file(configuration.database_url):
        return
    pinned = LedgerIdentity(trust.chain_id, trust.genesis, trust.credential_log, trust.code_hashes["credential_log"])
    database = Database.open(configuration.database_url)
    try:
        with database.read() as connection:
            known = institutions.institutions(connection)
    finally:
        database.close()
    for one in known:
        if one.identity != pinned:
            raise JoinRefused(
                Code.GENESIS_CHANGED,
                f"the log of {one.profile} is tied to chain {one.identity.chain_id}, genesis {to_hex(one.identity.genesis)}, "
                f"contract {to_hex(Address(one.identity.contract))}",
            )
