"""Prove the state of the pinned contracts at one block: the part that bundles and answers with proof share.

1. The trust file vouches for the header, by hash or by seals, itself or through the headers after it (`vouched_block`).
2. The header's state root proves each account that is asked for, with the code that the trust file pins.
3. Its storage root proves each slot, also an empty one.
4. The records of a subject fold to the history hash in its slot, so none was left out, added or moved.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from acredita.anchoring.state_proof import Account, Header, ProofNodes, StateProofRefused
from acredita.anchoring.types import HASH_BYTES, Address, Digest, IssuerId, to_hex
from acredita.contracts import bindings, slots
from acredita.contracts.abi import AbiError, RawLog
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.evidence.vouched_block import vouched_header
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory, fold_party, fold_programme
from acredita.registry.ledger_facts.trust_file import Trust

_ISSUERS: Final = "issuer_registry"
_PROGRAMMES: Final = "programme_registry"


class FactRefused(CodedError[Code]):
    """A fact that is not proven: the records, the code or the documents are others than the state shows."""


class ProvenState:
    """The state at one block under one trust file. `encoded`: the header, and those after it up to one vouched for.

    Every method raises FactRefused, BlockRefused or StateProofRefused where something is not proven.
    """

    def __init__(self, encoded: Sequence[bytes], nodes: Iterable[bytes], trust: Trust) -> None:
        self._encoded, self._trust = tuple(encoded), trust
        self._nodes = ProofNodes(nodes)
        self._accounts: dict[str, Account] = {}

    @cached_property
    def header(self) -> Header:
        """The header, once the trust file is found to vouch for it."""
        return vouched_header(self._encoded, self._trust)

    @property
    def used_nodes(self) -> tuple[bytes, ...]:
        """The nodes that some answer has rested on, in sorted order."""
        return self._nodes.used

    def account(self, name: str) -> Account:
        """Prove the account of a contract, by its name in the trust file, with its pinned code."""
        if name not in self._accounts:
            self._accounts[name] = self._account(name)
        return self._accounts[name]

    def _account(self, name: str) -> Account:
        account = self._nodes.account(self.header.state_root, Address(getattr(self._trust.contracts, name)))
        if account is None:
            raise StateProofRefused(f"no {name} at the address the trust file names")
        if account.code_hash != self._trust.code_hashes[name]:  # the slots of another contract mean something else
            raise FactRefused(Code.CODE_CHANGED, f"the code of {name} is not the one the trust file pins")
        return account

    def slot(self, contract: str, slot: bytes) -> int:
        """Prove the number in a slot of a contract."""
        return self._nodes.slot(self.account(contract).storage_root, int.from_bytes(slot, "big"))

    def word(self, contract: str, slot: bytes) -> bytes:
        """Prove the 32 bytes in a slot of a contract."""
        return self.slot(contract, slot).to_bytes(HASH_BYTES, "big")

    # ---- records ----------------------------------------------------------------------------------------------

    def history(self, contract: str, subject: bytes) -> bytes:
        """Prove the history hash of a party or a programme version."""
        of_subject = slots.issuer_history if contract == _ISSUERS else slots.programme_history
        return self.word(contract, of_subject(subject))

    def events(self, contract: str, subject: bytes, records: Sequence[bytes]) -> list[bindings.Event]:
        """Prove that these are all records of a subject, in order, and decode them."""
        folded = bindings.EMPTY_HISTORY
        for record in records:
            folded = bindings.fold_history(folded, record)
        stored = self.history(contract, subject)
        if folded != stored:
            raise FactRefused(
                Code.HISTORY_MISMATCH, f"{to_hex(subject)}: folded {to_hex(folded)}, stored {to_hex(stored)}"
            )
        return [_event(subject, record) for record in records]

    def parties(
        self, records_of: Mapping[IssuerId, Sequence[bytes]], wanted: Iterable[IssuerId]
    ) -> dict[IssuerId, PartyHistory]:
        """Prove the histories of these parties. Those wanted, and each party that was ever above one, must be included."""
        parties = {}
        for subject, records in records_of.items():
            events = self.events(_ISSUERS, subject, records)
            if events:
                parties[subject] = fold_party(subject, events)
        absent = above(parties.values()).union(wanted) - set(records_of)
        if absent:
            raise FactRefused(Code.EVIDENCE_INCOMPLETE, f"no records of {to_hex(min(absent))}")
        return parties

    def programme(self, owner: IssuerId, document: Digest, records: Sequence[bytes]) -> ProgrammeHistory | None:
        """Prove the history of an owner's version; another owner's version of the document has another slot."""
        version = bindings.programme_version(owner, document)
        return fold_programme(self.events(_PROGRAMMES, version, records))


def above(parties: Iterable[PartyHistory]) -> set[IssuerId]:
    """Return every party that was ever the accreditor of one of these."""
    return {step.accreditor for party in parties for step in party.transitions if step.accreditor is not None}


def _event(subject: bytes, record: bytes) -> bindings.Event:
    """Decode a record as an event. The fold was checked, so only a record of another version does not decode."""
    topic, named, data = record[:32], record[32:64], record[64:]
    try:
        event = bindings.decode_event(RawLog(b"", (topic, named), data, 0, b"", b"", 0))
    except AbiError as error:
        raise FactRefused(Code.EVIDENCE_MALFORMED, str(error)) from error
    if event is None or named != subject:
        raise FactRefused(Code.EVIDENCE_MALFORMED, f"a record of {to_hex(subject)} is of no event this version knows")
    return event
