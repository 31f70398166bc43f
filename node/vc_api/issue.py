"""Sign credentials by signing profiles of policy `any`.

The caller's credential is kept as it is, its contexts in their order. A proof is added, and status entries if the profile
has status lists. A proof that the caller brings must hold for the credential as it is signed; one that cannot be checked
here stays. The credential itself is not stored.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from acredita.node.runtime.signing_profiles import JWT, KnownContexts, SigningProfile
from acredita.node.vc_api.status_lists import ProfileStatusLists, SigningRefused
from acredita.registry.canonicalisation.canonical import canonical_nquads_slow
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2, DATA_INTEGRITY_V2
from acredita.registry.codes import Code
from acredita.registry.proofs.data_integrity import (
    KeyFor,
    ProofCheckUnavailable,
    ProofOptions,
    ProofRefused,
    add_proof,
    verify_proof_at,
    verify_proofs,
)
from acredita.registry.proofs.jose import MEDIA_TYPE, sign_jwt
from acredita.registry.proofs.proof_options import DATA_INTEGRITY_PROOF
from acredita.registry.proofs.resolve_key import did_key_for
from acredita.registry.vcdm.structure import is_first_version, issuer_of


@dataclass(frozen=True)
class ProfileSigner:
    """A signer for the `any` profiles of a node. Their status entries come from `lists`."""

    known: KnownContexts
    clock: Callable[[], int]
    lists: ProfileStatusLists
    key_for: KeyFor

    def issue(self, profile: SigningProfile, credential: Mapping[str, Any], name: str | None = None) -> dict[str, Any]:
        """Return the secured credential.

        `name`: the caller's name for it in later changes of its status, if that is not its `id`. Raises SigningRefused,
        ProofRefused for a proof that came with it, CanonicalFormRefused if safe mode refuses it, JcsRefused if it has
        no JCS form.
        """
        if not profile.relaxed and issuer_of(credential) != profile.did:
            raise SigningRefused(Code.ISSUER_NOT_OF_PROFILE, "the profile's own DID", "/issuer")
        prepared = self._with_context(profile, credential)
        # Safe mode whatever the cryptosuite: a term that means nothing would be signed by JCS and JOSE alike.
        canonical_nquads_slow(_unsecured(prepared), contexts=self.known.contexts)
        self._check_brought(profile, prepared)
        return self._secured(profile, self._with_status(profile, prepared, name))

    def _secured(self, profile: SigningProfile, credential: dict[str, Any]) -> dict[str, Any]:
        if profile.cryptosuite == JWT:
            token = sign_jwt(credential, signer=profile.signer, verification_method=profile.verification_method)
            envelope = {"@context": CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential"}
            return {**envelope, "id": f"data:application/{MEDIA_TYPE},{token}"}
        signed = add_proof(
            credential,
            ProofOptions(profile.cryptosuite, profile.verification_method, datetime.fromtimestamp(self.clock(), UTC)),
            profile.signer,
            contexts=self.known.contexts,
        )
        own = signed["proof"][-1] if isinstance(signed["proof"], list) else signed["proof"]
        verify_proofs({**signed, "proof": own}, did_key_for, contexts=self.known.contexts)
        return signed

    def _with_context(self, profile: SigningProfile, credential: Mapping[str, Any]) -> dict[str, Any]:
        """Return the credential with a context for its proof: VCDM 1.1 does not define DataIntegrityProof.

        A credential whose contexts define it keeps them. Two that do are refused by JSON-LD, because it is protected.
        """
        contexts = credential["@context"]
        is_defined = self.known.contexts.defines(contexts, DATA_INTEGRITY_PROOF)
        if profile.cryptosuite == JWT or not is_first_version(credential) or is_defined:
            return dict(credential)
        return {**credential, "@context": [*contexts, DATA_INTEGRITY_V2]}

    def _check_brought(self, profile: SigningProfile, credential: Mapping[str, Any]) -> None:
        """Verify each proof that came with the credential. Raises ProofRefused for one that does not hold."""
        if "proof" not in credential:
            return
        proofs = credential["proof"] if isinstance(credential["proof"], list) else [credential["proof"]]
        if not proofs:
            raise ProofRefused(Code.PROOF_MISSING, "at least one proof in a set expected")
        if profile.status and "credentialStatus" not in credential:
            expected = "a credential without a proof, because this profile adds a status that the proof does not cover"
            raise SigningRefused(Code.PROOF_INVALID, expected, "/proof")
        for index, _ in enumerate(proofs):
            with suppress(ProofCheckUnavailable):
                verify_proof_at(credential, index, self.key_for, contexts=self.known.contexts)

    def _with_status(self, profile: SigningProfile, credential: dict[str, Any], name: str | None) -> dict[str, Any]:
        """Return the credential as it will be signed. A credential with a status of its own keeps it and gets no other."""
        if not profile.status or "credentialStatus" in credential:
            return credential
        entries = self.lists.entries(profile, name or credential.get("id"))
        return {**credential, "credentialStatus": entries[0] if len(entries) == 1 else entries}


def _unsecured(credential: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in credential.items() if key != "proof"}
