"""Audit the published status lists: each must equal the bits replayed from the log.

A list is published before its bits are anchored. It may be ahead of the chain for as long as an anchoring takes; it is
never behind. A revocation on the chain that an available list lacks is hidden from everybody who reads only the list.
That holds whether the list was signed again since or left as it was. A revocation in a list that no entry orders after
that time is invented. The proof shows whose list it is: an assertion key of the issuer made it, never a compromised
one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId, to_hex
from acredita.registry.audit.journal import Journal
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import StatusList, StatusListRefused, parse_status_list
from acredita.registry.credentials.status_position import LIST_BITS, position
from acredita.registry.keys.did import issuer_id, split_method
from acredita.registry.keys.multikey import key_id
from acredita.registry.ledger_facts.histories import PartyHistory
from acredita.registry.proofs.data_integrity import ProofCheck, ProofCheckUnavailable, ProofRefused, verify_proof
from acredita.registry.proofs.resolve_key import key_of_list

ANCHORED_WITHIN_SECONDS: Final = 300  # a revocation reaches the chain within five minutes
_SHOWN: Final = 5  # positions that a finding names; a position identifies no person


@dataclass(frozen=True)
class PublishedLists:
    """The published lists of an audit.

    `lists_of`: issuer → list number → document. `dids`: DID → DID document. `now` in Unix seconds.
    """

    lists_of: Callable[[IssuerId], Mapping[int, object]]
    dids: Mapping[str, object]
    now: int

    def compare(self, journal: Journal, issuer: IssuerId, party: PartyHistory | None, revoked: Iterable[int]) -> None:
        """Compare every available list of one issuer with the positions that its entries revoke."""
        lists, by_list = self.lists_of(issuer), _by_list(revoked)
        for number in sorted({*lists, *by_list}):
            where, wanted = f"{to_hex(issuer)} status list {number}", by_list.get(number, set())
            if number not in lists:
                journal.observes(Code.STATUS_LIST_MISSING, where, f"{len(wanted)} revoked, no published list available")
                continue
            read_list = self._read(journal, where, lists[number], party)
            if read_list is not None and _is_owned(journal, where, read_list, issuer, number, party, self.now):
                _compare(journal, where, read_list[0], wanted, self.now)

    def _read(self, journal: Journal, where: str, document: object, party: PartyHistory | None) -> "_Read | None":
        """Read the list and verify its proof.

        Returns None, after a finding, where the list or the proof is invalid or the proof cannot be checked.
        """
        try:
            if not isinstance(document, dict):
                raise ProofRefused(Code.PROOF_MISSING, "a JSON object expected")
            status_list = parse_status_list(document)
            did = status_list.issuer if party is not None else None
            return status_list, verify_proof(document, lambda method: key_of_list(method, did, self.dids, self.now))
        except (StatusListRefused, ProofRefused) as error:
            journal.diverges(Code.STATUS_LIST_INVALID, where, str(error))
        except ProofCheckUnavailable as error:
            journal.observes(error.code, where, f"its proof could not be checked: {error}")
        return None


_Read = tuple[StatusList, ProofCheck]


def _by_list(revoked: Iterable[int]) -> dict[int, set[int]]:
    by_list: dict[int, set[int]] = {}
    for status_position in revoked:
        by_list.setdefault(status_position // LIST_BITS, set()).add(status_position % LIST_BITS)
    return by_list


def _is_owned(
    journal: Journal, where: str, read: _Read, issuer: IssuerId, number: int, party: PartyHistory | None, now: int
) -> bool:
    """Return True if the list is this issuer's, of this number, and signed by a key that may sign it.

    Records a finding otherwise.
    """
    status_list, check = read
    signer, _ = split_method(check.verification_method)
    if (signer, issuer_id(signer)) != (status_list.issuer, issuer) or (
        status_list.list_issuer,
        status_list.list_number,
    ) != (
        issuer,
        number,
    ):
        journal.diverges(Code.STATUS_LIST_INVALID, where, "the list is another issuer's, or of another number")
        return False
    window = None if party is None else party.assertion_key(key_id(check.multikey))
    if party is not None and (window is None or window.is_compromised(now)):
        journal.diverges(Code.STATUS_LIST_INVALID, where, "signed by no key of the issuer that may sign it")
        return False
    return True


def _compare(journal: Journal, where: str, status_list: StatusList, wanted: set[int], now: int) -> None:
    published = {
        8 * at + bit for at, byte in enumerate(status_list.bits) if byte for bit in range(8) if byte & (0x80 >> bit)
    }
    issued = f"in the list of {time_text(status_list.issued)}"
    if hidden := wanted - published:
        journal.diverges(
            Code.STATUS_MISMATCH, where, f"revoked on the chain, clear {issued}: {_positions(hidden, status_list)}"
        )
    invented = published - wanted
    if invented and now > status_list.issued + ANCHORED_WITHIN_SECONDS:
        journal.diverges(
            Code.STATUS_UNANCHORED, where, f"set {issued}, in no entry: {_positions(invented, status_list)}"
        )


def _positions(indexes: set[int], status_list: StatusList) -> str:
    shown = ", ".join(str(position(status_list.list_number, index)) for index in sorted(indexes)[:_SHOWN])
    return f"position {shown}" + (f" and {len(indexes) - _SHOWN} more" if len(indexes) > _SHOWN else "")
