"""What can be said of anybody's credential or presentation without a verdict: structure, proof, binding, dates, status.

A proof-only answer in the sense of docs/verification.md: it does not know registry, programme or ledger, so "verified" here
is never "recognised". Structure, proof and binding are always asked. Dates and status are asked unless the caller names the
checks it wants; what was not asked, or could not be looked at, is a warning. Nothing is fetched.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from acredita.node.signing_profiles import KnownContexts
from acredita.registry.date_time_stamp import seconds_of
from acredita.registry.did import DidError, split_method
from acredita.registry.documents import Problem, pointer
from acredita.registry.proofs import KeyFor, ProofCheck, ProofInvalid, ProofUnsupported, check_expected, verify_proofs
from acredita.registry.status_list import StatusListRefused
from acredita.registry.vc_jwt import verify_jwt
from acredita.registry.vcdm import (
    credential_faults,
    envelope_faults,
    holder_of,
    is_enveloped,
    is_first_version,
    issuer_of,
    presentation_faults,
    unchecked_resources,
)

ENVELOPED: Final = "EnvelopedVerifiableCredential"
STRUCTURE, PROOF, BINDING, DATES, STATUS = "structure", "proof", "binding", "dates", "status"
ALIASES: Final[Mapping[str, str]] = {
    "proof": PROOF,
    "credentialStatus": STATUS,
    "status": STATUS,
    "dates": DATES,
    "validityPeriod": DATES,
    "structure": STRUCTURE,
    "binding": BINDING,
}
"""Names a caller may give in `options.checks`."""

Bit = Callable[[str, int], bool | None]


@dataclass(frozen=True)
class Expected:
    """What the caller asks for. `checks` None: everything."""

    purpose: str
    challenge: str | None = None
    domain: str | None = None
    checks: frozenset[str] | None = None

    def asks(self, check: str) -> bool:
        return self.checks is None or check in self.checks


@dataclass
class Findings:
    """Checks that ran, errors that make the answer negative, and warnings that do not."""

    checks: list[str] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        return not self.errors

    def run(self, check: str, faults: Iterable[Problem], *, asked: bool = True) -> bool:
        """Note a check and what it found; whether it found nothing."""
        found = list(faults)
        if asked and check not in self.checks:
            self.checks.append(check)
        (self.errors if asked else self.warnings).extend(found)
        return not found

    def within(self, place: str, inner: "Findings") -> None:
        """Take over what was found of a part of the document."""
        self.checks += [check for check in inner.checks if check not in self.checks]
        self.warnings += [Problem(place + row.pointer, row.code, row.message) for row in inner.warnings]
        self.errors += [Problem(place + row.pointer, row.code, row.message) for row in inner.errors]


@dataclass(frozen=True)
class Checker:
    """Checks documents against the keys, contexts and status lists that this node has at hand."""

    known: KnownContexts
    key_for: KeyFor
    bit: Bit
    now: int
    relaxed: bool = False

    def credential(self, document: object, expected: Expected) -> Findings:
        """1. structure 2. proof 3. binding 4. dates 5. status; later ones wait for the first two."""
        if is_enveloped(document, ENVELOPED):
            return self._enveloped(document, expected)
        findings = Findings()
        if findings.run(STRUCTURE, credential_faults(document, bytes_of=self.known.bytes_of)):
            assert isinstance(document, dict)  # the structure says so
            self._proven(document, document, expected, findings, self._proofs(document, expected, findings))
        return findings

    def presentation(self, document: object, expected: Expected) -> Findings:
        """The presentation's own structure, proof and holder, then each credential it holds."""
        findings = Findings()
        if not findings.run(STRUCTURE, presentation_faults(document, bytes_of=self.known.bytes_of)):
            return findings
        assert isinstance(document, dict)
        checks = self._proofs(document, expected, findings)
        if checks:
            findings.run(BINDING, self._holder(document, [check.verification_method for check in checks]))
        held = document.get("verifiableCredential", [])
        for index, credential in enumerate(held if isinstance(held, list) else [held]):
            inner = self.credential(credential, Expected("assertionMethod", checks=expected.checks))
            findings.within(pointer(("verifiableCredential", index)), inner)
        return findings

    # --- steps ---

    def _proofs(self, document: Mapping[str, Any], expected: Expected, findings: Findings) -> list[ProofCheck]:
        try:
            checks = verify_proofs(document, self.key_for, contexts=self.known.contexts)
            for check in checks:
                check_expected(
                    _as_asked(check, expected),
                    purpose=expected.purpose,
                    now=datetime.fromtimestamp(self.now, UTC),
                    challenge=expected.challenge,
                    domain=expected.domain,
                )
        except (ProofInvalid, ProofUnsupported) as error:
            findings.run(PROOF, [Problem("/proof", error.code, _rule(error))])
            return []
        findings.run(PROOF, [])
        if expected.challenge is None and any(check.challenge is not None for check in checks):
            findings.warnings.append(Problem("/proof", "CHALLENGE_UNCHECKED", "name the challenge to have it compared"))
        return checks

    def _proven(
        self,
        document: Mapping[str, Any],
        said: Mapping[str, Any],
        expected: Expected,
        findings: Findings,
        checks: Sequence[ProofCheck],
    ) -> None:
        if checks:
            findings.run(BINDING, self._issuer(said, [check.verification_method for check in checks]))
        self._about(said, expected, findings)

    def _about(self, said: Mapping[str, Any], expected: Expected, findings: Findings) -> None:
        findings.run(DATES, self._dates(said), asked=expected.asks(DATES))
        known, unknown = self._status(said)
        findings.run(STATUS, known, asked=expected.asks(STATUS))
        findings.warnings += unknown
        for where in unchecked_resources(said, bytes_of=self.known.bytes_of):
            findings.warnings.append(Problem(where, "RELATED_RESOURCE_UNCHECKED", "its bytes are not at hand"))

    def _issuer(self, said: Mapping[str, Any], methods: Sequence[str]) -> Iterator[Problem]:
        """A proof of the issuer must be among them: a notary's beside it is welcome, alone it is a forgery."""
        if not self.relaxed and issuer_of(said) not in map(_did_of, methods):
            yield Problem("/issuer", "KEY_NOT_OF_ISSUER", "a proof by a key of the issuer")

    def _holder(self, document: Mapping[str, Any], methods: Sequence[str]) -> Iterator[Problem]:
        if not self.relaxed and "holder" in document and holder_of(document) not in map(_did_of, methods):
            yield Problem("/holder", "HOLDER_NOT_OF_KEY", "a proof by a key of the holder")

    def _dates(self, said: Mapping[str, Any]) -> Iterator[Problem]:
        first = is_first_version(said)
        start, end = ("issuanceDate", "expirationDate") if first else ("validFrom", "validUntil")
        begins, ends = _moment(said, start), _moment(said, end)
        if begins is not None and begins > self.now:
            yield Problem(f"/{start}", "CREDENTIAL_NOT_YET_VALID", "a moment that has come")
        if ends is not None and ends < self.now:
            yield Problem(f"/{end}", "CREDENTIAL_EXPIRED", "a moment still to come")

    def _status(self, said: Mapping[str, Any]) -> tuple[list[Problem], list[Problem]]:
        """What the lists at hand say, and entries whose list is not at hand."""
        known: list[Problem] = []
        unknown: list[Problem] = []
        entries = said.get("credentialStatus", [])
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            where = pointer(("credentialStatus", index) if isinstance(entries, list) else ("credentialStatus",))
            fault = self._entry(entry, where)
            if fault is not None:
                (unknown if fault.code == "STATUS_UNCHECKED" else known).append(fault)
        return known, unknown

    def _entry(self, entry: Mapping[str, Any], where: str) -> Problem | None:
        if entry.get("type") != "BitstringStatusListEntry" or entry.get("statusSize", 1) != 1:
            return Problem(where, "STATUS_UNCHECKED", "a kind of status that is not read here")
        try:
            is_set = self.bit(entry["statusListCredential"], int(entry["statusListIndex"]))
        except IndexError:
            return Problem(where, "STATUS_RANGE", "an index inside the list")
        except StatusListRefused as error:
            return Problem(where, error.code, "a list that decodes")
        if is_set is None:
            return Problem(where, "STATUS_UNCHECKED", "the list is published elsewhere and not fetched")
        codes = {"revocation": "CREDENTIAL_REVOKED", "suspension": "CREDENTIAL_SUSPENDED"}
        code = codes.get(entry["statusPurpose"])
        return Problem(where, code, "a status that is not set") if is_set and code else None

    # --- envelopes ---

    def _enveloped(self, document: object, expected: Expected) -> Findings:
        """A JOSE-secured credential in a data: URL (VCDM 4.13.1)."""
        findings = Findings()
        if not findings.run(STRUCTURE, envelope_faults(document, ENVELOPED)):
            return findings
        assert isinstance(document, dict)
        try:
            check = verify_jwt(document["id"].partition(",")[2], self.key_for)
        except (ProofInvalid, ProofUnsupported) as error:
            findings.run(PROOF, [Problem("/id", error.code, _rule(error))])
            return findings
        findings.run(PROOF, _claims(check.claims, self.now))
        said = check.credential
        if findings.run(STRUCTURE, credential_faults(said, bytes_of=self.known.bytes_of)):
            findings.run(BINDING, self._issuer(said, [check.verification_method]))
            self._about(said, expected, findings)
        return findings


def _claims(claims: Mapping[str, Any], now: int) -> Iterator[Problem]:
    """RFC 7519 4.1.4, 4.1.5: before `nbf` and from `exp` on a token is not to be accepted."""
    for name, code in (("exp", "PROOF_EXPIRED"), ("nbf", "CREDENTIAL_NOT_YET_VALID")):
        value = claims.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield Problem(f"/{name}", "PROOF_MALFORMED", "a number of seconds")
        elif (now >= value) if name == "exp" else (now < value):
            yield Problem(f"/{name}", code, "a token in force")


def _moment(said: Mapping[str, Any], key: str) -> Decimal | None:
    return seconds_of(said[key]) if key in said else None


def _did_of(method: str) -> str | None:
    try:
        return split_method(method)[0]
    except DidError:
        return None


def _as_asked(check: ProofCheck, expected: Expected) -> ProofCheck:
    """The proof without the challenge or domain nobody asked about (VC-DATA-INTEGRITY 4.4 steps 6, 7)."""
    challenge = None if expected.challenge is None else check.challenge
    return replace(check, challenge=challenge, domains=() if expected.domain is None else check.domains)


def _rule(error: ProofInvalid | ProofUnsupported) -> str:
    """One sentence a family: what the error itself says may repeat values of the document."""
    return "a proof that holds" if isinstance(error, ProofInvalid) else "a proof that can be checked here"
