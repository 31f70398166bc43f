"""The VC-API: issuing by signing profiles, checking anybody's credentials and presentations, changing status.

A check answers 200 where everything asked for holds, 400 with the same shape where it does not; that "could not be checked"
is no approval either. Answers say `verified`, never a verdict: for that there is `/v1/verify`. Whatever JSON is sent gets
an answer of this interface. A write needs a token of its institution, or of the node for a profile of its own, unless the
profile is open and the caller sits on this machine. docs/vc-api.md tells it for callers.
"""

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from acredita.anchoring.entries import MAX_LISTS
from acredita.anchoring.types import Digest
from acredita.node.http.bearer_tokens import TOKEN, Gate
from acredita.node.http.dependencies import MAX_BODY_BYTES, Node
from acredita.node.http.problems import MEDIA_TYPE, RequestRefused, documented, not_found, reading_problem
from acredita.node.http.request_bodies import Body, Hex64
from acredita.node.http.request_bodies import issuer_of as issuer_id_of
from acredita.node.issuance.institution import InstitutionRefused
from acredita.node.runtime.preflight import recognition_fault
from acredita.node.runtime.signing_profiles import Policy, SigningProfile, of_institution
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage.access_tokens import Right
from acredita.node.storage.vc_api_status import digest_at
from acredita.node.vc_api.check import ALIASES, Checker, Expected, Findings
from acredita.node.vc_api.issue import SigningDesk, SigningRefused, StatusChange
from acredita.registry.canonicalisation.canonical import CanonicalFormRefused
from acredita.registry.codes import Code, sentence
from acredita.registry.credentials.parse import ProfileRefused
from acredita.registry.credentials.status_position import LIST_BITS, parse_list_url, position
from acredita.registry.json_documents.jcs import JcsRefused
from acredita.registry.json_documents.schema_faults import SchemaFault
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.programmes.achievement import programme_digest
from acredita.registry.programmes.programme import Programme
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused
from acredita.registry.proofs.resolve_key import key_for
from acredita.registry.vcdm.structure import credential_faults, issuer_of
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse

MAX_TEXT: Final = 2_048  # characters of a challenge, a domain, a credential's id
MAX_CHECKS: Final = 16

Name = Annotated[str, Path(max_length=64)]

_CRYPTOGRAPHIC: Final = "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR"
_MALFORMED: Final = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
_RANGE: Final = "https://www.w3.org/ns/credentials/status-list#RANGE_ERROR"
_RETRIEVAL: Final = "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"
_TYPES: Final[Mapping[str, str]] = {
    Code.STATUS_RANGE: _RANGE,
    Code.STATUS_UNCHECKED: _RETRIEVAL,
    Code.SOURCE_NOT_ALLOWED: _RETRIEVAL,
    Code.SOURCE_UNREACHABLE: _RETRIEVAL,
    Code.STATUS_LIST_LENGTH_ERROR: "https://www.w3.org/ns/credentials/status-list#STATUS_LIST_LENGTH_ERROR",
    Code.STATUS_LIST_INVALID: "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
    Code.CREDENTIAL_EXPIRED: _MALFORMED,
}
_ANY_OBJECT: Final[dict[str, Any]] = {"type": "object"}
_OPTIONS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "checks": {"type": "array", "maxItems": MAX_CHECKS, "items": {"type": "string"}},
        "challenge": {"type": "string", "maxLength": MAX_TEXT},
        "domain": {"type": "string", "maxLength": MAX_TEXT},
        "expectedProofPurpose": {"type": "string", "maxLength": MAX_TEXT},
    },
}


def _documented_body(name: str, options: dict[str, Any]) -> dict[str, Any]:
    properties = {name: _ANY_OBJECT, "options": options}
    schema = {"type": "object", "required": [name], "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_ISSUE: Final = _documented_body("credential", _ANY_OBJECT)
_OF_PROGRAMME: Final = frozenset({Code.PROGRAMME_NOT_OF_ISSUER, Code.PROGRAMME_NOT_APPROVED_NOW})
_VERIFY: Final = _documented_body("verifiableCredential", _OPTIONS)
_PRESENT: Final = _documented_body("verifiablePresentation", _OPTIONS)
_STATUS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["credentialStatus"],
                    "properties": {
                        "credentialId": {"type": "string", "maxLength": MAX_TEXT},
                        "credentialStatus": {"anyOf": [_ANY_OBJECT, {"type": "array", "items": _ANY_OBJECT}]},
                        "status": {"type": "boolean"},
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True)
class Counter:
    """The VC-API's own view of a node: profiles by name, and the desk that signs for them."""

    node: Node
    gate: Gate
    desk: SigningDesk
    profiles: Mapping[str, SigningProfile]

    def profile(self, name: str) -> SigningProfile:
        if name not in self.profiles:
            raise RequestRefused(404, Code.PROFILE_UNKNOWN, "the node has no such signing profile")
        return self.profiles[name]

    def admit(self, request: Request, profile: SigningProfile, right: Right) -> None:
        """Let a write through, by token or because the profile is open to this machine."""
        if profile.open and _is_local(request):
            return
        self.gate.demand(request, right, None if profile.tenant is None else profile.tenant.issuer)

    def checker(self, *, relaxed: bool = False) -> Checker:
        shelf, now = self.node.shelf, self.node.parts.clock()
        fetcher = self.node.parts.fetcher
        return Checker(
            self.desk.known, lambda method: key_for(method, shelf.dids), self.desk.bit, now, relaxed, fetcher
        )


def routes(node: Node, gate: Gate) -> APIRouter:
    router = APIRouter(tags=["vc-api"])
    counter = _counter(node, gate)
    writes, checks = documented(400, 401, 403, 404, 408, 409, 413, 503), documented(400, 404, 408, 413)

    @router.get("/issuers")
    def profiles() -> JSONResponse:
        """The signing profiles of this node."""
        return JSONResponse([_shown(profile, node.parts.base) for profile in counter.profiles.values()])

    @router.post("/issuers/{profile}/credentials/issue", openapi_extra=_ISSUE, dependencies=TOKEN, responses=writes)
    def issue(request: Request, profile: Name, body: Body) -> JSONResponse:
        """Sign a credential. 201 with the secured credential; 400 or 422 with every fault of its structure."""
        return _issue(counter, request, counter.profile(profile), body)

    @router.post("/credentials/issue", openapi_extra=_ISSUE, dependencies=TOKEN, responses=writes)
    def issue_by_issuer(request: Request, body: Body) -> JSONResponse:
        """The same by the profile whose DID is the credential's issuer."""
        issuer = issuer_of(_member(_object(body), "credential"))
        found = [profile for profile in counter.profiles.values() if profile.did == issuer]
        if not found:
            raise RequestRefused(
                422, Code.PROFILE_UNKNOWN, "no signing profile has this issuer", pointer="/credential/issuer"
            )
        return _issue(counter, request, found[0], body)

    @router.post("/credentials/verify", openapi_extra=_VERIFY, responses=checks)
    def verify(body: Body) -> JSONResponse:
        """Check a credential. 200 where everything asked for holds, 400 where not; never a verdict."""
        return _verify(counter.checker(), body)

    @router.post("/presentations/verify", openapi_extra=_PRESENT, responses=checks)
    def verify_presentation(body: Body) -> JSONResponse:
        """Check a presentation and what it holds."""
        return _verify_presentation(counter.checker(), body)

    @router.post("/issuers/{profile}/credentials/verify", openapi_extra=_VERIFY, responses=checks)
    def verify_by_profile(profile: Name, body: Body) -> JSONResponse:
        """The same under a profile's rule on who may sign for whom."""
        return _verify(counter.checker(relaxed=counter.profile(profile).relaxed), body)

    @router.post("/issuers/{profile}/presentations/verify", openapi_extra=_PRESENT, responses=checks)
    def verify_presentation_by_profile(profile: Name, body: Body) -> JSONResponse:
        """The same under a profile's rule on who may sign for whom."""
        return _verify_presentation(counter.checker(relaxed=counter.profile(profile).relaxed), body)

    @router.post("/credentials/status", openapi_extra=_STATUS, dependencies=TOKEN, responses=writes)
    def status(request: Request, body: Body) -> JSONResponse:
        """Set or clear a status. An entry's list names the profile; an id alone is looked for in each."""
        return _change(counter, request, list(counter.profiles.values()), body)

    @router.post("/status/{issuer}/{number}/publish", status_code=204, responses=documented(400, 404))
    def publish(issuer: Hex64, number: Annotated[int, Path(ge=0, lt=MAX_LISTS)]) -> Response:
        """Nothing to do: a list is published in the transaction that changes it."""
        if node.shelf.stored_list(issuer_id_of(issuer), number) is None:
            raise not_found("no such status list")
        return Response(status_code=204)

    @router.post("/issuers/{profile}/credentials/status", openapi_extra=_STATUS, dependencies=TOKEN, responses=writes)
    def status_by_profile(request: Request, profile: Name, body: Body) -> JSONResponse:
        """The same for one profile."""
        return _change(counter, request, [counter.profile(profile)], body)

    return router


def _counter(node: Node, gate: Gate) -> Counter:
    parts = node.parts
    desk = SigningDesk(parts.database, parts.base, parts.contexts, parts.clock)
    return Counter(node, gate, desk, {profile.name: profile for profile in parts.profiles})


def _shown(profile: SigningProfile, base: str) -> dict[str, object]:
    if profile.tenant is not None:  # an institution's key may have been followed by another since the start
        profile = of_institution(profile.name, profile.tenant)
    return {
        "name": profile.name,
        "id": profile.did,
        "verificationMethod": profile.verification_method,
        "cryptosuite": profile.cryptosuite,
        "policy": profile.policy.value,
        "status": list(profile.status) if profile.tenant is None else ["revocation"],
        "binding": "relaxed" if profile.relaxed else "strict",
        "open": profile.open,
        "issue": f"{base}/issuers/{profile.name}/credentials/issue",
    }


# --- issuing ---


def _issue(counter: Counter, request: Request, profile: SigningProfile, body: bytes) -> JSONResponse:
    """1. may the caller 2. is it a credential 3. may the profile sign it 4. sign."""
    counter.admit(request, profile, Right.ISSUE)
    found = _object(body)
    credential, name = _member(found, "credential"), _option(_options(found), "credentialId")
    faults = credential_faults(credential, bytes_of=counter.desk.known.bytes_of)
    if faults:
        return _malformed(faults)
    try:
        secured = _signed(counter, profile, credential, name)
    except CanonicalFormRefused as error:
        return _malformed([SchemaFault(error.pointer, error.code, sentence(error.code, "en"))])
    except JcsRefused as error:
        return _malformed([SchemaFault(error.pointer, Code.NUMBER_UNSAFE, sentence(Code.NUMBER_UNSAFE, "en"))])
    except ProfileRefused as error:
        return _malformed([SchemaFault(error.pointer, error.code, error.expected)], status=422)
    except SigningRefused as error:
        return _malformed([SchemaFault(error.pointer, error.code, str(error))], status=422)
    except InstitutionRefused as error:
        return _malformed([SchemaFault("", error.code, str(error))], status=422)
    except (ProofRefused, ProofCheckUnavailable) as error:
        # What was just signed must verify; a proof the caller brought along may be what does not.
        return _malformed([SchemaFault("/proof", error.code, sentence(error.code, "en"))])
    return JSONResponse({"verifiableCredential": secured}, 201, headers={"Cache-Control": "no-store"})


def _signed(counter: Counter, profile: SigningProfile, credential: Mapping[str, Any], name: str | None) -> object:
    if profile.policy is Policy.ANY:
        return counter.desk.issue(profile, credential, name)
    return _issue_in_programme(counter, profile, credential)


def _issue_in_programme(counter: Counter, profile: SigningProfile, credential: Mapping[str, Any]) -> object:
    """Policy `programme`: the credential is in our profile and says what an approved programme says."""
    assert profile.tenant is not None  # the policy says so
    if "credentialStatus" in credential or "proof" in credential:
        raise SigningRefused(Code.PROFILE_UNKNOWN_KEY, "status and proof are the institution's to add")
    subject = credential["credentialSubject"]
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    named = achievement.get("id") if isinstance(achievement, dict) else None
    digest = programme_digest(named) if isinstance(named, str) else None
    programme = counter.node.shelf.programme(digest) if digest is not None else None
    if programme is None or not isinstance(credential["issuer"], dict):
        raise SigningRefused(
            Code.ACHIEVEMENT_NOT_APPROVED, "an approved programme's achievement", "/credentialSubject/achievement"
        )
    _demand_recognition(counter.node, profile.tenant, programme)
    return json.loads(profile.tenant.institution.issue_document(programme, credential))


def _demand_recognition(node: Node, tenant: Tenant, programme: Programme) -> None:
    """It would be recognised if it were anchored now, by the ledger at hand; without one nothing is signed here."""
    observer = node.observer()
    if isinstance(observer, Missing):
        raise RequestRefused(503, observer.code, "the ledger cannot be asked now", headers={"Retry-After": "5"})
    fault = recognition_fault(observer, node.shelf.scope, tenant, programme)
    if fault is None:
        return
    if fault.code in _OF_PROGRAMME:
        raise SigningRefused(
            Code.ACHIEVEMENT_NOT_APPROVED, "an approved programme's achievement", "/credentialSubject/achievement"
        )
    raise RequestRefused(409, fault.code, fault.detail)


# --- checking ---


def _verify(checker: Checker, body: bytes) -> JSONResponse:
    found = _object(body)
    expected, warnings = _expected(found, "assertionMethod")
    return _answer(checker.credential(found.get("verifiableCredential"), expected), warnings)


def _verify_presentation(checker: Checker, body: bytes) -> JSONResponse:
    found = _object(body)
    expected, warnings = _expected(found, "authentication")
    return _answer(checker.presentation(found.get("verifiablePresentation"), expected), warnings)


def _expected(found: Mapping[str, Any], purpose: str) -> tuple[Expected, list[SchemaFault]]:
    """What the caller asks for, and a warning for each check nobody knows."""
    options = _options(found)
    names = options.get("checks")
    if names is not None and (not isinstance(names, list) or len(names) > MAX_CHECKS or not all(map(_is_text, names))):
        raise RequestRefused(400, "VALUE_MALFORMED", f"at most {MAX_CHECKS} names expected", pointer="/options/checks")
    unknown = [SchemaFault("/options/checks", Code.CHECK_UNKNOWN, f"one of {', '.join(ALIASES)}")]
    expected = Expected(
        purpose=_option(options, "expectedProofPurpose") or purpose,
        challenge=_option(options, "challenge"),
        domain=_option(options, "domain"),
        checks=None if names is None else frozenset(ALIASES[name] for name in names if name in ALIASES),
    )
    return expected, unknown if names is not None and not set(names) <= set(ALIASES) else []


def _answer(findings: Findings, warnings: list[SchemaFault]) -> JSONResponse:
    content = {
        "verified": findings.verified,
        "checks": findings.checks,
        "warnings": [_problem_details(fault) for fault in [*findings.warnings, *warnings]],
        "errors": [_problem_details(fault) for fault in findings.errors],
    }
    return JSONResponse(content, 200 if findings.verified else 400, headers={"Cache-Control": "no-store"})


def _problem_details(fault: SchemaFault) -> dict[str, str]:
    """RFC 9457 as VCDM 7.2 asks: a type, a title, a detail; and our code and pointer."""
    kind = _TYPES.get(fault.code, _CRYPTOGRAPHIC if fault.code.startswith(("PROOF_", "KEY_")) else _MALFORMED)
    return {
        "type": kind,
        "title": sentence(fault.code, "en"),
        "detail": f"expected: {fault.message}",
        "code": fault.code,
        "pointer": fault.pointer,
    }


# --- status ---


def _change(counter: Counter, request: Request, profiles: list[SigningProfile], body: bytes) -> JSONResponse:
    found = _object(body)
    changes = [_status_change(entry, found) for entry in _entries(found)]
    moved = [_change_one(counter, request, profiles, change) for change in changes]
    return JSONResponse({"changed": any(moved)}, 200, headers={"Cache-Control": "no-store"})


def _change_one(counter: Counter, request: Request, profiles: list[SigningProfile], change: StatusChange) -> bool:
    named = [profile for profile in profiles if _keeps(profile, change)]
    if not named:
        counter.gate.demand(request, Right.REVOKE, None)
    for profile in named:
        counter.admit(request, profile, Right.REVOKE)
        try:
            return _changed(counter, profile, change)
        except SigningRefused as error:
            if error.code != Code.STATUS_ENTRY_UNKNOWN or profile is named[-1]:
                raise RequestRefused(
                    404 if error.code == Code.STATUS_ENTRY_UNKNOWN else 409, error.code, str(error)
                ) from None
    raise RequestRefused(404, Code.STATUS_ENTRY_UNKNOWN, "this node keeps no such status entry")


def _keeps(profile: SigningProfile, change: StatusChange) -> bool:
    """Whether a change may be this profile's: by the owner of the list it names, where it names one."""
    if change.list_url is None:
        return profile.tenant is None
    try:
        return parse_list_url(change.list_url)[0] == profile.list_owner
    except ValueError:
        return False


def _changed(counter: Counter, profile: SigningProfile, change: StatusChange) -> bool:
    if profile.tenant is None:
        return counter.desk.change(profile, change)
    act = _tenant_act(profile, change)
    digest = _anchored_digest(counter, profile, change)
    return act(digest)


def _tenant_act(profile: SigningProfile, change: StatusChange) -> Callable[[Digest], bool]:
    assert profile.tenant is not None
    staff = profile.tenant.institution
    if change.purpose == "revocation" and not change.value:
        raise SigningRefused(Code.STATUS_FINAL, "a revocation is final")
    if change.purpose == "revocation":
        return staff.revoke
    return staff.suspend if change.value else staff.reinstate


def _anchored_digest(counter: Counter, profile: SigningProfile, change: StatusChange) -> Digest:
    """The credential behind an institution's place: suspensions have no list of their own, they name the same place."""
    if change.list_url is None or change.index is None or change.index >= LIST_BITS:
        raise SigningRefused(Code.STATUS_ENTRY_UNKNOWN, "the entry's list and index expected")
    place = position(parse_list_url(change.list_url)[1], change.index)
    with counter.node.parts.database.read() as connection:
        digest = digest_at(connection, profile.list_owner, place)
    if digest is None:
        raise SigningRefused(Code.STATUS_ENTRY_UNKNOWN, "this node keeps no such status entry")
    return digest


def _entries(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = found.get("credentialStatus")
    listed: list[Any] = entries if isinstance(entries, list) else [entries]
    if not 0 < len(listed) <= MAX_CHECKS or not all(isinstance(entry, dict) for entry in listed):
        raise RequestRefused(400, "VALUE_MALFORMED", "a status entry, or a list of them", pointer="/credentialStatus")
    return listed


def _status_change(entry: Mapping[str, Any], found: Mapping[str, Any]) -> StatusChange:
    """What one entry asks for; absent `status` sets the bit, as the VC-API's own examples do."""
    purpose, value = entry.get("statusPurpose", "revocation"), entry.get("status", found.get("status", True))
    if entry.get("type", "BitstringStatusListEntry") != "BitstringStatusListEntry":
        raise RequestRefused(
            422, "VALUE_MALFORMED", "BitstringStatusListEntry expected", pointer="/credentialStatus/type"
        )
    if purpose not in ("revocation", "suspension") or not (isinstance(value, bool) or value in ("0", "1")):
        raise RequestRefused(
            400, "VALUE_MALFORMED", "revocation or suspension, and a status", pointer="/credentialStatus"
        )
    index = entry.get("statusListIndex")
    if index is not None and not (isinstance(index, str) and index.isascii() and index.isdecimal() and len(index) < 19):
        raise RequestRefused(
            400, "VALUE_MALFORMED", "a whole number as a string", pointer="/credentialStatus/statusListIndex"
        )
    return StatusChange(
        purpose=purpose,
        value=value in (True, "1"),
        credential_id=_option(found, "credentialId"),
        list_url=_option(entry, "statusListCredential"),
        index=None if index is None else int(index),
    )


# --- bodies ---


def _object(body: bytes) -> Mapping[str, Any]:
    """The body as an object. Keys nobody knows are left alone: other versions of the VC-API have more."""
    try:
        value = read_json(body, max_bytes=MAX_BODY_BYTES)
    except JsonRefused as error:
        raise reading_problem(error) from None
    if not isinstance(value, dict):
        raise RequestRefused(400, "BODY_MALFORMED", "a JSON object expected", pointer="")
    return value


def _options(found: Mapping[str, Any]) -> Mapping[str, Any]:
    options = found.get("options", {})
    if not isinstance(options, dict):
        raise RequestRefused(400, "VALUE_MALFORMED", "an object expected", pointer="/options")
    return options


def _member(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = found.get(key)
    if not isinstance(value, dict):
        raise RequestRefused(400, "BODY_MALFORMED", "an object expected", pointer=f"/{key}")
    return value


def _option(found: Mapping[str, Any], key: str) -> str | None:
    value = found.get(key)
    if value is not None and not _is_text(value):
        raise RequestRefused(
            400, "VALUE_MALFORMED", f"a string of 1 to {MAX_TEXT} characters expected", pointer=f"/{key}"
        )
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT


def _malformed(faults: list[SchemaFault], status: int = 400) -> JSONResponse:
    """A refused credential: the first fault as the problem, all of them as its errors."""
    first = faults[0]
    content = {
        "status": status,
        "code": first.code,
        "message": sentence(first.code, "en"),
        "pointer": f"/credential{first.pointer}",
        "errors": [_problem_details(fault) for fault in faults],
    }
    return JSONResponse(content, status, headers={"Cache-Control": "no-store"}, media_type=MEDIA_TYPE)


def _is_local(request: Request) -> bool:
    host = request.client.host if request.client else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
