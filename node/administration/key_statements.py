"""Write the files by which a control account adds keys of a node, on another machine.

A node's keys stay in its keystore. A signing key hands over its own statement, an anchoring account its consent; both are
public. The statement is among the node's public documents before the ledger holds its digest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.call_signer import LocalCallSigner
from acredita.anchoring.types import Address
from acredita.contracts.account_consent import MAX_LIFE_SECONDS, ConsentDomain
from acredita.contracts.bindings import AccountPurpose, KeyPurpose
from acredita.node.custody.key_ring import KeyRing
from acredita.node.publication.trust_folder import write_bytes, write_json
from acredita.registry.acts.consent import ConsentFile
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.keys.key_statement import make_statement
from acredita.registry.keys.keystore import Key, KeyState, KeystorePurpose

PURPOSES: Final = {KeystorePurpose.ASSERTION: KeyPurpose.ASSERTION, KeystorePurpose.NOTE: KeyPurpose.NOTE}
CONSENT_SECONDS: Final = MAX_LIFE_SECONDS - 24 * 3600  # a day for clocks that differ
_ADDABLE: Final = (KeyState.PENDING, KeyState.IN_USE)


@dataclass(frozen=True)
class OfferedKey:
    """A key or account that the ledger does not name yet, with the file that was written for it."""

    key: str
    purpose: KeystorePurpose
    file: Path


@dataclass(frozen=True)
class KeyOffers:
    """The institution's keys, and the installation that they are to be added to. `folder`: its public documents."""

    ring: KeyRing
    installation: InstallationName
    folder: Path
    clock: Callable[[], int]

    def missing(self) -> list[Key]:
        """List the keys and accounts that the ledger does not name yet. Raises LedgerUnavailable."""
        self.ring.keystore.refresh()
        return [
            known.key
            for purpose in (*PURPOSES, KeystorePurpose.ANCHORING)
            for known in self.ring.known(purpose)
            if known.window is None and known.key.state in _ADDABLE
        ]

    def write(self, out: Path) -> list[OfferedKey]:
        """Write the file of each missing key to a folder. Raises OSError, LedgerUnavailable."""
        out.mkdir(parents=True, exist_ok=True)
        return [self._write_one(key, out) for key in self.missing()]

    def _write_one(self, key: Key, out: Path) -> OfferedKey:
        if key.purpose is KeystorePurpose.ANCHORING:
            path = out / f"{key.name}.consent.json"
            write_json(path, self._consent(key).document())
        else:
            path = out / f"{key.name}.statement"
            write_bytes(path, self._statement(key))
        return OfferedKey(key.name, key.purpose, path)

    def _statement(self, key: Key) -> bytes:
        registry, issuer = Address(self.installation.contracts.issuer_registry), self.ring.issuer
        signer, purpose = self.ring.keystore.signer(key.name), int(PURPOSES[key.purpose])
        statement = make_statement(self.installation.chain_id, registry, issuer, purpose, signer)
        write_bytes(self.folder / "documents" / f"{statement.digest.hex()}.bin", statement.data)
        return statement.data

    def _consent(self, key: Key) -> ConsentFile:
        account = self.ring.keystore.account(key.name)
        domain = ConsentDomain(self.installation.chain_id, self.installation.contracts.issuer_registry)
        deadline = max(self.clock(), self.ring.ledger.head().time) + CONSENT_SECONDS
        signed = LocalCallSigner(account).sign_consent(domain, self.ring.did, AccountPurpose.ANCHORING, deadline)
        return ConsentFile(account.address, self.ring.did, AccountPurpose.ANCHORING, domain, signed)
