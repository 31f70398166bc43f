"""Prove ledger facts from an evidence bundle, with no ledger.

The checks go in this order, each resting on the one before:

1. The trust file vouches for the bundle's header, by hash or by seals, itself or through the headers after it.
2. Its state root proves three accounts with their code.
3. Their storage roots prove the history hash of every party and of the programme, the head, the words of the receipt's
   checkpoint and of the newest one, and for a closed epoch its last good number.
4. The records fold to the history hashes (1 to 4: `proven_state`).
5. The newest checkpoint's parts hash to its word, and the status leaf to its status root.

A check that does not hold makes the facts `Missing`: a damaged bundle says nothing about the credential. Proven facts
are as hard as a ledger's own answer. A header without a trusted descendant proves nothing, because anybody can add
blocks to a chain without seals.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.checkpoint import FIRST_HEAD, MAX_TIME, Head, opening, unpack_head
from acredita.anchoring.entries import log_id
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.state_proof import StateProofRefused
from acredita.anchoring.status_bits import Status, StatusProofRefused, verify_leaf
from acredita.anchoring.types import Address, Digest, IssuerId, Root, Word
from acredita.contracts import slots
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ParsedCredential
from acredita.registry.evidence.bundle import Bundle
from acredita.registry.evidence.proven_state import FactRefused, ProvenState
from acredita.registry.evidence.vouched_block import BlockRefused
from acredita.registry.keys.did import issuer_id
from acredita.registry.ledger_facts.facts import LedgerFacts, LogAtHead, Missing
from acredita.registry.ledger_facts.histories import ProgrammeHistory
from acredita.registry.ledger_facts.trust_file import Trust

PROVEN_CONTRACTS = ("issuer_registry", "programme_registry", "credential_log")
"""The council has no account in a bundle: the registries carry its address in their code, which is pinned."""

_LOG: Final = "credential_log"


def proven_facts(bundle: Bundle, parsed: ParsedCredential, trust: Trust) -> LedgerFacts | Missing:
    """Prove the facts about the bundle's credential under this trust file. Returns `Missing` if it proves none."""
    return _or_missing(lambda: _Proof(bundle, trust).credential_facts(parsed))


def proven_parties(bundle: Bundle, named: frozenset[IssuerId], trust: Trust) -> dict[IssuerId, LedgerFacts] | Missing:
    """Prove of each named party what the registry says of it, also that it is none. Returns `Missing` if one is left out.

    For a credential outside our profile, whose log and programme nobody can name.
    """
    facts = _or_missing(lambda: _Proof(bundle, trust).registry_facts(named))
    return facts if isinstance(facts, Missing) else dict.fromkeys(named, facts)


def _or_missing(prove: Callable[[], LedgerFacts]) -> LedgerFacts | Missing:
    """Return the facts, or the code of the check that did not hold."""
    try:
        return prove()
    except (FactRefused, BlockRefused) as error:
        return Missing(error.code, str(error))
    except StateProofRefused as error:
        return Missing(Code.STATE_PROOF_INVALID, str(error))


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


class _Proof:
    """One bundle under one trust file."""

    def __init__(self, bundle: Bundle, trust: Trust) -> None:
        self._bundle, self._trust = bundle, trust
        self._state = ProvenState((bundle.header, *bundle.headers), bundle.nodes, trust)
        self._code_hashes = {name: self._state.account(name).code_hash for name in PROVEN_CONTRACTS}

    def registry_facts(self, named: frozenset[IssuerId]) -> LedgerFacts:
        """Prove what the registry says of named parties, and nothing of a log or a programme."""
        missing = Missing(Code.LOG_MISSING, "a bundle proves the status of a credential of our profile alone")
        return self._facts(named, log=missing)

    def credential_facts(self, parsed: ParsedCredential) -> LedgerFacts:
        """Prove the facts about a credential of our profile."""
        issuer, document = issuer_id(parsed.issuer), parsed.programme
        head = unpack_head(self._state.slot(_LOG, slots.head(issuer)))
        word, last_good = self._receipt(issuer, head)
        programme = self._state.programme(issuer, document, self._bundle.programme_records)
        return self._facts(
            [issuer],
            log=proven_status(self._bundle, parsed.position, self._stored_word(issuer, head.epoch, head.number)),
            programmes={} if programme is None else {document: programme},
            stored_word=word,
            last_good=last_good,
        )

    def _facts(
        self,
        wanted: Iterable[IssuerId],
        *,
        log: LogAtHead | Missing,
        programmes: Mapping[Digest, ProgrammeHistory] | None = None,
        stored_word: Word | None = None,
        last_good: int | None = None,
    ) -> LedgerFacts:
        header = self._state.header
        return LedgerFacts(
            chain_id=self._trust.chain_id,
            genesis=self._trust.genesis,
            code_hashes=self._code_hashes,
            block_number=header.number,
            block_hash=header.hash,
            block_time=header.time,
            parties=self._state.parties(self._bundle.parties, wanted),
            programmes=programmes or {},
            stored_word=stored_word,
            last_good=last_good,
            log=log,
            stalled_after=self._trust.chain.stalled_after,
            offline=True,
        )

    def _receipt(self, issuer: IssuerId, head: Head) -> tuple[Word | None, int | None]:
        """Prove the word of the receipt's checkpoint, and the last good number if its epoch is closed."""
        receipt = self._bundle.receipt
        if receipt.issuer != issuer:
            return None, None
        word = self._stored_word(issuer, receipt.epoch, receipt.checkpoint.number)
        closed = receipt.epoch < head.epoch
        return word, self._state.slot(_LOG, slots.last_good(issuer, receipt.epoch)) if closed else None

    def _stored_word(self, issuer: IssuerId, epoch: int, number: int) -> Word | None:
        if (epoch, number) == (FIRST_HEAD.epoch, FIRST_HEAD.number):  # computed by the contract, never stored
            contract = Address(self._trust.contracts.credential_log)
            return opening(log_id(self._trust.chain_id, contract, issuer, epoch)).word()
        stored = self._state.word(_LOG, slots.checkpoint_word(issuer, epoch, number))
        return Word(stored) if any(stored) else None


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
