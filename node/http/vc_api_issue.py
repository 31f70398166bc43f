"""Issue credentials by signing profiles over the VC-API.

A profile of policy `any` signs any credential of its DID. One of policy `programme` signs only what an approved programme
allows, and only if it would be recognised now. Refusals: 400 for structure, 422 for what the profile does not sign.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

from acredita.node.http.dependencies import Node
from acredita.node.http.problems import RequestRefused, documented
from acredita.node.http.vc_api_bodies import (
    ANY_OBJECT,
    JsonBody,
    documented_body,
    member_of,
    optional_text,
    options_of,
    refused_credential,
)
from acredita.node.http.vc_api_profiles import CurrentVcApi, VcApi, require_profile
from acredita.node.issuance.institution import InstitutionRefused
from acredita.node.runtime.preflight import recognition_fault
from acredita.node.runtime.signing_profiles import SigningPolicy, SigningProfile
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage.rights import Right
from acredita.node.vc_api.expectations import expected_of, form_fault, institution_fault, proof_fault
from acredita.node.vc_api.status_lists import SigningRefused
from acredita.registry.canonicalisation.canonical import CanonicalFormRefused
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ProfileRefused
from acredita.registry.json_documents.jcs import JcsRefused
from acredita.registry.json_documents.schema_faults import SchemaFault
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.programmes.achievement import programme_digest
from acredita.registry.programmes.programme import Programme
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused
from acredita.registry.vcdm.structure import credential_faults, issuer_of
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

router = APIRouter(tags=["vc-api"])
_ISSUE: Final = documented_body("credential", ANY_OBJECT)
_WRITES: Final = documented(400, 401, 403, 404, 408, 409, 413, 503)
_OF_PROGRAMME: Final = frozenset({Code.PROGRAMME_NOT_OF_ISSUER, Code.PROGRAMME_NOT_APPROVED_NOW})


def profile_of_issuer(document: JsonBody, vc_api: CurrentVcApi) -> SigningProfile:
    """Return the profile whose DID is the credential's issuer. Raises 422 if there is none."""
    issuer = issuer_of(member_of(document, "credential"))
    for profile in vc_api.profiles.values():
        if profile.did == issuer:
            return profile
    raise RequestRefused(422, Code.PROFILE_UNKNOWN, "no signing profile has this issuer", pointer="/credential/issuer")


@router.post(
    "/issuers/{profile}/credentials/issue",
    summary="Sign a credential by a profile",
    openapi_extra=_ISSUE,
    responses=_WRITES,
)
def issue(
    profile: Annotated[SigningProfile, Depends(require_profile(Right.ISSUE))], document: JsonBody, vc_api: CurrentVcApi
) -> JSONResponse:
    """Sign a credential by a signing profile.

    Answers 201 with the secured credential; 400 or 422 with every fault of its structure.
    """
    return _issue(vc_api, profile, document)


@router.post("/credentials/issue", summary="Sign a credential by its issuer", openapi_extra=_ISSUE, responses=_WRITES)
def issue_by_issuer(
    profile: Annotated[SigningProfile, Depends(require_profile(Right.ISSUE, profile_of_issuer))],
    document: JsonBody,
    vc_api: CurrentVcApi,
) -> JSONResponse:
    """Sign a credential by the signing profile whose DID is the credential's issuer.

    Answers 201 with the secured credential; 400 or 422 with every fault of its structure.
    """
    return _issue(vc_api, profile, document)


def _issue(vc_api: VcApi, profile: SigningProfile, document: Mapping[str, Any]) -> JSONResponse:
    """Answer a caller who may write for the profile: 1. is it a credential 2. may the profile sign it 3. sign."""
    credential, name = member_of(document, "credential"), optional_text(options_of(document), "credentialId")
    faults = credential_faults(credential, bytes_of=vc_api.node.dependencies.contexts.bytes_of)
    if faults:
        return refused_credential(faults)
    try:
        secured = _signed(vc_api, profile, credential, name)
    except CanonicalFormRefused as error:
        return refused_credential([form_fault(credential, error)])
    except JcsRefused as error:
        expected = expected_of(Code.NUMBER_UNSAFE)
        return refused_credential([SchemaFault(error.pointer, Code.NUMBER_UNSAFE, expected)])
    except ProfileRefused as error:
        return refused_credential([SchemaFault(error.pointer, error.code, error.expected)], status=422)
    except SigningRefused as error:
        _demand_retry(error)
        return refused_credential([SchemaFault(error.pointer, error.code, str(error))], status=422)
    except InstitutionRefused as error:
        _demand_retry(error)
        return refused_credential([institution_fault(error)], status=422)
    except (ProofRefused, ProofCheckUnavailable) as error:
        return refused_credential([proof_fault(credential, error)])
    return JSONResponse({"verifiableCredential": secured}, 201, headers={"Cache-Control": "no-store"})


def _demand_retry(error: SigningRefused | InstitutionRefused) -> None:
    """Raise 503 if the credential was not signed for a reason that passes."""
    if error.code == Code.POSITIONS_CONTENDED:
        raise RequestRefused(503, error.code, error.message, headers={"Retry-After": "1"})


def _signed(vc_api: VcApi, profile: SigningProfile, credential: Mapping[str, Any], name: str | None) -> object:
    if profile.policy is SigningPolicy.ANY:
        return vc_api.signer.issue(profile, credential, name)
    return _issue_in_programme(vc_api, profile, credential)


def _issue_in_programme(vc_api: VcApi, profile: SigningProfile, credential: Mapping[str, Any]) -> object:
    """Issue by policy `programme`: the credential is in our profile and equals what an approved programme allows."""
    assert profile.tenant is not None  # the policy says so
    if "credentialStatus" in credential or "proof" in credential:
        key = "proof" if "proof" in credential else "credentialStatus"
        raise SigningRefused(Code.PROFILE_UNKNOWN_KEY, "no status and no proof: the institution adds both", f"/{key}")
    subject = credential["credentialSubject"]
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    named = achievement.get("id") if isinstance(achievement, dict) else None
    digest = programme_digest(named) if isinstance(named, str) else None
    programme = vc_api.node.document_source.programme(digest) if digest is not None else None
    if programme is None or not isinstance(credential["issuer"], dict):
        raise SigningRefused(
            Code.ACHIEVEMENT_NOT_APPROVED, "an approved programme's achievement", "/credentialSubject/achievement"
        )
    _demand_recognition(vc_api.node, profile.tenant, programme)
    return json.loads(profile.tenant.institution.issue_document(programme, credential))


def _demand_recognition(node: Node, tenant: Tenant, programme: Programme) -> None:
    """Refuse unless the credential would be recognised if it were anchored now. Without a ledger nothing is signed."""
    observer = node.observer()
    if isinstance(observer, Missing):
        raise RequestRefused(503, observer.code, "the ledger cannot be read now", headers={"Retry-After": "5"})
    fault = recognition_fault(observer, node.document_source.scope, tenant, programme, node.clock())
    if fault is None:
        return
    if fault.code in _OF_PROGRAMME:
        raise SigningRefused(
            Code.ACHIEVEMENT_NOT_APPROVED, "an approved programme's achievement", "/credentialSubject/achievement"
        )
    raise RequestRefused(409, fault.code, fault.detail)
