"""Sign credentials: build one from an order, sign it, and verify it with our own reader. Nothing is stored or drawn here.

Invariants: an order carries everything that is random or read from a clock, so the same order gives the same credential in
this process and in any other. This module imports only what a process that signs needs, so that it starts quickly.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from acredita.anchoring.types import Digest, IssuerId
from acredita.registry.canonicalisation.canonical import canonical_nquads, canonical_nquads_slow
from acredita.registry.canonicalisation.safe_values import CanonicalFormRefused
from acredita.registry.codes import Code
from acredita.registry.credentials.build import Award, AwardRefused, Issuer, build_credential
from acredita.registry.credentials.cohort_rows import RowRefused
from acredita.registry.credentials.days import DEFAULT_ZONE
from acredita.registry.credentials.parse import parse_credential, schema_errors
from acredita.registry.credentials.shapes import ProfileRefused
from acredita.registry.credentials.status_position import entry_at
from acredita.registry.keys.multikey import PublicKey, parse_multikey
from acredita.registry.keys.signer import Signer
from acredita.registry.programmes.programme import Programme
from acredita.registry.proofs.data_integrity import ProofOptions, ProofRefused, add_proof, verify_proof


@dataclass(frozen=True, slots=True)
class CredentialOrder:
    """The order of one credential for one row of a cohort. `thorough`: canonicalise a second time by the slow path."""

    row: int
    award: Award
    status_position: int
    identifier: bytes
    salt: bytes
    valid_from: int
    thorough: bool


@dataclass(frozen=True, slots=True)
class SignedCredential:
    """A signed credential as it will be stored and delivered."""

    row: int
    status_position: int
    digest: Digest
    content: bytes


class SchemaBrokenError(Exception):
    """The signed document breaks the profile's schema and may not leave the node."""


@dataclass(frozen=True)
class CredentialSigner:
    """An issuer with the key that signs. `base`: the address under which the status lists are served."""

    issuer: IssuerId
    did: str
    name: str
    base: str
    signer: Signer
    verification_method: str
    cryptosuite: str
    zone: str = DEFAULT_ZONE

    def sign_credentials(
        self, programme: Programme, orders: Iterable[CredentialOrder]
    ) -> list[SignedCredential | RowRefused]:
        """Sign the credential of each order, or say why a row gives none."""
        return [self.sign_credential(programme, order) for order in orders]

    def sign_credential(self, programme: Programme, order: CredentialOrder) -> SignedCredential | RowRefused:
        """Build, sign and read back the credential of one order, or say why its row gives none."""
        try:
            unsigned = build_credential(
                programme,
                order.award,
                Issuer(self.did, self.name),
                identifier=UUID(bytes=order.identifier, version=4),
                status=entry_at(self.base, self.issuer, order.status_position),
                valid_from=order.valid_from,
                salt=order.salt,
                zone=self.zone,
            )
        except AwardRefused as error:  # midnight passed since the file was judged
            return RowRefused(order.row, error.code, error.field, error.expected)
        try:
            digest, content = self.sign(unsigned, order.valid_from, thorough=order.thorough)
        except ProfileRefused as error:  # it says where and which rule, and no value
            return RowRefused(order.row, error.code, None, str(error))
        except CanonicalFormRefused as error:  # its message repeats the value
            return RowRefused(order.row, error.code, None, f"{error.pointer}: what every library reads alike")
        return SignedCredential(order.row, order.status_position, digest, content)

    def sign(self, unsigned: Mapping[str, Any], now: int, *, thorough: bool) -> tuple[Digest, bytes]:
        """Sign a document and read it back. Return digest and bytes of the signed credential.

        Raises SchemaBrokenError, and ProfileRefused if our own reader refuses the document.
        """
        if thorough and canonical_nquads(unsigned) != canonical_nquads_slow(unsigned):
            raise RuntimeError("the fast and the slow canonical form differ: nothing may be signed")
        signed = add_proof(
            unsigned,
            ProofOptions(self.cryptosuite, self.verification_method, datetime.fromtimestamp(now, UTC)),
            self.signer,
        )
        parse_credential(signed)  # a credential that our own reader refuses never leaves
        if schema_errors(signed):
            raise SchemaBrokenError("the credential breaks the profile's schema")
        try:
            return verify_proof(signed, self._public_key).digest, _file(signed)
        except ProofRefused as error:
            raise RuntimeError(f"a signature made a moment ago does not verify: {error}") from error

    def _public_key(self, method: str) -> PublicKey:
        if method != self.verification_method:
            raise ProofRefused(Code.PROOF_KEY_REFUSED, f"signed by {method}, not by {self.verification_method}")
        return parse_multikey(self.signer.multikey)


def _file(signed: Mapping[str, Any]) -> bytes:
    return (json.dumps(signed, ensure_ascii=False, indent=2) + "\n").encode()
