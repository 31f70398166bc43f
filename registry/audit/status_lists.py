"""Published status lists in an audit: what they say has to be what the logs' entries give.

A list is published before its bits are anchored, so it may be ahead of the chain for as long as a revocation takes to
reach it, and is never behind: a revocation that the chain has and a list at hand lacks is hidden from everybody who asks
only the list, whether the list was signed again since or just left as it was. One that a list has and no entry orders
after that time is invented. Whose list it is, its proof tells: by an assertion key of the issuer, never one that is
compromised.
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
from acredita.registry.proofs.resolve_key import key_for

ANCHORED_WITHIN_SECONDS: Final = 300  # a revocation reaches the chain within five minutes
_SHOWN: Final = 5  # positions a finding names; a position says nothing about a person


@dataclass(frozen=True)
class PublishedLists:
    """What an auditor has of published lists. `lists_of`: issuer → list number → document; `now` in Unix seconds."""

    lists_of: Callable[[IssuerId], Mapping[int, object]]
    dids: Mapping[str, object]
    now: int

    def compare(self, journal: Journal, issuer: IssuerId, party: PartyHistory | None, revoked: Iterable[int]) -> None:
        """Every list of one issuer at hand against the positions its entries revoke."""
        lists, by_list = self.lists_of(issuer), _by_list(revoked)
        for number in sorted({*lists, *by_list}):
            where, wanted = f"{to_hex(issuer)} status list {number}", by_list.get(number, set())
            if number not in lists:
                journal.observes(Code.STATUS_LIST_MISSING, where, f"{len(wanted)} revoked, no published list at hand")
                continue
            found = self._read(journal, where, lists[number])
            if found is not None and _is_owned(journal, where, found, issuer, number, party, self.now):
                _compare(journal, where, found[0], wanted, self.now)

    def _read(self, journal: Journal, where: str, document: object) -> "_Read | None":
        """The list and its proof; None, and a finding, where there is none that holds, or none that can be checked."""
        try:
            if not isinstance(document, dict):
                raise ProofRefused(Code.PROOF_MISSING, "a JSON object expected")
            found = parse_status_list(document)
            return found, verify_proof(document, lambda method: key_for(method, self.dids))
        except (StatusListRefused, ProofRefused) as error:
            journal.diverges(Code.STATUS_LIST_INVALID, where, str(error))
        except ProofCheckUnavailable as error:
            journal.observes(error.code, where, f"its proof could not be checked: {error}")
        return None


_Read = tuple[StatusList, ProofCheck]


def _by_list(revoked: Iterable[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for place in revoked:
        found.setdefault(place // LIST_BITS, set()).add(place % LIST_BITS)
    return found


def _is_owned(
    journal: Journal, where: str, read: _Read, issuer: IssuerId, number: int, party: PartyHistory | None, now: int
) -> bool:
    """Whether it is this issuer's list of that number, signed by a key that may; else a finding says so."""
    found, check = read
    signer, _ = split_method(check.verification_method)
    if (signer, issuer_id(signer)) != (found.issuer, issuer) or (found.list_issuer, found.list_number) != (
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


def _compare(journal: Journal, where: str, found: StatusList, wanted: set[int], now: int) -> None:
    told = {8 * at + bit for at, byte in enumerate(found.bits) if byte for bit in range(8) if byte & (0x80 >> bit)}
    issued = f"in the list of {time_text(found.issued)}"
    if hidden := wanted - told:
        journal.diverges(Code.STATUS_MISMATCH, where, f"revoked on the chain, clear {issued}: {_places(hidden, found)}")
    invented = told - wanted
    if invented and now > found.issued + ANCHORED_WITHIN_SECONDS:
        journal.diverges(Code.STATUS_UNANCHORED, where, f"set {issued}, in no entry: {_places(invented, found)}")


def _places(indexes: set[int], found: StatusList) -> str:
    shown = ", ".join(str(position(found.list_number, index)) for index in sorted(indexes)[:_SHOWN])
    return f"position {shown}" + (f" and {len(indexes) - _SHOWN} more" if len(indexes) > _SHOWN else "")
