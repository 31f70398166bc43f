"""Audit the published status lists: each must equal the bits replayed from the log.

A list is published before its bits are anchored. It may be ahead of the chain for as long as an anchoring takes; it is
never behind. The proof shows whose list it is: an assertion key of the issuer made it, never a compromised one.

- A list issued after the anchor of a revocation that it lacks hides it from everybody who reads only the list: a
  divergence. `CLOCK_SECONDS` allow for the issuer's clock.
- A list issued before that is only old (`STATUS_LIST_OLD`): could-not-tell, because the newer list is not at hand.
- A revocation in a list that no entry orders is invented, once a block shows that its time to be anchored is over.
  A list of before an epoch that made checkpoints void may hold what they revoked, so it is only old.
- A file that no key of the issuer signed, or of another list, is nobody's word: could-not-tell.
"""

from collections.abc import Callable, Mapping, Set
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
CLOCK_SECONDS: Final = 300  # an issuer's clock and a block's time may differ by so much
_SHOWN: Final = 5  # positions that a finding names; a position identifies no person


@dataclass(frozen=True)
class ReplayedBits:
    """The positions that an issuer's entries revoke, each with the time of its checkpoint.

    `voided`: the time of the last opening of an epoch that made checkpoints void; 0 where there is none.
    """

    revoked: Mapping[int, int]
    voided: int = 0

    def by_list(self) -> dict[int, dict[int, int]]:
        """Return the bits of each list: number → index → time."""
        by_list: dict[int, dict[int, int]] = {}
        for place, time in self.revoked.items():
            by_list.setdefault(place // LIST_BITS, {})[place % LIST_BITS] = time
        return by_list


@dataclass(frozen=True)
class PublishedLists:
    """The published lists of an audit.

    `lists_of`: issuer → list number → document. `dids`: DID → DID document. `now` in Unix seconds.
    """

    lists_of: Callable[[IssuerId], Mapping[int, object]]
    dids: Mapping[str, object]
    now: int

    def compare(self, journal: Journal, issuer: IssuerId, party: PartyHistory | None, bits: ReplayedBits) -> None:
        """Compare every available list of one issuer with the positions that its entries revoke."""
        lists, by_list = self.lists_of(issuer), bits.by_list()
        for number in sorted({*lists, *by_list}):
            where, wanted = f"{to_hex(issuer)} status list {number}", by_list.get(number, {})
            if number not in lists:
                journal.lacks(Code.STATUS_LIST_MISSING, where, f"{len(wanted)} revoked, no published list available")
                continue
            read_list = self._read(journal, where, lists[number], party)
            if read_list is not None and _is_owned(journal, where, read_list, issuer, number, party, self.now):
                _Comparison(journal, where, read_list[0], wanted, bits.voided).compare()

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
            journal.lacks(Code.STATUS_LIST_INVALID, where, str(error))
        except ProofCheckUnavailable as error:
            journal.lacks(error.code, where, f"its proof could not be checked: {error}")
        return None


_Read = tuple[StatusList, ProofCheck]


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
        journal.lacks(Code.STATUS_LIST_INVALID, where, "the list is another issuer's, or of another number")
        return False
    window = None if party is None else party.assertion_key(key_id(check.multikey))
    if party is not None and (window is None or window.is_compromised(now)):
        journal.lacks(Code.STATUS_LIST_INVALID, where, "signed by no key of the issuer that may sign it")
        return False
    return True


@dataclass(frozen=True)
class _Comparison:
    """One list that a key of the issuer signed, beside the bits that its entries order."""

    journal: Journal
    where: str
    status_list: StatusList
    wanted: Mapping[int, int]
    voided: int

    def compare(self) -> None:
        published = _set_bits(self.status_list.bits)
        issued = self.status_list.issued
        hidden = {index: time for index, time in self.wanted.items() if index not in published}
        behind = {index for index, time in hidden.items() if issued > time + CLOCK_SECONDS}
        self._report(Code.STATUS_MISMATCH, behind, "revoked on the chain, clear", is_proven=True)
        self._report(Code.STATUS_LIST_OLD, hidden.keys() - behind, "revoked on the chain later, clear", is_proven=False)
        due = self.journal.block.time > issued + ANCHORED_WITHIN_SECONDS
        if issued <= self.voided + CLOCK_SECONDS:
            self._report(Code.STATUS_LIST_OLD, published - self.wanted.keys(), "set", is_proven=False)
        elif due:
            self._report(Code.STATUS_UNANCHORED, published - self.wanted.keys(), "in no entry, set", is_proven=True)

    def _report(self, code: Code, indexes: Set[int], fact: str, *, is_proven: bool) -> None:
        if indexes:
            issued = time_text(self.status_list.issued)
            record = self.journal.diverges if is_proven else self.journal.lacks
            detail = f"{fact} in the list of {issued}: {_positions(indexes, self.status_list)}"
            record(code, self.where, detail, (("list issued", issued), ("block", str(self.journal.block.number))))


def _set_bits(bits: bytes) -> set[int]:
    return {8 * at + bit for at, byte in enumerate(bits) if byte for bit in range(8) if byte & (0x80 >> bit)}


def _positions(indexes: Set[int], status_list: StatusList) -> str:
    shown = ", ".join(str(position(status_list.list_number, index)) for index in sorted(indexes)[:_SHOWN])
    return f"position {shown}" + (f" and {len(indexes) - _SHOWN} more" if len(indexes) > _SHOWN else "")
