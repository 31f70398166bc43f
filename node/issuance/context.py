"""Hold what the acts of an institution's staff need: its name, keys, storage and clock."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.types import IssuerId
from acredita.contracts.coded_error import CodedError
from acredita.node.custody.key_ring import SigningKey, SigningKeyRefused
from acredita.node.custody.vault import Vault
from acredita.node.issuance.sign_credential import CredentialSigner
from acredita.node.publication.status_lists import ListPublisher
from acredita.node.storage.database import Database
from acredita.node.storage.trail import OPERATOR, Action, record
from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_file import Mac
from acredita.registry.credentials.days import DEFAULT_ZONE
from sqlalchemy import Connection

MAX_QUEUED: Final = 500_000  # issued entries that may wait at once, unless the configuration says otherwise
RECHECK_EVERY: Final = 100  # one credential in so many is canonicalised a second time by the slow path


class InstitutionRefused(CodedError[Code]):
    """The act cannot be done; nothing was changed. `code` is stable."""


@dataclass(frozen=True)
class IssuanceContext:
    """One issuer of a node with its keys. `base`: the address under which its status lists are served. `lists` signs them.

    `zone`: the time zone of its days. `actor`: who acts, for the audit trail. `max_queued`: entries that may wait.
    """

    issuer: IssuerId
    did: str
    name: str
    base: str
    database: Database
    vault: Vault
    keys: Callable[[], SigningKey]
    lists: ListPublisher
    mac: Mac
    clock: Callable[[], int]
    random: Callable[[int], bytes] = secrets.token_bytes
    random_below: Callable[[int], int] = secrets.randbelow
    max_queued: int = MAX_QUEUED
    zone: str = DEFAULT_ZONE
    actor: str = OPERATOR

    def credential_signer(self) -> CredentialSigner:
        """Return the signer with the key in force. Called before a transaction, because it may ask the ledger."""
        try:
            key = self.keys()
        except SigningKeyRefused as error:
            raise InstitutionRefused(error.code, str(error)) from error
        return CredentialSigner(
            self.issuer, self.did, self.name, self.base, key.signer, key.verification_method, key.cryptosuite, self.zone
        )

    def is_sample(self) -> bool:
        """Decide by chance whether a credential is canonicalised a second time by the slow path."""
        return self.random_below(RECHECK_EVERY) == 0

    def record(self, connection: Connection, action: Action, **detail: int | str) -> None:
        """Add a row to the audit trail in the act's own transaction. It never says whose credential it was."""
        record(connection, self.issuer, self.actor, action, now=self.clock(), **detail)
