"""Options of a Data Integrity proof in their types (VC-DATA-INTEGRITY 2.1): written when signing, parsed when verifying.

`ProofRefused` means checked and false, or not a proof; `ProofCheckUnavailable` means that it could not be checked here.
A signature covers the JSON of the options as shown; the types here are read from it and never hashed.

Clauses: VC-DATA-INTEGRITY is the W3C Recommendation of 15 May 2025.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from acredita.contracts.coded_error import CodedError
from acredita.registry.canonicalisation.budget import PER_SIGNATURE, current_budget
from acredita.registry.canonicalisation.safe_values import IRI, CanonicalFormRefused
from acredita.registry.codes import Code
from acredita.registry.proofs.cryptosuites import ED25519_2020, SUITES, Suite

DATA_INTEGRITY_PROOF = "DataIntegrityProof"

_PROOF_KEYS = frozenset(
    [
        "id",
        "type",
        "cryptosuite",
        "created",
        "expires",
        "verificationMethod",
        "proofPurpose",
        "proofValue",
        "challenge",
        "domain",
        "nonce",
        "previousProof",
        "@context",
    ]
)
# XML Schema 1.1 dateTimeStamp, years of four digits.
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class ProofRefused(CodedError[Code]):
    """A proof that is missing, malformed, or does not verify.

    `place`: the number of the proof in its document, then the option, as far as they are known.
    """

    CODE_IN_TEXT = True
    place: tuple[int | str, ...] = ()


class UnknownOptionRefused(ProofRefused):
    """A proof with an option that is not known here. It is not countersigned; of a stranger it could not be checked."""


class ProofCheckUnavailable(CodedError[Code]):
    """A proof that could not be checked here: its cryptosuite is unknown, or its key is missing. `place`: the same."""

    CODE_IN_TEXT = True
    place: tuple[int | str, ...] = ()


def spend_signature() -> None:
    """Take the operations of checking one signature. Raises ProofCheckUnavailable if the request has none left."""
    try:
        current_budget().spend(PER_SIGNATURE)
    except CanonicalFormRefused as error:
        raise ProofCheckUnavailable(error.code, str(error)) from error


@dataclass(frozen=True)
class ProofOptions:
    """The options of one proof. `previous` names, by id, earlier proofs it covers (VC-DATA-INTEGRITY 4.3).

    `cryptosuite` is one of `SUITES`, or Ed25519Signature2020 for a proof of that type, which is read and never made.
    """

    cryptosuite: str
    verification_method: str
    created: datetime | None
    purpose: str = "assertionMethod"
    expires: datetime | None = None
    challenge: str | None = None
    domains: tuple[str, ...] = ()
    nonce: str | None = None
    id: str | None = None
    previous: tuple[str, ...] = ()

    @property
    def suite(self) -> Suite:
        """Suite that the options name."""
        return ED25519_2020 if self.cryptosuite == ED25519_2020.name else SUITES[self.cryptosuite]

    def document(self) -> dict[str, Any]:
        """Build the JSON of a new proof, without its value."""
        members: dict[str, Any] = {
            "id": self.id,
            "type": DATA_INTEGRITY_PROOF,
            "cryptosuite": self.cryptosuite,
            "created": None if self.created is None else timestamp(self.created),
            "expires": None if self.expires is None else timestamp(self.expires),
            "verificationMethod": self.verification_method,
            "proofPurpose": self.purpose,
            "challenge": self.challenge,
            "domain": _one_or_list(self.domains),
            "nonce": self.nonce,
            "previousProof": _one_or_list(self.previous),
        }
        return {name: value for name, value in members.items() if value is not None}


def parse_options(proof: Mapping[str, Any]) -> ProofOptions:
    """Parse the options of a proof. Raises ProofRefused for a malformed one, ProofCheckUnavailable for an unknown suite."""
    suite = _suite_of(proof)
    unknown = sorted(set(proof) - _PROOF_KEYS)
    if unknown:
        raise malformed(unknown[0], "a known proof option expected", UnknownOptionRefused)
    for name in ("verificationMethod", "proofPurpose", "proofValue"):
        if not isinstance(proof.get(name), str):
            raise malformed(name, "a string expected")
    for name in ("id", "challenge", "nonce"):
        if not isinstance(proof.get(name, ""), str):
            raise malformed(name, "a string expected")
    for name in ("id", "verificationMethod"):
        if name in proof and not IRI.fullmatch(proof[name]):
            raise malformed(name, "a URL expected")
    return ProofOptions(
        cryptosuite=suite.name,
        verification_method=proof["verificationMethod"],
        purpose=proof["proofPurpose"],
        created=parse_timestamp(proof["created"], "created") if "created" in proof else None,
        expires=parse_timestamp(proof["expires"], "expires") if "expires" in proof else None,
        challenge=proof.get("challenge"),
        domains=_strings_of(proof, "domain"),
        nonce=proof.get("nonce"),
        id=proof.get("id"),
        previous=_strings_of(proof, "previousProof"),
    )


def malformed(option: str, expected: str, kind: type[ProofRefused] = ProofRefused) -> ProofRefused:
    """Return the refusal of one option of a proof, or of a date of this form elsewhere."""
    refused = kind(Code.PROOF_MALFORMED, f"{option}: {expected}")
    refused.place = (option,)
    return refused


def parse_timestamp(value: object, name: str) -> datetime:
    """Parse a dateTimeStamp into a moment in UTC. Raises ProofRefused."""
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise malformed(name, "a dateTimeStamp with a time zone expected")
    whole, fraction, zone = match.groups()
    try:
        parsed = datetime.fromisoformat(whole + (fraction or "")[:7] + zone.replace("Z", "+00:00"))
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise malformed(name, "a date that exists expected") from error


def timestamp(moment: datetime) -> str:
    """Format a moment as a dateTimeStamp in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _suite_of(proof: Mapping[str, Any]) -> Suite:
    kind, name = proof.get("type"), proof.get("cryptosuite")
    if not isinstance(kind, str) or (kind == DATA_INTEGRITY_PROOF and not isinstance(name, str)):
        raise malformed("cryptosuite" if isinstance(kind, str) else "type", "a string expected")
    if kind == ED25519_2020.name and "cryptosuite" not in proof:
        return ED25519_2020
    if kind != DATA_INTEGRITY_PROOF or name not in SUITES:
        raise ProofCheckUnavailable(Code.CRYPTOSUITE_UNKNOWN, f"{kind} {name or ''} is not checked here")
    return SUITES[name]


def _strings_of(options: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return an option that is a string or a set of strings."""
    value = options.get(name, [])
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise malformed(name, "a string or a set of strings expected")
    return tuple(texts)


def _one_or_list(texts: tuple[str, ...]) -> str | list[str] | None:
    """Return a set of strings as JSON: absent, a string, or a list."""
    return list(texts) if len(texts) > 1 else next(iter(texts), None)
