"""Check credentials and presentations of any issuer over the VC-API.

The answer is 200 if every requested check passes, and 400 with the same shape if not; a check that could not be made
has not passed. Answers have `verified`, never a verdict: `/v1/verify` gives verdicts.
"""

from collections.abc import Mapping
from typing import Any, Final

from acredita.node.http.problems import RequestRefused, documented
from acredita.node.http.request_bodies import Body
from acredita.node.http.vc_api_bodies import (
    MAX_CHECKS,
    MAX_TEXT,
    JsonBody,
    documented_body,
    is_text,
    optional_text,
    options_of,
    problem_details,
)
from acredita.node.http.vc_api_profiles import CurrentVcApi, NamedProfile
from acredita.node.vc_api.check import check_credential, check_presentation
from acredita.node.vc_api.checks import ALIASES, CheckFindings, CheckOptions, CheckSources
from acredita.registry.codes import Code
from acredita.registry.json_documents.schema_faults import SchemaFault
from fastapi import APIRouter
from fastapi.responses import JSONResponse

router = APIRouter(tags=["vc-api"])
_OPTIONS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "checks": {"type": "array", "maxItems": MAX_CHECKS, "items": {"type": "string"}},
        "challenge": {"type": "string", "maxLength": MAX_TEXT},
        "domain": {"type": "string", "maxLength": MAX_TEXT},
        "expectedProofPurpose": {"type": "string", "maxLength": MAX_TEXT},
    },
}
_VERIFY: Final = documented_body("verifiableCredential", _OPTIONS)
_PRESENT: Final = documented_body("verifiablePresentation", _OPTIONS)
_CHECKS: Final = documented(400, 404, 408, 413)


@router.post("/credentials/verify", summary="Check a credential", openapi_extra=_VERIFY, responses=_CHECKS)
def verify(document: JsonBody, body: Body, vc_api: CurrentVcApi) -> JSONResponse:
    """Check a credential.

    Answers 200 if everything that was requested holds, 400 if not; never a verdict.
    """
    with vc_api.node.slow_lane.paced(size=len(body)):
        return _verify(vc_api.sources(), document)


@router.post("/presentations/verify", summary="Check a presentation", openapi_extra=_PRESENT, responses=_CHECKS)
def verify_presentation(document: JsonBody, body: Body, vc_api: CurrentVcApi) -> JSONResponse:
    """Check a presentation and each credential in it.

    Answers 200 if everything that was requested holds, 400 if not; never a verdict.
    """
    with vc_api.node.slow_lane.paced(size=len(body)):
        return _verify_presentation(vc_api.sources(), document)


@router.post(
    "/issuers/{profile}/credentials/verify",
    summary="Check a credential by a profile",
    openapi_extra=_VERIFY,
    responses=_CHECKS,
)
def verify_by_profile(profile: NamedProfile, document: JsonBody, body: Body, vc_api: CurrentVcApi) -> JSONResponse:
    """Check a credential under the rule of this signing profile on keys and issuers.

    A profile with relaxed binding accepts a proof by any key for any issuer.
    """
    with vc_api.node.slow_lane.paced(size=len(body)):
        return _verify(vc_api.sources(relaxed=profile.relaxed), document)


@router.post(
    "/issuers/{profile}/presentations/verify",
    summary="Check a presentation by a profile",
    openapi_extra=_PRESENT,
    responses=_CHECKS,
)
def verify_presentation_by_profile(
    profile: NamedProfile, document: JsonBody, body: Body, vc_api: CurrentVcApi
) -> JSONResponse:
    """Check a presentation and each credential in it under the rule of this signing profile on keys and issuers.

    A profile with relaxed binding accepts a proof by any key for any issuer or holder.
    """
    with vc_api.node.slow_lane.paced(size=len(body)):
        return _verify_presentation(vc_api.sources(relaxed=profile.relaxed), document)


def _verify(sources: CheckSources, document: Mapping[str, Any]) -> JSONResponse:
    requested, unknown = _check_options(document, "assertionMethod")
    return _answer(check_credential(sources, document.get("verifiableCredential"), requested), unknown)


def _verify_presentation(sources: CheckSources, document: Mapping[str, Any]) -> JSONResponse:
    requested, unknown = _check_options(document, "authentication")
    return _answer(check_presentation(sources, document.get("verifiablePresentation"), requested), unknown)


def _check_options(document: Mapping[str, Any], purpose: str) -> tuple[CheckOptions, list[SchemaFault]]:
    """Return the options of the caller, and a fault if a check is not known: what was not asked is no approval."""
    options = options_of(document)
    names = options.get("checks")
    if names is not None and (not isinstance(names, list) or len(names) > MAX_CHECKS or not all(map(is_text, names))):
        raise RequestRefused(
            400, Code.VALUE_MALFORMED, f"at most {MAX_CHECKS} names expected", pointer="/options/checks"
        )
    unknown = [SchemaFault("/options/checks", Code.CHECK_UNKNOWN, f"one of {', '.join(ALIASES)}")]
    requested = CheckOptions(
        purpose=optional_text(options, "expectedProofPurpose") or purpose,
        challenge=optional_text(options, "challenge"),
        domain=optional_text(options, "domain"),
        checks=None if names is None else frozenset(ALIASES[name] for name in names if name in ALIASES),
    )
    return requested, unknown if names is not None and not set(names) <= set(ALIASES) else []


def _answer(findings: CheckFindings, unknown: list[SchemaFault]) -> JSONResponse:
    errors = [*findings.errors, *unknown]
    content = {
        "verified": not errors,
        "checks": findings.checks,
        "warnings": [problem_details(fault) for fault in findings.warnings],
        "errors": [problem_details(fault) for fault in errors],
    }
    return JSONResponse(content, 400 if errors else 200, headers={"Cache-Control": "no-store"})
