"""Credentials made: built from an order, signed, verified by our own reader, written out. Nothing is stored or drawn here.

An order carries everything that is drawn or told by a clock, so that the same order gives the same credential in this
process and in any other. What needs another process to be started cheaply is imported here, and nothing else.
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
from acredita.registry.credentials.cohort_file import RowRefused
from acredita.registry.credentials.parse import parse_credential, schema_errors
from acredita.registry.credentials.shapes import ProfileRefused
from acredita.registry.credentials.status_position import entry_at
from acredita.registry.keys.multikey import PublicKey, parse_multikey
from acredita.registry.keys.signer import Signer
from acredita.registry.programmes.programme import Programme
from acredita.registry.proofs.data_integrity import ProofOptions, ProofRefused, add_proof, verify_proof


@dataclass(frozen=True, slots=True)
class Order:
    """One row to be made. `place`: its status position; `thorough`: canonicalised a second time by the slow path."""

    row: int
    award: Award
    place: int
    identifier: bytes
    salt: bytes
    valid_from: int
    thorough: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A signed credential as it will be stored and delivered."""

    row: int
    place: int
    digest: Digest
    content: bytes


class SchemaBrokenError(Exception):
    """What was signed breaks the profile's schema: it may not leave."""


@dataclass(frozen=True)
class Maker:
    """Who signs, and how. `base`: the address under which the status lists are served."""

    issuer: IssuerId
    did: str
    name: str
    base: str
    signer: Signer
    verification_method: str
    cryptosuite: str

    def make(self, programme: Programme, orders: Iterable[Order]) -> list[Made | RowRefused]:
        """The credential of each order, or why there is none."""
        return [self._make(programme, order) for order in orders]

    def _make(self, programme: Programme, order: Order) -> Made | RowRefused:
        try:
            unsigned = build_credential(
                programme,
                order.award,
                Issuer(self.did, self.name),
                identifier=UUID(bytes=order.identifier, version=4),
                status=entry_at(self.base, self.issuer, order.place),
                valid_from=order.valid_from,
                salt=order.salt,
            )
        except AwardRefused as error:  # midnight passed since the file was judged
            return RowRefused(order.row, error.code, error.field, error.expected)
        try:
            digest, content = self.sign(unsigned, order.valid_from, thorough=order.thorough)
        except ProfileRefused as error:  # it says where and which rule, and no value
            return RowRefused(order.row, error.code, None, str(error))
        except CanonicalFormRefused as error:  # its message repeats the value
            return RowRefused(order.row, error.code, None, f"{error.pointer}: what every library reads alike")
        return Made(order.row, order.place, digest, content)

    def sign(self, unsigned: Mapping[str, Any], now: int, *, thorough: bool) -> tuple[Digest, bytes]:
        """Digest and bytes of the signed credential. Raises SchemaBrokenError, or ProfileRefused from our reader."""
        if thorough and canonical_nquads(unsigned) != canonical_nquads_slow(unsigned):
            raise RuntimeError("the fast and the slow canonical form differ: nothing may be signed")
        signed = add_proof(
            unsigned,
            ProofOptions(self.cryptosuite, self.verification_method, datetime.fromtimestamp(now, UTC)),
            self.signer,
        )
        parse_credential(signed)  # what our own reader refuses never leaves
        if schema_errors(signed):
            raise SchemaBrokenError("the credential breaks the profile's schema")
        try:
            return verify_proof(signed, self._public).digest, _file(signed)
        except ProofRefused as error:
            raise RuntimeError(f"a signature made a moment ago does not verify: {error}") from error

    def _public(self, method: str) -> PublicKey:
        if method != self.verification_method:
            raise ProofRefused(Code.PROOF_KEY_REFUSED, f"signed by {method}, not by {self.verification_method}")
        return parse_multikey(self.signer.multikey)


def _file(signed: Mapping[str, Any]) -> bytes:
    return (json.dumps(signed, ensure_ascii=False, indent=2) + "\n").encode()
