"""Audit the right to issue: the issuer's standing, its scopes and its anchoring account at the time of each checkpoint.

- The chain's own records decide, at the block time of the checkpoint. A record of that very block counts for it.
- Scopes are replayed from the documents at hand. A document that is not at hand is reported by `documents`, and no scope is
  judged without it.
- Nobody is judged where the ledger's answers contradict each other.
- Every finding is an observation. The ledger shows it, and the verifier refuses such credentials.
- A digest that stands in the logs of two issuers is reported with both.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Protocol

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Address, Digest, IssuerId, to_hex
from acredita.registry.audit.journal import Journal
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.histories import (
    PartyHistory,
    PartyState,
    accreditation_chain,
    recognised_at,
)
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope, in_scope


class DocumentsAtHand(Protocol):
    """The documents that an audit can read, each by the SHA-256 that the ledger names."""

    def programme(self, digest: Digest) -> Programme | None:
        """Return the programme of this digest, if it is at hand."""

    def scope(self, digest: Digest) -> Scope | None:
        """Return the scope of this digest, if it is at hand."""


Parties = Mapping[IssuerId, PartyHistory]


@dataclass
class IssuedDigests:
    """The digests that each log issues, kept to compare the logs with each other."""

    _logs: list[tuple[IssuerId, Set[bytes]]] = field(default_factory=list)

    def take(self, journal: Journal, issuer: IssuerId, digests: Set[bytes]) -> None:
        """Take one issuer's digests, and record those that an earlier log also issues."""
        for other, earlier in self._logs:
            for digest in sorted(digests & earlier):
                journal.observes(Code.ISSUED_BY_TWO, to_hex(issuer), f"{to_hex(digest)}, also by {to_hex(other)}")
        self._logs.append((issuer, digests))


@dataclass(frozen=True)
class IssuanceRules:
    """The rules of issuing under one set of histories. `documents`: None where scopes are not replayed."""

    parties: Parties
    documents: DocumentsAtHand | None = None
    digests: IssuedDigests = field(default_factory=IssuedDigests)

    def check(self, journal: Journal, issuer: IssuerId, at: int, versions: Iterable[Digest], where: str) -> None:
        """Check the issuer's standing at `at`, and each programme version of the entries against the scopes then."""
        if journal.is_contradicted:
            return
        code = refusal_to_issue(self.parties, issuer, at)
        if code is not None:
            journal.observes(code, where, f"issued {time_text(at)}")
            return
        for version in sorted(versions):
            self._check_scope(journal, issuer, at, version, where)

    def check_account(self, journal: Journal, issuer: IssuerId, account: Address, at: int, where: str) -> None:
        """Check that the account that anchored was not in other hands at the block time, as far as it is told since."""
        party = self.parties.get(issuer)
        window = None if party is None else party.accounts.get(account)
        if window is not None and not journal.is_contradicted and window.is_compromised(at):
            journal.observes(Code.ANCHORED_BY_COMPROMISED_ACCOUNT, where, f"account 0x{account.hex()}")

    def _check_scope(self, journal: Journal, issuer: IssuerId, at: int, version: Digest, where: str) -> None:
        programme = None if self.documents is None else self.documents.programme(version)
        if self.documents is None or programme is None:
            return
        for link in accreditation_chain(self.parties, self.parties[issuer], at):
            digest = None if link is None else link.scope_at(at)
            if digest is None:
                journal.observes(Code.SCOPE_MISSING, where, f"programme version {to_hex(version)}")
                return
            scope = self.documents.scope(digest)
            code = None if scope is None else in_scope(programme, scope)
            if code is not None:
                evidence = (("programme", to_hex(version)), ("scope", to_hex(digest)))
                journal.observes(code, where, f"version {to_hex(version)}, scope {to_hex(digest)}", evidence)
                return


def refusal_to_issue(parties: Parties, issuer: IssuerId, at: int) -> Code | None:
    """Return why the issuer could not issue at `at`; None if it could."""
    party = parties.get(issuer)
    if party is None:
        return Code.ISSUER_UNKNOWN
    if party.void_from is not None and at >= party.void_from:
        return Code.ISSUER_REVOKED_RETROACTIVE
    state = party.at(at).state
    if state is PartyState.UNDER_REVIEW:
        return Code.ISSUER_UNDER_REVIEW
    if state is not PartyState.ACTIVE:
        return Code.ISSUER_NOT_ACCREDITED_AT_ISSUANCE
    return None if recognised_at(parties, issuer, at) else Code.ACCREDITOR_NOT_ACTIVE_AT_ISSUANCE
