"""Find the signing profiles of a node, and check who may write for them.

A write needs a token of the profile's institution, or of the whole node for a profile of its own. It needs none if
the profile is open and the caller is on this machine. A route states its right in the signature of its handler:
`profile: Annotated[SigningProfile, Depends(require_profile(Right.ISSUE))]`.
"""

import ipaddress
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from acredita.anchoring.types import IssuerId
from acredita.node.http.bearer_tokens import Token, check_presented, check_right, read_access
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.problems import RequestRefused
from acredita.node.runtime.signing_profiles import SigningProfile, of_institution
from acredita.node.storage.rights import Right
from acredita.node.vc_api.checks import CheckSources
from acredita.node.vc_api.issue import ProfileSigner
from acredita.node.vc_api.status_lists import ProfileStatusLists
from acredita.registry.codes import Code
from acredita.registry.proofs.resolve_key import key_for
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

router = APIRouter(tags=["vc-api"])

Name = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True)
class VcApi:
    """The VC-API's view of a node: profiles by name, what signs for those of policy `any`, and their status lists."""

    node: Node
    signer: ProfileSigner
    lists: ProfileStatusLists
    profiles: Mapping[str, SigningProfile]

    def sources(self, *, relaxed: bool = False) -> CheckSources:
        """Return what a check at this moment works with. `relaxed`: a proof by any key is accepted for any issuer."""
        source, dependencies = self.node.document_source, self.node.dependencies
        now = dependencies.clock()
        return CheckSources(
            self.node.dependencies.contexts,
            lambda method, relationship: key_for(method, source.dids, now=now, relationship=relationship),
            self.lists.bit,
            now,
            relaxed,
            dependencies.fetcher,
        )


async def current_vc_api(node: CurrentNode) -> VcApi:
    """Return the VC-API of the node that serves this request."""
    dependencies = node.dependencies
    lists = ProfileStatusLists(node.database, dependencies.base, node.clock)
    dids = node.document_source.dids
    signer = ProfileSigner(
        dependencies.contexts, node.clock, lists, lambda method: key_for(method, dids, now=node.clock())
    )
    return VcApi(node, signer, lists, {profile.name: profile for profile in dependencies.profiles})


CurrentVcApi = Annotated[VcApi, Depends(current_vc_api)]


async def profile_in_path(profile: Name, vc_api: CurrentVcApi) -> SigningProfile:
    """Return the profile that the path names. Raises 404 if there is none."""
    if profile not in vc_api.profiles:
        raise RequestRefused(404, Code.PROFILE_UNKNOWN, "the node has no such signing profile")
    return vc_api.profiles[profile]


NamedProfile = Annotated[SigningProfile, Depends(profile_in_path)]


@dataclass(frozen=True)
class ProfileAccess:
    """The caller's access to signing profiles with one right; `check` decides for each profile."""

    request: Request
    node: Node
    right: Right

    def check(self, profile: SigningProfile) -> None:
        """Check that the caller may write for this profile. Raises 401 or 403."""
        if profile.open and _is_local(self.request):
            return
        self.check_token(None if profile.tenant is None else profile.tenant.issuer)

    def check_token(self, issuer: IssuerId | None) -> None:
        """Check that the token covers the right for this institution; None: for the whole node. Raises 401 or 403."""
        check_right(check_presented(read_access(self.request, self.node)), self.right, issuer)


def profile_access(right: Right) -> Callable[..., Coroutine[Any, Any, ProfileAccess]]:
    """Return a dependency for a handler that finds its profiles itself and checks the access to each of them."""

    async def access(request: Request, node: CurrentNode, _token: Token) -> ProfileAccess:
        return ProfileAccess(request, node, right)

    return access


def require_profile(right: Right, profile: Callable[..., Any] = profile_in_path) -> Callable[..., SigningProfile]:
    """Return a dependency that gives the profile, if the caller may write for it. Raises 401 or 403 otherwise.

    `profile`: a dependency that finds the profile. A synchronous call, so that storage is read in a thread.
    """

    def permitted(
        chosen: Annotated[SigningProfile, Depends(profile)],
        access: Annotated[ProfileAccess, Depends(profile_access(right))],
    ) -> SigningProfile:
        access.check(chosen)
        return chosen

    return permitted


@router.get("/issuers", summary="List signing profiles")
def profiles(vc_api: CurrentVcApi) -> JSONResponse:
    """List the signing profiles of this node."""
    return JSONResponse([_shown(profile, vc_api.node.dependencies.base) for profile in vc_api.profiles.values()])


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


def _is_local(request: Request) -> bool:
    host = request.client.host if request.client else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
