"""Check and keep the copy of one status list: by its issuer's key, by the issuer's log, and only newer than the copy.

A list is published before its bits are anchored, so a list that lacks a revocation of the chain is an older one, or hides
it. Where the log is not available a list counts by its signature alone: without the log no verdict is positive.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from acredita.anchoring.status_bits import StatusPurpose
from acredita.anchoring.types import IssuerId
from acredita.node.mirroring.refusals import CopyRefused
from acredita.node.publication.trust_folder import write_json
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import LIST_BYTES, StatusList, StatusListRefused, parse_status_list
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.did import DidRefused, issuer_id, split_method
from acredita.registry.keys.multikey import key_id
from acredita.registry.ledger_facts.histories import PartyHistory
from acredita.registry.ledger_facts.issuer_log import IssuerLog
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused, verify_proof
from acredita.registry.proofs.resolve_key import key_of_list

MAX_LIST_BYTES: Final = 64 * 1024  # the bits take at most 24,000 characters
EARLY_SECONDS: Final = 60  # a list may be issued so far ahead of this clock

_NO_DIDS: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True)
class ListCopy:
    """The copy of one list of a party. `log`: the party's log at the head; None where it is not available."""

    base: Path
    party: PartyHistory
    number: int
    log: IssuerLog | None
    now: int

    @property
    def place(self) -> str:
        """The path of the list at a node."""
        return f"status/{self.party.subject.hex()}/{self.number}"

    @property
    def names(self) -> list[str]:
        """The paths of the list at a node and in a folder."""
        return [self.place, f"{self.place}.json"]

    def version(self) -> int:
        """Return the version of the copy; -1 where there is none that can be read."""
        path = self.base / f"{self.place}.json"
        try:
            return parse_status_list(read_json(path.read_bytes())).version if path.is_file() else -1
        except (JsonRefused, StatusListRefused):
            return -1

    def keep(self, content: bytes) -> bool:
        """Check a list and put it in the copy's place. Return False where the copy is this list.

        Raises CopyRefused, OSError.
        """
        document = _json(content)
        status_list = self._checked(document)
        kept = self.version()
        if status_list.version < kept:
            raise CopyRefused(Code.MIRROR_LIST_OLDER, f"{kept} expected or later, found {status_list.version}")
        path = self.base / f"{self.place}.json"
        if status_list.version == kept:
            if json.loads(path.read_bytes()) != document:
                raise CopyRefused(Code.STATUS_LIST_INVALID, "two lists of one moment")
            return False
        write_json(path, document)
        return True

    def _checked(self, document: Mapping[str, Any]) -> StatusList:
        """Read a list and check whose it is, its proof, its moment and its bits. Raises CopyRefused."""
        try:
            status_list = parse_status_list(document)
        except StatusListRefused as error:
            raise CopyRefused(Code.STATUS_LIST_INVALID, error.message) from error
        named = (status_list.list_issuer, status_list.list_number)
        if named != (self.party.subject, self.number) or not _is_did_of(status_list.issuer, self.party.subject):
            raise CopyRefused(Code.STATUS_LIST_FOREIGN, f"the list is {status_list.url} of {status_list.issuer}")
        self._check_proof(document, status_list)
        if status_list.issued > self.now + EARLY_SECONDS:
            raise CopyRefused(Code.STATUS_LIST_INVALID, "issued after the present")
        self._check_bits(status_list)
        return status_list

    def _check_proof(self, document: Mapping[str, Any], status_list: StatusList) -> None:
        try:
            check = verify_proof(
                dict(document), lambda method: key_of_list(method, status_list.issuer, _NO_DIDS, self.now)
            )
            signer, _ = split_method(check.verification_method)
        except (ProofRefused, ProofCheckUnavailable) as error:
            raise CopyRefused(Code.STATUS_LIST_INVALID, error.message) from error
        except DidRefused as error:
            raise CopyRefused(Code.STATUS_LIST_INVALID, str(error)) from error
        window = self.party.assertion_key(key_id(check.multikey))
        if signer != status_list.issuer or window is None or window.is_compromised(self.now):
            raise CopyRefused(Code.STATUS_LIST_INVALID, "signed by no key of the issuer that may sign it")

    def _check_bits(self, status_list: StatusList) -> None:
        """Check that the list shows every revocation of the log. Raises CopyRefused."""
        if self.log is None or self.number >= self.log.status.lists:
            return
        anchored = self.log.status.bitstring(self.number, StatusPurpose.REVOCATION)
        hidden = int.from_bytes(anchored, "big") & ~int.from_bytes(status_list.bits, "big")
        if hidden:
            first = 8 * LIST_BYTES - hidden.bit_length()
            code = Code.STATUS_MISMATCH if status_list.issued >= self.log.time else Code.MIRROR_LIST_OLDER
            raise CopyRefused(code, f"index {first} is revoked on the chain and clear in the list")


def _json(content: bytes) -> dict[str, Any]:
    try:
        document = read_json(content)
    except JsonRefused as error:
        raise CopyRefused(Code.STATUS_LIST_INVALID, str(error)) from error
    if not isinstance(document, dict):
        raise CopyRefused(Code.STATUS_LIST_INVALID, "a JSON object expected")
    return document


def _is_did_of(did: str, subject: IssuerId) -> bool:
    try:
        return issuer_id(did) == subject
    except DidRefused:
        return False
