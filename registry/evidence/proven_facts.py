"""Prove ledger facts from an evidence bundle, with no ledger.

The checks go in this order, each resting on the one before:

1. The trust file vouches for the bundle's header, by hash or by seals, itself or through the headers after it
   (`vouched_block`).
2. Its state root proves three accounts with their code.
3. Their storage roots prove the history hash of every party and of the programme, the head, the words of the receipt's
   checkpoint and of the newest one, and for a closed epoch its last good number.
4. The records fold to the history hashes.
5. The newest checkpoint's parts hash to its word, and the status leaf to its status root.

A check that does not hold makes the facts `Missing`: a damaged bundle says nothing about the credential. Proven facts
are as hard as a ledger's own answer. A header without a trusted descendant proves nothing, because anybody can add
blocks to a chain without seals.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from acredita.anchoring.checkpoint import FIRST_HEAD, MAX_TIME, Head, opening, unpack_head
from acredita.anchoring.entries import log_id
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.state_proof import Account, Header, ProofNodes, StateProofRefused
from acredita.anchoring.status_bits import Status, StatusProofRefused, verify_leaf
from acredita.anchoring.types import Address, Digest, IssuerId, Root, Word, to_hex
from acredita.contracts import bindings, slots
from acredita.contracts.abi import AbiError, RawLog
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ParsedCredential
from acredita.registry.evidence.bundle import Bundle
from acredita.registry.evidence.vouched_block import BlockRefused, vouched_header
from acredita.registry.keys.did import issuer_id
from acredita.registry.ledger_facts.facts import LedgerFacts, LogAtHead, Missing
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory, fold_party, fold_programme
from acredita.registry.ledger_facts.trust_file import Trust

PROVEN_CONTRACTS = ("issuer_registry", "programme_registry", "credential_log")
"""The council has no account in a bundle: the registries carry its address in their code, which is pinned."""

_HASH_BYTES = 32


def proven_facts(bundle: Bundle, parsed: ParsedCredential, trust: Trust) -> LedgerFacts | Missing:
    """Prove the facts about the bundle's credential under this trust file. Returns `Missing` if it proves none."""
    try:
        return _Proof(bundle, parsed, trust).facts()
    except (_FactRefused, BlockRefused) as error:
        return Missing(error.code, str(error))
    except StateProofRefused as error:
        return Missing(Code.STATE_PROOF_INVALID, str(error))


def proven_parties(bundle: Bundle, named: frozenset[IssuerId], trust: Trust) -> dict[IssuerId, LedgerFacts] | Missing:
    """Prove of each named party what the registry says of it, also that it is none. Returns `Missing` if one is left out.

    For a credential outside our profile, whose log and programme nobody can name.
    """
    try:
        return _RegistryProof(bundle, trust).facts_of(named)
    except (_FactRefused, BlockRefused) as error:
        return Missing(error.code, str(error))
    except StateProofRefused as error:
        return Missing(Code.STATE_PROOF_INVALID, str(error))


class _FactRefused(CodedError[Code]):
    pass


@dataclass(frozen=True)
class ProvenStatus:
    """The status of the one position a bundle proves, at the newest checkpoint."""

    time: int
    position: int
    status: Status

    def bits(self, position: int) -> Status:
        """Return the three bits of the proven position. Raises RuntimeError for any other."""
        if position != self.position:
            raise RuntimeError(f"the bundle proves position {self.position}, not {position}")
        return self.status

    def holds(self, digest: Digest) -> bool | None:
        """Return None: one leaf of the status tree cannot tell whether the log holds a digest."""
        return None

    def receipt(self, digest: Digest, shown: Receipt | None = None) -> Receipt | None:
        """Return None: one leaf of the status tree makes no receipt."""
        return None


class _RegistryProof:
    """The proof of one bundle about the registry's parties, under one trust file."""

    def __init__(self, bundle: Bundle, trust: Trust) -> None:
        self._bundle, self._trust = bundle, trust
        self._nodes = ProofNodes(bundle.nodes)

    def facts_of(self, named: frozenset[IssuerId]) -> dict[IssuerId, LedgerFacts]:
        header, accounts = self._accounts()
        facts = LedgerFacts(
            chain_id=self._trust.chain_id,
            genesis=self._trust.genesis,
            code_hashes={name: account.code_hash for name, account in accounts.items()},
            block_number=header.number,
            block_hash=header.hash,
            block_time=header.time,
            parties=self._parties(accounts["issuer_registry"], named),
            programmes={},
            stored_word=None,
            last_good=None,
            log=Missing(Code.LOG_MISSING, "a bundle proves the status of a credential of our profile alone"),
            stalled_after=self._trust.chain.stalled_after,
            offline=True,
        )
        return dict.fromkeys(named, facts)

    def _accounts(self) -> tuple[Header, dict[str, Account]]:
        header = vouched_header((self._bundle.header, *self._bundle.headers), self._trust)
        return header, {name: self._account(header, name) for name in PROVEN_CONTRACTS}

    def _account(self, header: Header, name: str) -> Account:
        account = self._nodes.account(header.state_root, Address(getattr(self._trust.contracts, name)))
        if account is None:
            raise StateProofRefused(f"no {name} at the address the trust file names")
        if account.code_hash != self._trust.code_hashes[name]:  # the slots of another contract mean something else
            raise _FactRefused(Code.CODE_CHANGED, f"the code of {name} is not the one the trust file pins")
        return account

    def _slot(self, account: Account, slot: bytes) -> int:
        return self._nodes.slot(account.storage_root, int.from_bytes(slot, "big"))

    def _word(self, account: Account, slot: bytes) -> bytes:
        return self._slot(account, slot).to_bytes(_HASH_BYTES, "big")

    def _parties(self, registry: Account, wanted: Iterable[IssuerId]) -> dict[IssuerId, PartyHistory]:
        """Prove every party of the bundle. Those wanted, and each party that was ever above one, must be included."""
        parties = {}
        for subject, records in self._bundle.parties.items():
            self._check_history(registry, slots.issuer_history(subject), subject, records)
            if records:
                parties[subject] = fold_party(subject, _events(subject, records))
        named = {t.accreditor for party in parties.values() for t in party.transitions if t.accreditor is not None}
        absent = named.union(wanted) - set(self._bundle.parties)
        if absent:
            raise _FactRefused(Code.EVIDENCE_INCOMPLETE, f"no records of {to_hex(min(absent))}")
        return parties

    def _check_history(self, registry: Account, slot: bytes, subject: bytes, records: Sequence[bytes]) -> None:
        """Check that the records are complete and in order: they fold to the hash the contract stores."""
        folded = bindings.EMPTY_HISTORY
        for record in records:
            folded = bindings.fold_history(folded, record)
        stored = self._word(registry, slot)
        if folded != stored:
            raise _FactRefused(
                Code.HISTORY_MISMATCH, f"{to_hex(subject)}: folded {to_hex(folded)}, stored {to_hex(stored)}"
            )


class _Proof(_RegistryProof):
    """One bundle of a credential of our profile against one trust file."""

    def __init__(self, bundle: Bundle, parsed: ParsedCredential, trust: Trust) -> None:
        super().__init__(bundle, trust)
        self._parsed, self._issuer = parsed, issuer_id(parsed.issuer)

    def facts(self) -> LedgerFacts:
        header, accounts = self._accounts()
        head = unpack_head(self._slot(accounts["credential_log"], slots.head(self._issuer)))
        word, last_good = self._receipt(accounts["credential_log"], head)
        return LedgerFacts(
            chain_id=self._trust.chain_id,
            genesis=self._trust.genesis,
            code_hashes={name: account.code_hash for name, account in accounts.items()},
            block_number=header.number,
            block_hash=header.hash,
            block_time=header.time,
            parties=self._parties(accounts["issuer_registry"], [self._issuer]),
            programmes=self._programmes(accounts["programme_registry"]),
            stored_word=word,
            last_good=last_good,
            log=self._log(accounts["credential_log"], head),
            stalled_after=self._trust.chain.stalled_after,
            offline=True,
        )

    def _receipt(self, log: Account, head: Head) -> tuple[Word | None, int | None]:
        """Prove the word of the receipt's checkpoint, and the last good number if its epoch is closed."""
        receipt = self._bundle.receipt
        if receipt.issuer != self._issuer:
            return None, None
        word = self._stored_word(log, receipt.epoch, receipt.checkpoint.number)
        closed = receipt.epoch < head.epoch
        return word, self._slot(log, slots.last_good(self._issuer, receipt.epoch)) if closed else None

    def _stored_word(self, log: Account, epoch: int, number: int) -> Word | None:
        if (epoch, number) == (FIRST_HEAD.epoch, FIRST_HEAD.number):  # computed by the contract, never stored
            contract = Address(self._trust.contracts.credential_log)
            return opening(log_id(self._trust.chain_id, contract, self._issuer, epoch)).word()
        stored = self._word(log, slots.checkpoint_word(self._issuer, epoch, number))
        return Word(stored) if any(stored) else None

    def _programmes(self, registry: Account) -> dict[Digest, ProgrammeHistory]:
        """Prove the version of the credential's own issuer; another owner's version of the document has another slot."""
        document, records = self._parsed.programme, self._bundle.programme_records
        version = bindings.programme_version(self._issuer, document)
        self._check_history(registry, slots.programme_history(version), version, records)
        history = fold_programme(_events(version, records))
        return {} if history is None else {document: history}

    def _log(self, log: Account, head: Head) -> LogAtHead | Missing:
        """Prove the credential's three bits at the newest checkpoint, which the head names."""
        return proven_status(self._bundle, self._parsed.position, self._stored_word(log, head.epoch, head.number))


def proven_status(bundle: Bundle, position: int, newest: Word | None) -> LogAtHead | Missing:
    """Prove the three bits of a position by a bundle's status leaf.

    `newest`: the word the ledger stores for the newest checkpoint, which must bind the leaf.
    """
    fixed, _, status_root, _ = bundle.latest
    if hashlib.sha256(b"".join(bundle.latest)).digest() != newest:
        return Missing(Code.STATUS_PROOF_INVALID, "the newest checkpoint in the bundle is not the one the head names")
    try:
        status = verify_leaf(Root(status_root), position, bundle.status)
    except StatusProofRefused as error:
        return Missing(Code.STATUS_PROOF_INVALID, str(error))
    return ProvenStatus(int.from_bytes(fixed, "big") & MAX_TIME, position, status)


def _events(subject: bytes, records: Iterable[bytes]) -> list[bindings.Event]:
    """Decode records as events. Their fold was checked, so only records of another version do not decode."""
    return [_event(subject, record) for record in records]


def _event(subject: bytes, record: bytes) -> bindings.Event:
    topic, named, data = record[:32], record[32:64], record[64:]
    try:
        event = bindings.decode_event(RawLog(b"", (topic, named), data, 0, b"", b"", 0))
    except AbiError as error:
        raise _FactRefused(Code.EVIDENCE_MALFORMED, str(error)) from error
    if event is None or named != subject:
        raise _FactRefused(Code.EVIDENCE_MALFORMED, f"a record of {to_hex(subject)} is of no event this version knows")
    return event
