"""Choose the key of an institution that is used now, by its keystore on disk and by the ledger's record of each key.

Keys follow each other (`assertion`, `assertion-2`, …). The newest one that the registry holds in force is used, from the
next credential, list, note or transaction on. No restart is needed when another process adds or ends a key.

Invariant: a key that was ended or is compromised signs nothing; SigningKeyRefused is raised before anything is signed. While
the ledger does not answer, the key last known to hold signs on; its credentials wait in the queue, and the verifier checks
the key again.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable
from acredita.anchoring.transaction import TransactionSigner
from acredita.anchoring.types import Address, FormatRefused, IssuerId
from acredita.contracts import bindings
from acredita.contracts.bindings import AccountPurpose, ContractRefused, KeyPurpose
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.keys.did import did_key, key_method, web_method
from acredita.registry.keys.keystore import Key, KeyAlgorithm, KeyState, Keystore, KeystoreError, KeystorePurpose
from acredita.registry.keys.multikey import ED25519, P256, P384, PublicKey, key_id, parse_multikey
from acredita.registry.keys.signer import Signer
from acredita.registry.ledger_facts.histories import ValidityWindow
from acredita.registry.proofs.cryptosuites import SUITES
from acredita.registry.proofs.data_integrity import ProofRefused
from acredita.registry.proofs.resolve_key import did_key_for

ASSERTION, NOTE, ANCHORING, CONTROL = "assertion", "note", "anchoring", "control"
IDEMPOTENCY, DATA = "idempotency", "data"
DEFAULT_CRYPTOSUITE: Final = "eddsa-rdfc-2022"
LIST_FORM: Final = "rdfc"

_FAMILIES: Final[Mapping[KeystorePurpose, str]] = {
    KeystorePurpose.ASSERTION: ASSERTION,
    KeystorePurpose.NOTE: NOTE,
    KeystorePurpose.ANCHORING: ANCHORING,
}
_ALGORITHMS: Final[Mapping[str, KeyAlgorithm]] = {
    ED25519: KeyAlgorithm.ED25519,
    P256: KeyAlgorithm.P256,
    P384: KeyAlgorithm.P384,
}
_MAY_SIGN: Final = (KeyState.PENDING, KeyState.IN_USE)
_PURPOSES: Final[Mapping[KeystorePurpose, KeyPurpose]] = {
    KeystorePurpose.ASSERTION: KeyPurpose.ASSERTION,
    KeystorePurpose.NOTE: KeyPurpose.NOTE,
}


class SigningKeyRefused(CodedError[Code]):
    """No key of this purpose may sign now. `code` is stable: KEY_COMPROMISED, KEY_NOT_VALID_NOW, KEYSTORE_CHANGED."""


@dataclass(frozen=True)
class SigningKey:
    """An assertion key in use. `cryptosuite` for credentials, `list_cryptosuite` for status lists."""

    name: str
    signer: Signer
    verification_method: str
    cryptosuite: str
    list_cryptosuite: str

    def public(self, method: str) -> PublicKey:
        """Return the key behind its own verification method, to check a signature just made."""
        if method != self.verification_method:
            raise ProofRefused(Code.PROOF_KEY_REFUSED, f"signed by {method}, not by {self.verification_method}")
        return parse_multikey(self.signer.multikey)


@dataclass(frozen=True)
class KnownKey:
    """A key of the keystore and the registry's window for it, None where the registry does not know it."""

    key: Key
    identifier: bytes
    window: ValidityWindow | None


@dataclass
class KeyRing:
    """The keys of one institution. `registry` None: no ledger is asked, the newest finished key signs."""

    keystore: Keystore
    issuer: IssuerId
    did: str
    ledger: Ledger
    registry: Address | None = None
    cryptosuite: str = DEFAULT_CRYPTOSUITE
    _chosen: dict[KeystorePurpose, "_Choice"] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def signing(self) -> SigningKey:
        """Return the assertion key for the next signature. Raises SigningKeyRefused."""
        return self.signing_key(self._in_force(KeystorePurpose.ASSERTION).key)

    def note(self) -> Signer:
        """Return the note key for the next checkpoint. Raises SigningKeyRefused."""
        return self.keystore.signer(self._in_force(KeystorePurpose.NOTE).key.name)

    def account(self) -> TransactionSigner:
        """Return the anchoring account for the next run; if none is in force, the newest, which the contract refuses."""
        try:
            name = self._in_force(KeystorePurpose.ANCHORING).key.name
        except SigningKeyRefused:
            name = self.family(KeystorePurpose.ANCHORING)[-1].name
        return self.keystore.account(name)

    def shown(self) -> SigningKey:
        """Return the assertion key to be shown, not used: the one in force, else the newest."""
        try:
            return self.signing()
        except SigningKeyRefused:
            return self.signing_key(self.family(KeystorePurpose.ASSERTION)[-1])

    def family(self, purpose: KeystorePurpose) -> tuple[Key, ...]:
        """Return the keys of one purpose in the order they followed each other."""
        return self.keystore.family(_FAMILIES[purpose])

    def known(self, purpose: KeystorePurpose, block: Block | None = None) -> list[KnownKey]:
        """Return every key of one purpose with its window at `block`; None: the newest. Raises LedgerUnavailable."""
        number = (block or self.ledger.head()).number
        return [self._known(key, number) for key in self.family(purpose)]

    def identifier(self, key: Key) -> bytes:
        """Return the key id of an assertion or note key, or the address of an account."""
        if key.purpose in _PURPOSES:
            return key_id(self.keystore.signer(key.name).multikey)
        return self.keystore.account(key.name).address

    def signing_key(self, key: Key) -> SigningKey:
        """Return how a key signs: the key decides the algorithm, the configuration the form (rdfc or jcs)."""
        signer = self.keystore.signer(key.name)
        public = parse_multikey(signer.multikey)
        method = key_method(public) if self.did.startswith("did:key:") else web_method(self.did, public)
        form = SUITES[self.cryptosuite].form
        return SigningKey(key.name, signer, method, _suite(public, form), _suite(public, LIST_FORM))

    def public(self, method: str) -> PublicKey:
        """Return the key behind a verification method: one of our own in any state, or a did:key's."""
        for key in self.family(KeystorePurpose.ASSERTION):
            ours = self.signing_key(key)
            if ours.verification_method == method:
                return ours.public(method)
        return did_key_for(method)

    def _in_force(self, purpose: KeystorePurpose) -> KnownKey:
        try:
            self.keystore.refresh()
        except (KeystoreError, OSError) as error:
            raise SigningKeyRefused(
                Code.KEYSTORE_CHANGED, f"{error}; restart the node with the passphrase it has now"
            ) from error
        with self._lock:
            known = self._chosen.get(purpose)
        try:
            choice = self._ask(purpose, known)
        except (LedgerUnavailable, ContractRefused):  # ContractRefused: no registry of ours is at that address
            return self._known_last(purpose, known)
        with self._lock:
            self._chosen[purpose] = choice
        return choice.key

    def _known_last(self, purpose: KeystorePurpose, known: "_Choice | None") -> KnownKey:
        """Return the key chosen last, without the ledger, unless the keystore has it ended or compromised since."""
        family = self.family(purpose)
        may_sign = [key.name for key in family if key.state in _MAY_SIGN]
        if known is not None and known.key.key.name in may_sign:
            return known.key
        return KnownKey(_finished(family), b"", None)

    def _ask(self, purpose: KeystorePurpose, known: "_Choice | None") -> "_Choice":
        """Return the newest key in force at the newest block. The answer is kept while head and keys are the same."""
        family = self.family(purpose)
        if self.registry is None:
            return _Choice(None, family, KnownKey(_finished(family), b"", None))
        head = self.ledger.head()
        if known is not None and (known.head, known.family) == (head.hash, family):
            return known
        return _Choice(head.hash, family, _newest_in_force(purpose, self.known(purpose, head), head.time))

    def _known(self, key: Key, block: int) -> KnownKey:
        identifier = self.identifier(key)
        window = None if self.registry is None else self._window(key.purpose, identifier, self.registry, block)
        return KnownKey(key, identifier, window)

    def _window(
        self, purpose: KeystorePurpose, identifier: bytes, registry: Address, block: int
    ) -> ValidityWindow | None:
        contract = bindings.IssuerRegistry(registry)
        if purpose in _PURPOSES:
            record = self.ledger.read(contract.key(self.issuer, identifier), block)
            ours = record.purpose == _PURPOSES[purpose]
            return (
                _window_of(record.valid_from, record.until, record.compromised, int(record.purpose)) if ours else None
            )
        account = self.ledger.read(contract.account(identifier), block)
        if account.subject != self.issuer or account.purpose != AccountPurpose.ANCHORING:
            return None
        return _window_of(account.valid_from, account.until, account.compromised, int(account.purpose))


@dataclass(frozen=True)
class _Choice:
    """A chosen key, with the head and the keys it was chosen by."""

    head: bytes | None
    family: tuple[Key, ...]
    key: KnownKey


def _newest_in_force(purpose: KeystorePurpose, keys: list[KnownKey], now: int) -> KnownKey:
    registered = [known for known in keys if known.window is not None]
    if not registered:  # an institution that begins: the registry has none of its keys yet
        return KnownKey(_finished(tuple(known.key for known in keys)), b"", None)
    for known in reversed(registered):
        if known.window is not None and known.key.state in _MAY_SIGN and known.window.holds(now):
            return known
    newest = registered[-1]
    if newest.window is not None and newest.window.is_compromised(now):
        raise SigningKeyRefused(
            Code.KEY_COMPROMISED, f"{newest.key.name}: compromised, and no {purpose} key has followed it"
        )
    raise SigningKeyRefused(Code.KEY_NOT_VALID_NOW, f"{newest.key.name}: ended, and no {purpose} key has followed it")


def _finished(family: tuple[Key, ...]) -> Key:
    """Return the newest key whose rotation was finished and which was not ended, without asking the ledger."""
    in_use = [key for key in family if key.state is KeyState.IN_USE]
    if not in_use:
        raise SigningKeyRefused(Code.KEY_NOT_VALID_NOW, "no key of this purpose is in use")
    return in_use[-1]


def _window_of(start: int, until: int, compromised: int, purpose: int) -> ValidityWindow:
    return ValidityWindow(purpose, start, until or None, compromised or None)


def _suite(key: PublicKey, form: str) -> str:
    names = (name for name, suite in SUITES.items() if suite.form == form and key.algorithm in suite.algorithms)
    return next(names)


def check_cryptosuite(cryptosuite: str, curve: str, where: str) -> None:
    """Raise FormatRefused for an unknown cryptosuite, or a curve it does not sign with."""
    if cryptosuite not in SUITES:
        raise FormatRefused(where, f"one of {', '.join(SUITES)}")
    if curve and curve not in SUITES[cryptosuite].algorithms:
        raise FormatRefused(
            where, f"{cryptosuite} signs with {' or '.join(SUITES[cryptosuite].algorithms)}, not {curve}"
        )


def algorithm_of(cryptosuite: str, curve: str) -> KeyAlgorithm:
    """Return the algorithm of a new assertion key. `curve`: P-256 or P-384, empty for the cryptosuite's first."""
    return _ALGORITHMS[curve or SUITES[cryptosuite].algorithms[0]]


def first_did(keystore: Keystore) -> str:
    """Return the did:key of an institution that has no other DID: its first assertion key, for ever."""
    return did_key(parse_multikey(keystore.signer(ASSERTION).multikey))
