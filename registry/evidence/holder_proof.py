"""Check the proof of a presentation: a line beside the answer on its credentials, which never raises any of them.

Nobody gave this verifier a challenge, so that a sound proof shows who made the presentation and not who shows it now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from acredita.registry.codes import Code
from acredita.registry.evidence.foreign import ForeignProof, check_presentation
from acredita.registry.evidence.open_document import Presentation
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused
from acredita.registry.proofs.resolve_key import key_named

MAX_HOLDER_CHARS: Final = 200


@dataclass(frozen=True)
class HolderProof:
    """The proof of one presentation: `held` True or False, None if there is none or it could not be checked."""

    held: bool | None
    code: Code | None
    by: str | None


def check_holder(presentation: Presentation, dids: Mapping[str, object]) -> HolderProof:
    """Verify the proofs of a presentation. All of them must hold."""
    proofs = check_presentation(presentation.document, presentation.token, lambda method: key_named(method, dids))
    for kind, held in ((ProofRefused, False), (ProofCheckUnavailable, None)):
        result = next((proof.result for proof in proofs if isinstance(proof.result, kind)), None)
        if isinstance(result, ProofRefused | ProofCheckUnavailable):
            missing = result.code == Code.PROOF_MISSING
            return HolderProof(None if missing else held, result.code, None)
    return HolderProof(True, None, _signer(proofs[0]))


def _signer(proof: ForeignProof) -> str | None:
    return None if proof.signer is None else proof.signer[:MAX_HOLDER_CHARS]
