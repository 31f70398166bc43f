"""Read the values of an act from the arguments of a command: DIDs, days, files, addresses.

Nothing is believed for its place: a scope must name the institution, a consent must be the account's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from acredita.anchoring.receipts import read_time
from acredita.anchoring.types import FormatRefused, IssuerId
from acredita.cli.bodies.account_access import address_of
from acredita.cli.bodies.act_files import read_act, read_file
from acredita.cli.bodies.implied_arguments import KEY_PURPOSES, is_digest, with_account, with_key
from acredita.cli.bodies.opened_installation import OpenInstallation
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.contracts.account_consent import SignedConsent
from acredita.contracts.bindings import BY_CALL, MAX_BATCH, NO_SUBJECT, AccountPurpose, KeyPurpose
from acredita.node.publication.trust_folder import read_json_file
from acredita.registry.acts.act_file import act_digest
from acredita.registry.acts.consent import parse_consent
from acredita.registry.acts.shapes import ActField, ActShape, FieldKind
from acredita.registry.credentials.days import ZoneRefused, end_of_day
from acredita.registry.keys.did import DidRefused, issuer_id
from acredita.registry.ledger_facts.trust_file import TrustRefused, parse_unsigned
from acredita.registry.programmes.programme import ProgrammeRefused, parse_programme
from acredita.registry.programmes.scope import ScopeRefused, parse_scope

CONSENT_PURPOSES: Final = {
    "recognise-agency": AccountPurpose.AGENCY,
    "replace-control": AccountPurpose.CONTROL,
    "custodian": AccountPurpose.CUSTODIAN,
    "add-anchoring-account": AccountPurpose.ANCHORING,
}
"""The purpose for which an act binds an account."""
VERSION_MARK = "#0x"


@dataclass
class ArgumentReader:
    """One act's arguments, read field by field. `dids`: every DID that was named, for the proposal's file."""

    shape: ActShape
    opened: OpenInstallation
    zone: str
    dids: list[str] = field(default_factory=list)

    def values(self, arguments: Mapping[str, Any]) -> dict[str, object]:
        """Return the value of each field, by its name. Raises ArgumentRefused, ActRefused, FileRefused, OSError."""
        values: dict[str, object] = {}
        completed = self._completed(arguments)
        for each in self.shape.fields:
            values[each.name] = self._value(each, completed[each.name], values)
        return values

    def _completed(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments with what the file of a consent or of a key's statement names."""
        kinds = {each.kind for each in self.shape.fields}
        if FieldKind.CONSENT in kinds:
            return with_account(arguments)
        if FieldKind.STATEMENT in kinds:
            subject = self.party(arguments["did"], "--did")
            self.dids.clear()  # they are read again below, in their order
            return with_key(arguments, self.opened.name, IssuerId(subject))
        return arguments

    def _value(self, each: ActField, argument: Any, values: Mapping[str, object]) -> object:
        option = f"--{each.name}"
        match each.kind:
            case FieldKind.PARTY_OR_COUNCIL if argument is None:
                return NO_SUBJECT
            case FieldKind.PARTY | FieldKind.PARTY_OR_COUNCIL:
                return self.party(argument, option)
            case FieldKind.DOCUMENT_OR_NONE:
                return NO_SUBJECT if argument is None else self._earlier(argument, values)
            case FieldKind.ACCOUNT:
                return address_of(argument, option)
            case FieldKind.ACCOUNTS:
                return tuple(address_of(text, option) for text in argument)
            case FieldKind.DIGEST | FieldKind.STATEMENT:
                return digest_of(argument, option)
            case FieldKind.ACT:
                return act_digest(read_act(argument))
            case FieldKind.FILE:
                return digest_in(argument) or act_digest(read_act(Path(argument)))
            case FieldKind.SCOPE:
                return self._scope(argument, values)
            case FieldKind.VERSION:
                return self.version(argument)
            case FieldKind.VERSIONS:
                return self._versions(argument)
            case FieldKind.END | FieldKind.OPEN_END:
                return 0 if argument is None else self._end(argument, option)
            case FieldKind.SINCE:
                return _moment(argument, option)
            case FieldKind.CONSENT:
                return BY_CALL if argument is None else self._consent(argument, values)
            case FieldKind.KEY_PURPOSE:
                return _key_purpose(argument, option)
            case FieldKind.TRUST_FILE:
                return _trust_file(argument)
            case FieldKind.CHECKPOINT:
                return self._checkpoint(values["did"], argument)
            case _:
                return argument

    def party(self, text: str, option: str) -> bytes:
        """Return the subject of a DID, or of 64 hex digits."""
        known = digest_in(text)
        if known is not None:
            return known
        try:
            subject = issuer_id(text)
        except DidRefused as error:
            raise ArgumentRefused(f"{option} {text}: {error}") from error
        self.dids.append(text)
        return bytes(subject)

    def _consent(self, path: Path, values: Mapping[str, Any]) -> SignedConsent:
        consent = read_file(path, parse_consent)
        purpose = CONSENT_PURPOSES[self.shape.name]
        consent.check(self.opened.name, purpose, values["account-address"], values["did"])
        return consent.consent

    def _scope(self, text: str, values: Mapping[str, object]) -> bytes:
        known = digest_in(text)
        if known is not None:
            return known
        try:
            scope = parse_scope(read_json_file(Path(text)))
        except ScopeRefused as error:
            raise ActRefused(f"{text}: {error}") from error
        if issuer_id(scope.did) != values["did"]:
            raise ActRefused(f"{text}: /did is {scope.did}, another institution")
        return scope.digest

    def _earlier(self, text: str, values: Mapping[str, Any]) -> bytes:
        """Return the document of an earlier version of the same institution."""
        owner, document = self.version(text)
        if owner != values["programme"][0]:
            raise ActRefused(f"{text}: /issuer is another institution")
        return document

    def version(self, text: str) -> tuple[bytes, bytes]:
        """Return owner and document of a programme version: a file, or DID#0x and 64 hex digits."""
        did, mark, digits = text.partition(VERSION_MARK)
        if mark and digest_in(digits) is not None:
            return self.party(did, "--programme"), digest_of(digits, "--programme")
        try:
            programme = parse_programme(read_json_file(Path(text)))
        except ProgrammeRefused as error:
            lines = "".join(f"\n  {problem}" for problem in error.faults)
            raise ActRefused(f"{text}: the programme is refused:{lines}") from error
        return self.party(programme.issuer, "--programme"), programme.digest

    def _versions(self, texts: list[str]) -> tuple[tuple[bytes, bytes], ...]:
        if not 0 < len(texts) <= MAX_BATCH:
            raise ArgumentRefused(f"--programme: from 1 to {MAX_BATCH} expected, found {len(texts)}")
        versions = tuple(self.version(text) for text in texts)
        if len(set(versions)) < len(versions):
            raise ArgumentRefused("--programme: each version once expected")
        return versions

    def _end(self, text: str, option: str) -> int:
        if "T" in text:
            return _moment(text, option)
        try:
            return end_of_day(date.fromisoformat(text), self.zone)
        except (ValueError, OverflowError) as error:
            raise ArgumentRefused(f"{option} {text}: a day YYYY-MM-DD that exists expected") from error
        except ZoneRefused as error:
            raise ArgumentRefused(f"--zone {error}") from error

    def _checkpoint(self, issuer: Any, number: int) -> tuple[bytes, ...]:
        """Return the four words of a checkpoint of the present epoch, as the ledger's own words chain them."""
        checkpoints = self.opened.observer.chain(issuer).epochs[-1].checkpoints
        for linked in checkpoints:
            if linked.checkpoint.number == number:
                return linked.checkpoint.parts()
        raise ActRefused(f"--last-good {number}: the present epoch has no such checkpoint")


def digest_of(text: str, option: str) -> bytes:
    """Return 32 bytes of an argument. Raises ArgumentRefused."""
    digest = digest_in(text)
    if digest is None:
        raise ArgumentRefused(f"{option} {text}: 64 hex digits expected")
    return digest


def digest_in(text: str) -> bytes | None:
    """Return 32 bytes of an argument; None where it is no 64 hex digits."""
    return bytes.fromhex(text.removeprefix("0x")) if is_digest(text) else None


def _moment(text: str, option: str) -> int:
    try:
        return read_time(text, option)
    except FormatRefused as error:
        raise ArgumentRefused(f"{option} {text}: a moment such as 2026-01-15T18:00:00Z expected") from error


def _key_purpose(text: str, option: str) -> KeyPurpose:
    if text not in KEY_PURPOSES:
        raise ArgumentRefused(f"{option} {text}: assertion or note expected")
    return KEY_PURPOSES[text]


def _trust_file(path: Path) -> tuple[int, bytes]:
    """Return number and digest of a trust file. Who signed it does not change them, so an unsigned draft counts too."""
    try:
        parsed = parse_unsigned(read_json_file(path))
    except TrustRefused as error:
        raise ActRefused(f"{path}: {error.code}: {error}") from error
    return parsed.number, parsed.digest
