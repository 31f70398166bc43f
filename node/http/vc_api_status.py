"""Change the status of credentials over the VC-API.

An entry's list names the profile; a credential's id alone is looked up in each profile of policy `any`. A list is published
in the transaction that changes it.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from acredita.anchoring.entries import MAX_LISTS
from acredita.anchoring.types import Digest
from acredita.node.http.dependencies import CurrentNode
from acredita.node.http.problems import RequestRefused, documented, not_found
from acredita.node.http.request_bodies import Hex64
from acredita.node.http.request_bodies import issuer_of as issuer_id_of
from acredita.node.http.vc_api_bodies import ANY_OBJECT, MAX_CHECKS, MAX_TEXT, JsonBody, optional_text
from acredita.node.http.vc_api_profiles import CurrentVcApi, NamedProfile, ProfileAccess, VcApi, profile_access
from acredita.node.runtime.signing_profiles import SigningProfile
from acredita.node.storage.rights import Right
from acredita.node.storage.vc_api_status import digest_at
from acredita.node.vc_api.status_lists import PURPOSES, SigningRefused, StatusChange
from acredita.registry.codes import Code
from acredita.registry.credentials.status_position import LIST_BITS, parse_list_url, position
from acredita.registry.vcdm.hidden_terms import is_entry
from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import JSONResponse

router = APIRouter(tags=["vc-api"])
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
                        "credentialStatus": {"anyOf": [ANY_OBJECT, {"type": "array", "items": ANY_OBJECT}]},
                        "status": {"type": "boolean"},
                    },
                }
            }
        },
    }
}
_WRITES: Final = documented(400, 401, 403, 404, 408, 409, 413, 503)

StatusAccess = Annotated[ProfileAccess, Depends(profile_access(Right.REVOKE))]


@router.post("/credentials/status", summary="Change a status", openapi_extra=_STATUS, responses=_WRITES)
def status(access: StatusAccess, document: JsonBody, vc_api: CurrentVcApi) -> JSONResponse:
    """Set or clear the status of a credential.

    The status list of an entry names the profile. A credential's id alone is looked up in every profile of policy
    `any`.
    """
    return _change(vc_api, access, list(vc_api.profiles.values()), document)


@router.post(
    "/status/{issuer}/{number}/publish",
    summary="Publish a status list",
    status_code=204,
    responses=documented(400, 404),
)
def publish(issuer: Hex64, number: Annotated[int, Path(ge=0, lt=MAX_LISTS)], node: CurrentNode) -> Response:
    """Confirm that a status list is published.

    Every change publishes its list in the same transaction, so that nothing is left to do.
    """
    if node.document_source.stored_list(issuer_id_of(issuer), number) is None:
        raise not_found("no such status list")
    return Response(status_code=204)


@router.post(
    "/issuers/{profile}/credentials/status",
    summary="Change a status by a profile",
    openapi_extra=_STATUS,
    responses=_WRITES,
)
def status_by_profile(
    profile: NamedProfile, access: StatusAccess, document: JsonBody, vc_api: CurrentVcApi
) -> JSONResponse:
    """Set or clear the status of a credential that this signing profile issued."""
    return _change(vc_api, access, [profile], document)


def _change(
    vc_api: VcApi, access: ProfileAccess, profiles: list[SigningProfile], document: Mapping[str, Any]
) -> JSONResponse:
    changes = [_status_change(entry, where, document) for where, entry in _entries(document)]
    moved = [_change_one(vc_api, access, profiles, change) for change in changes]
    return JSONResponse({"changed": any(moved)}, 200, headers={"Cache-Control": "no-store"})


def _change_one(vc_api: VcApi, access: ProfileAccess, profiles: list[SigningProfile], change: StatusChange) -> bool:
    named = [profile for profile in profiles if _keeps(profile, change)]
    if not named:
        access.check_token(None)
    for profile in named:
        access.check(profile)
        try:
            return _changed(vc_api, profile, change)
        except SigningRefused as error:
            if error.code != Code.STATUS_ENTRY_UNKNOWN or profile is named[-1]:
                raise RequestRefused(
                    404 if error.code == Code.STATUS_ENTRY_UNKNOWN else 409, error.code, str(error)
                ) from None
    raise RequestRefused(404, Code.STATUS_ENTRY_UNKNOWN, "this node keeps no such status entry")


def _keeps(profile: SigningProfile, change: StatusChange) -> bool:
    """Decide whether a change may be of this profile, by the owner of the list that it names, if it names one."""
    if change.list_url is None:
        return profile.tenant is None
    try:
        return parse_list_url(change.list_url)[0] == profile.list_owner
    except ValueError:
        return False


def _changed(vc_api: VcApi, profile: SigningProfile, change: StatusChange) -> bool:
    if profile.tenant is None:
        return vc_api.lists.change(profile, change)
    act = _tenant_act(profile, change)
    digest = _anchored_digest(vc_api, profile, change)
    return act(digest)


def _tenant_act(profile: SigningProfile, change: StatusChange) -> Callable[[Digest], bool]:
    assert profile.tenant is not None
    institution = profile.tenant.institution
    if change.purpose == "revocation" and not change.value:
        raise SigningRefused(Code.STATUS_FINAL, "a revocation is final")
    if change.purpose == "revocation":
        return institution.revoke
    return institution.suspend if change.value else institution.reinstate


def _anchored_digest(vc_api: VcApi, profile: SigningProfile, change: StatusChange) -> Digest:
    """Return the credential at an institution's status position. A suspension names the position of the revocation."""
    if change.list_url is None or change.index is None or change.index >= LIST_BITS:
        raise SigningRefused(Code.STATUS_ENTRY_UNKNOWN, "the entry's list and index expected")
    status_position = position(parse_list_url(change.list_url)[1], change.index)
    with vc_api.node.database.read() as connection:
        digest = digest_at(connection, profile.list_owner, status_position)
    if digest is None:
        raise SigningRefused(Code.STATUS_ENTRY_UNKNOWN, "this node keeps no such status entry")
    return digest


def _entries(document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the entries of a request with their places: one, or each of an array."""
    entries = document.get("credentialStatus")
    listed: list[Any] = entries if isinstance(entries, list) else [entries]
    if not 0 < len(listed) <= MAX_CHECKS or not all(isinstance(entry, dict) for entry in listed):
        raise RequestRefused(
            400, Code.VALUE_MALFORMED, "a status entry, or a list of them", pointer="/credentialStatus"
        )
    if entries is not listed:
        return [("/credentialStatus", listed[0])]
    return [(f"/credentialStatus/{index}", entry) for index, entry in enumerate(listed)]


def _status_change(entry: Mapping[str, Any], where: str, document: Mapping[str, Any]) -> StatusChange:
    """Return the change that one entry requests. Without `status` the bit is set, as in the examples of the VC-API."""
    if "type" in entry and not is_entry(entry):
        raise RequestRefused(422, Code.VALUE_MALFORMED, "BitstringStatusListEntry expected", pointer=f"{where}/type")
    purpose = entry.get("statusPurpose", "revocation")
    if purpose not in PURPOSES:
        raise RequestRefused(
            400, Code.VALUE_MALFORMED, f"{' or '.join(PURPOSES)} expected", pointer=f"{where}/statusPurpose"
        )
    return StatusChange(
        purpose=purpose,
        value=_value(entry, where, document),
        credential_id=optional_text(document, "credentialId"),
        list_url=optional_text(entry, "statusListCredential", where=where),
        index=_index(entry, where),
    )


def _value(entry: Mapping[str, Any], where: str, document: Mapping[str, Any]) -> bool:
    """Return the value that an entry requests, by its own `status` or by that of the request."""
    place, value = (where, entry["status"]) if "status" in entry else ("", document.get("status", True))
    if isinstance(value, bool):
        return value
    if value not in ("0", "1"):
        raise RequestRefused(400, Code.VALUE_MALFORMED, "true or false expected", pointer=f"{place}/status")
    return bool(value == "1")


def _index(entry: Mapping[str, Any], where: str) -> int | None:
    index = entry.get("statusListIndex")
    if index is None:
        return None
    if not (isinstance(index, str) and index.isascii() and index.isdecimal() and len(index) < 19):
        raise RequestRefused(
            400, Code.VALUE_MALFORMED, "a whole number as a string", pointer=f"{where}/statusListIndex"
        )
    return int(index)
