"""What can be said of anybody's credential or presentation without a verdict: structure, proof, binding, dates, status.

A proof-only answer in the sense of docs/verification.md: it does not know registry, programme or ledger, so "verified" here
is never "recognised". Structure, proof and binding are always asked. Dates and status are asked unless the caller names the
checks it wants; what was not asked, or could not be looked at, is a warning. Nothing is fetched but status lists, and those
from hosts the operator lists (`fetching.py`); a fetched list must be a credential that verifies.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from acredita.node.outbound.fetch import Fetcher, SourceUnavailable
from acredita.node.runtime.signing_profiles import KnownContexts
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import StatusListRefused, decode_foreign_list, is_set
from acredita.registry.json_documents.schema_faults import SchemaFault, pointer
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.did import DidRefused, key_method, parse_did, split_method
from acredita.registry.keys.multikey import PublicKey
from acredita.registry.proofs.cryptosuites import signs_json
from acredita.registry.proofs.data_integrity import (
    KeyFor,
    ProofCheck,
    ProofCheckUnavailable,
    ProofOptions,
    ProofRefused,
    check_expected,
    verify_proofs,
)
from acredita.registry.proofs.jose import JwtCheck, verify_jwt, verify_presentation_jwt
from acredita.registry.vcdm.date_time_stamp import seconds_of
from acredita.registry.vcdm.hidden_terms import hidden_terms, is_entry
from acredita.registry.vcdm.structure import (
    credential_faults,
    envelope_faults,
    holder_of,
    is_enveloped,
    is_first_version,
    is_self_asserted,
    issuer_of,
    presentation_faults,
    unchecked_resources,
)

ENVELOPED: Final = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION: Final = "EnvelopedVerifiablePresentation"
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

MAX_LISTS_FETCHED: Final = 4
"""Lists fetched for one credential: an entry costs its sender nothing."""

_UNCHECKED: Final = frozenset({Code.STATUS_UNCHECKED, Code.SOURCE_NOT_ALLOWED, Code.SOURCE_UNREACHABLE})

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
    warnings: list[SchemaFault] = field(default_factory=list)
    errors: list[SchemaFault] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        return not self.errors

    def run(self, check: str, faults: Iterable[SchemaFault], *, asked: bool = True) -> bool:
        """Note a check and what it found; whether it found nothing."""
        found = list(faults)
        if asked and check not in self.checks:
            self.checks.append(check)
        (self.errors if asked else self.warnings).extend(found)
        return not found

    def within(self, place: str, inner: "Findings") -> None:
        """Take over what was found of a part of the document."""
        self.checks += [check for check in inner.checks if check not in self.checks]
        self.warnings += [SchemaFault(place + row.pointer, row.code, row.message) for row in inner.warnings]
        self.errors += [SchemaFault(place + row.pointer, row.code, row.message) for row in inner.errors]


@dataclass(frozen=True)
class Checker:
    """Checks documents against the keys, contexts and status lists that this node has at hand."""

    known: KnownContexts
    key_for: KeyFor
    bit: Bit
    now: int
    relaxed: bool = False
    fetcher: Fetcher = field(default_factory=Fetcher)

    def credential(self, document: object, expected: Expected) -> Findings:
        """1. structure 2. proof 3. binding 4. dates 5. status; later ones wait for the first two."""
        if is_enveloped(document, ENVELOPED):
            return self._enveloped(document, expected)
        findings = Findings()
        if findings.run(STRUCTURE, credential_faults(document, bytes_of=self.known.bytes_of)):
            assert isinstance(document, dict)  # the structure says so
            checks = self._proofs(document, expected, findings)
            if any(not signs_json(check.options.cryptosuite) for check in checks):
                findings.run(STRUCTURE, hidden_terms(document, contexts=self.known.contexts))
            self._proven(document, document, expected, findings, checks)
        return findings

    def presentation(self, document: object, expected: Expected) -> Findings:
        """The presentation's own structure, proof and holder, then each credential it holds."""
        if is_enveloped(document, ENVELOPED_PRESENTATION):
            return self._enveloped_presentation(document, expected)
        findings = Findings()
        if not findings.run(STRUCTURE, presentation_faults(document, bytes_of=self.known.bytes_of)):
            return findings
        assert isinstance(document, dict)
        checks = self._proofs(document, expected, findings)
        self._presented(document, [check.verification_method for check in checks], expected, findings)
        return findings

    def _presented(
        self, document: Mapping[str, Any], methods: Sequence[str], expected: Expected, findings: Findings
    ) -> None:
        """Holder and credentials of a presentation signed by these methods; none where its proof did not hold."""
        if methods:
            findings.run(BINDING, self._holder(document, methods))
        held = document.get("verifiableCredential", [])
        for index, credential in enumerate(held if isinstance(held, list) else [held]):
            inner = Findings()
            if is_self_asserted(document, credential):
                findings.run(BINDING, _self_asserted(document, methods, index))
                self._about(credential, expected, inner)
            else:
                inner = self.credential(credential, Expected("assertionMethod", checks=expected.checks))
            findings.within(pointer(("verifiableCredential", index)), inner)

    # --- steps ---

    def _proofs(self, document: Mapping[str, Any], expected: Expected, findings: Findings) -> list[ProofCheck]:
        try:
            checks = verify_proofs(document, self.key_for, contexts=self.known.contexts)
            for check in checks:
                check_expected(
                    _as_asked(check.options, expected),
                    purpose=expected.purpose,
                    now=datetime.fromtimestamp(self.now, UTC),
                    challenge=expected.challenge,
                    domain=expected.domain,
                )
        except (ProofRefused, ProofCheckUnavailable) as error:
            findings.run(PROOF, [SchemaFault("/proof", error.code, _rule(error))])
            return []
        findings.run(PROOF, [])
        if expected.challenge is None and any(check.options.challenge is not None for check in checks):
            findings.warnings.append(
                SchemaFault("/proof", Code.CHALLENGE_UNCHECKED, "name the challenge to have it compared")
            )
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
            findings.warnings.append(SchemaFault(where, Code.RELATED_RESOURCE_UNCHECKED, "its bytes are not at hand"))

    def _issuer(self, said: Mapping[str, Any], methods: Sequence[str]) -> Iterator[SchemaFault]:
        """A proof of the issuer must be among them: a notary's beside it is welcome, alone it is a forgery."""
        if not self.relaxed and issuer_of(said) not in map(_did_of, methods):
            yield SchemaFault("/issuer", Code.KEY_NOT_OF_ISSUER, "a proof by a key of the issuer")

    def _holder(self, document: Mapping[str, Any], methods: Sequence[str]) -> Iterator[SchemaFault]:
        if not self.relaxed and "holder" in document and holder_of(document) not in map(_did_of, methods):
            yield SchemaFault("/holder", Code.HOLDER_NOT_OF_KEY, "a proof by a key of the holder")

    def _dates(self, said: Mapping[str, Any]) -> Iterator[SchemaFault]:
        first = is_first_version(said)
        start, end = ("issuanceDate", "expirationDate") if first else ("validFrom", "validUntil")
        begins, ends = _moment(said, start), _moment(said, end)
        if begins is not None and begins > self.now:
            yield SchemaFault(f"/{start}", Code.CREDENTIAL_NOT_YET_VALID, "a moment that has come")
        if ends is not None and ends < self.now:
            yield SchemaFault(f"/{end}", Code.CREDENTIAL_EXPIRED, "a moment still to come")

    def _status(self, said: Mapping[str, Any]) -> tuple[list[SchemaFault], list[SchemaFault]]:
        """What the lists say, and entries whose list could not be had."""
        known: list[SchemaFault] = []
        unknown: list[SchemaFault] = []
        entries = said.get("credentialStatus", [])
        lists = _Lists(self)
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            where = pointer(("credentialStatus", index) if isinstance(entries, list) else ("credentialStatus",))
            fault = self._entry(entry, where, lists)
            if fault is not None:
                (unknown if fault.code in _UNCHECKED else known).append(fault)
        return known, unknown

    def _entry(self, entry: Mapping[str, Any], where: str, lists: "_Lists") -> SchemaFault | None:
        if not is_entry(entry) or entry.get("statusSize", 1) != 1:
            return SchemaFault(where, Code.STATUS_UNCHECKED, "a kind of status that is not read here")
        try:
            url, index = entry["statusListCredential"], int(entry["statusListIndex"])
            found = self.bit(url, index)
            if found is None:
                found = lists.bit(url, index, entry["statusPurpose"])
        except IndexError:
            return SchemaFault(where, Code.STATUS_RANGE, "an index inside the list")
        except StatusListRefused as error:
            return SchemaFault(where, error.code, "a list of this purpose that verifies and decodes")
        except SourceUnavailable as error:
            return SchemaFault(where, error.code, "a list published here, or by a host that may be asked")
        codes = {"revocation": Code.CREDENTIAL_REVOKED, "suspension": Code.CREDENTIAL_SUSPENDED}
        code = codes.get(entry["statusPurpose"])
        return SchemaFault(where, code, "a status that is not set") if found and code else None

    # --- envelopes ---

    def _enveloped(self, document: object, expected: Expected) -> Findings:
        """A JOSE-secured credential in a data: URL (VCDM 4.13.1)."""
        findings = Findings()
        check = self._opened(document, ENVELOPED, verify_jwt, findings)
        if check is None:
            return findings
        said = check.document
        if findings.run(STRUCTURE, credential_faults(said, bytes_of=self.known.bytes_of)):
            findings.run(BINDING, self._issuer(said, [check.verification_method]))
            self._about(said, expected, findings)
        return findings

    def _enveloped_presentation(self, document: object, expected: Expected) -> Findings:
        """The same of a presentation (VCDM 4.13.2): `nonce` answers the challenge, `aud` names the domain."""
        findings = Findings()
        check = self._opened(document, ENVELOPED_PRESENTATION, verify_presentation_jwt, findings)
        if check is None:
            return findings
        findings.run(PROOF, _asked_of(check.claims, expected))
        if expected.challenge is None and "nonce" in check.claims:
            findings.warnings.append(
                SchemaFault("/id", Code.CHALLENGE_UNCHECKED, "name the challenge to have it compared")
            )
        said = check.document
        if findings.run(STRUCTURE, presentation_faults(said, bytes_of=self.known.bytes_of)):
            self._presented(said, [check.verification_method], expected, findings)
        return findings

    def _opened(
        self, document: object, kind: str, verified: Callable[[str, KeyFor], JwtCheck], findings: Findings
    ) -> JwtCheck | None:
        if not findings.run(STRUCTURE, envelope_faults(document, kind)):
            return None
        assert isinstance(document, dict)
        try:
            check = verified(document["id"].partition(",")[2], self._jose_key)
        except (ProofRefused, ProofCheckUnavailable) as error:
            findings.run(PROOF, [SchemaFault("/id", error.code, _rule(error))])
            return None
        findings.run(PROOF, _claims(check.claims, self.now))
        return check

    def _jose_key(self, method: str) -> PublicKey:
        """The key of a `kid`. A relaxed profile lets a did:key's one key go by another fragment, as `#0`."""
        did, _, fragment = method.partition("#")
        if self.relaxed and fragment and did.startswith("did:key:"):
            try:
                key = parse_did(did).key
            except DidRefused:
                key = None
            method = method if key is None else key_method(key)
        return self.key_for(method)


class _Lists:
    """Other issuers' lists, each fetched and verified once for one credential."""

    def __init__(self, checker: Checker) -> None:
        # A list that names a status of its own is not followed: two lists could name each other.
        self.checker = replace(checker, fetcher=Fetcher())
        self.fetcher = checker.fetcher
        self.read: dict[str, Mapping[str, Any]] = {}

    def bit(self, url: str, index: int, purpose: str) -> bool:
        """The bit, or IndexError, SourceUnavailable, StatusListRefused (Bitstring Status List 3.2)."""
        if url not in self.read and len(self.read) >= MAX_LISTS_FETCHED:
            raise SourceUnavailable(Code.STATUS_UNCHECKED, f"at most {MAX_LISTS_FETCHED} lists")
        if url not in self.read:
            self.read[url] = self._subject(self.fetcher.fetch(url))
        subject = self.read[url]
        purposes = subject["statusPurpose"]
        if purpose not in (purposes if isinstance(purposes, list) else [purposes]):
            raise StatusListRefused(Code.STATUS_LIST_INVALID, "the purpose of the entry expected")
        bits = decode_foreign_list(subject["encodedList"])
        if index >= 8 * len(bits):
            raise IndexError(index)
        return is_set(bits, index)

    def _subject(self, data: bytes) -> Mapping[str, Any]:
        """The status list of a credential that verifies and is in force."""
        try:
            document = read_json(data)
        except JsonRefused as error:
            raise StatusListRefused(Code.STATUS_LIST_INVALID, "JSON expected") from error
        findings = self.checker.credential(document, Expected("assertionMethod", checks=frozenset({DATES})))
        subject = document.get("credentialSubject") if isinstance(document, dict) else None
        if not findings.verified or not isinstance(subject, dict) or subject.get("type") != "BitstringStatusList":
            raise StatusListRefused(Code.STATUS_LIST_INVALID, "a status list credential that verifies expected")
        return subject


def _self_asserted(document: Mapping[str, Any], methods: Sequence[str], index: int) -> Iterator[SchemaFault]:
    """VCDM 4.13.4: the presentation's proof secures this credential too, so it has to be the holder's, relaxed or not."""
    if holder_of(document) not in map(_did_of, methods):
        where = pointer(("verifiableCredential", index, "proof"))
        yield SchemaFault(where, Code.HOLDER_NOT_OF_KEY, "a presentation signed by the holder who asserts this")


def _asked_of(claims: Mapping[str, Any], expected: Expected) -> Iterator[SchemaFault]:
    """What the verifier asks of a token beyond its signature: its `nonce`, its `aud` (RFC 7519 4.1.3)."""
    if expected.challenge is not None and claims.get("nonce") != expected.challenge:
        yield SchemaFault("/id", Code.PROOF_CHALLENGE_MISMATCH, "a token that answers the challenge")
    audience = claims.get("aud", [])
    if expected.domain is not None and expected.domain not in (audience if isinstance(audience, list) else [audience]):
        yield SchemaFault("/id", Code.PROOF_DOMAIN_MISMATCH, "a token made for the domain")


def _claims(claims: Mapping[str, Any], now: int) -> Iterator[SchemaFault]:
    """RFC 7519 4.1.4, 4.1.5: before `nbf` and from `exp` on a token is not to be accepted."""
    for name, code in (("exp", Code.PROOF_EXPIRED), ("nbf", Code.CREDENTIAL_NOT_YET_VALID)):
        value = claims.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield SchemaFault(f"/{name}", Code.PROOF_MALFORMED, "a number of seconds")
        elif (now >= value) if name == "exp" else (now < value):
            yield SchemaFault(f"/{name}", code, "a token in force")


def _moment(said: Mapping[str, Any], key: str) -> Decimal | None:
    return seconds_of(said[key]) if key in said else None


def _did_of(method: str) -> str | None:
    try:
        return split_method(method)[0]
    except DidRefused:
        return None


def _as_asked(options: ProofOptions, expected: Expected) -> ProofOptions:
    """The options without the challenge or domain nobody asked about (VC-DATA-INTEGRITY 4.4 steps 6, 7)."""
    challenge = None if expected.challenge is None else options.challenge
    return replace(options, challenge=challenge, domains=() if expected.domain is None else options.domains)


def _rule(error: ProofRefused | ProofCheckUnavailable) -> str:
    """One sentence a family: what the error itself says may repeat values of the document."""
    return "a proof that holds" if isinstance(error, ProofRefused) else "a proof that can be checked here"
