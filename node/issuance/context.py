"""What an institution's staff works with: its name, its keys, its storage and its clock."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.types import IssuerId
from acredita.contracts.coded_error import CodedError
from acredita.node.custody.key_ring import SigningKey, SigningKeyRefused
from acredita.node.custody.vault import Vault
from acredita.node.issuance.sign_credential import Maker
from acredita.node.storage.database import Database
from acredita.node.storage.trail import OPERATOR, Action, record
from acredita.registry.codes import Code
from acredita.registry.credentials.cohort_file import Mac
from sqlalchemy import Connection

MAX_QUEUED: Final = 500_000  # issued entries that may wait at once, unless the configuration says otherwise
RECHECK_EVERY: Final = 100  # one credential in so many is canonicalised a second time by the slow path


class InstitutionRefused(CodedError[Code]):
    """The act cannot be done; nothing was changed. `code` is stable."""


@dataclass(frozen=True)
class Premises:
    """One issuer of a node with its keys at hand. `base`: the address under which its status lists are served."""

    issuer: IssuerId
    did: str
    name: str
    base: str
    database: Database
    vault: Vault
    keys: Callable[[], SigningKey]
    mac: Mac
    clock: Callable[[], int]
    random: Callable[[int], bytes] = secrets.token_bytes
    random_below: Callable[[int], int] = secrets.randbelow
    max_queued: int = MAX_QUEUED
    actor: str = OPERATOR

    def maker(self) -> Maker:
        """Who signs next, with the key in force; asked before a transaction, because it may ask the ledger."""
        try:
            key = self.keys()
        except SigningKeyRefused as error:
            raise InstitutionRefused(error.code, str(error)) from error
        return Maker(self.issuer, self.did, self.name, self.base, key.signer, key.verification_method, key.cryptosuite)

    def is_sample(self) -> bool:
        """Whether this credential is one of those that are checked by the slow path too."""
        return self.random_below(RECHECK_EVERY) == 0

    def record(self, connection: Connection, action: Action, **detail: int | str) -> None:
        """A row of the trail in the act's own transaction: never whose credential it was."""
        record(connection, self.issuer, self.actor, action, now=self.clock(), **detail)
