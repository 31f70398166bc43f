"""Judge a credential outside our profile: somebody else's, or one of ours in another shape.

1. No party of this registry is named as issuer, key or list: the credential is somebody else's. A sound signature makes it
   not recognised (`NOT_OF_THIS_REGISTRY`), one that could not be checked indeterminate, a broken one invalid.
2. A party is named: step 1 has failed. Steps 3, 4, 5 and 10 are checked all the same, so that a forged, compromised or
   revoked credential is named as such, whatever was put around it.

`facts`: of each party that the document could be of, or why the registry could not be asked. No shape, context or name
that is put on a credential of ours gives it a milder answer than the plain one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from acredita.anchoring.types import IssuerId
from acredita.registry.codes import Code
from acredita.registry.evidence.credential import CheckedCredential
from acredita.registry.evidence.foreign import ForeignCredential, ForeignProof
from acredita.registry.keys.did import DidRefused, issuer_id
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.ledger_facts.histories import PartyHistory
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.proofs.compact_jws import JwtCheck
from acredita.registry.proofs.data_integrity import ProofCheck, ProofCheckUnavailable, ProofRefused
from acredita.registry.proofs.resolve_key import key_for
from acredita.registry.verification.case import Moment, pinned_ledger, present
from acredita.registry.verification.results import (
    StepOutcome,
    StepResult,
    VerificationReport,
    failed,
    not_asked,
    not_checked,
    passed,
    waits,
)
from acredita.registry.verification.status import StatusOf, entry_step
from acredita.registry.verification.verdict import conclude_foreign

MAX_SIGNER_CHARS = 200  # of the name of a stranger's key, which the stranger chooses


@dataclass(frozen=True)
class RegistryFacts:
    """Facts of every party that a foreign document could be of, and its status. Empty: it names none."""

    of: Mapping[IssuerId, LedgerFacts]
    status_of: StatusOf

    @property
    def newest(self) -> LedgerFacts | None:
        """Facts of any of them: they are all read at one block."""
        return next(iter(self.of.values()), None)

    @property
    def parties(self) -> dict[IssuerId, PartyHistory]:
        """Those that are parties of this registry."""
        return {issuer: facts.parties[issuer] for issuer, facts in self.of.items() if issuer in facts.parties}


def verify_foreign(
    credential: CheckedCredential,
    foreign: ForeignCredential,
    registry: RegistryFacts | Missing,
    trust: Trust | Missing,
    moment: Moment,
    dids: Mapping[str, object],
    identifier: str | None = None,
) -> VerificationReport:
    """Judge a credential outside our profile, whose proofs were checked. `dids`: the DID documents at hand."""
    newest = registry if isinstance(registry, Missing) else registry.newest
    now = moment.at if newest is None else present(moment, newest)
    unknown = _unknown(registry, trust, now, moment)
    as_of = None if isinstance(newest, Missing) or newest is None else newest.block_time
    if unknown is None and not isinstance(registry, Missing) and registry.parties:
        steps = _of_ours(credential, foreign, registry, now)
        return conclude_foreign(steps, now, as_of)
    proof = _by_keys_in_force(foreign.proofs, dids, now)
    signed_by = _signed_by(foreign) if proof.ok else None
    steps = somebody_elses(str(credential.reading.fault), proof, signed_by, unknown, identifier)
    return conclude_foreign(steps, now, as_of, signed_by=signed_by)


def _unknown(registry: RegistryFacts | Missing, trust: Trust | Missing, now: int, moment: Moment) -> Missing | None:
    """Return why this registry could not say who its parties are; None if it could."""
    if isinstance(registry, Missing):
        return registry
    pinned = [pinned_ledger(trust, facts, now, moment) for facts in registry.of.values()]
    if not pinned:  # no DID of a kind that this registry has: nothing to ask the ledger
        return trust if isinstance(trust, Missing) else None
    return next((facts for facts in pinned if isinstance(facts, Missing)), None)


def _signed_by(foreign: ForeignCredential) -> str | None:
    """Name the signer of the first proof that holds."""
    signers = (proof.signer for proof in foreign.proofs if proof.holds)
    return next((signer[:MAX_SIGNER_CHARS] for signer in signers if signer), None)


# --- somebody else's ---


def somebody_elses(
    why: str, proof: StepResult, signed_by: str | None, unknown: Missing | None, identifier: str | None
) -> list[StepResult]:
    """Return the steps of a credential that names no party: its signature, and whose it is (step 8).

    `why`: what shows that it is of another registry. `unknown`: why this registry could not be asked.
    """
    if unknown is not None:
        issuer = not_checked(8, unknown.code, found=unknown.detail)
    elif proof.ok:
        whose = f"signed by {signed_by}"
        issuer = failed(8, Code.NOT_OF_THIS_REGISTRY, expected="a party of this registry", found=whose)
    else:
        issuer = waits(8, proof)
    subject = not_asked(12) if identifier is None else not_checked(12, Code.STEP_DEPENDS, needs=8)
    known = {1: not_asked(1, found=why), 3: proof, 8: issuer, 12: subject}
    return [known.get(number) or not_asked(number) for number in range(1, 13)]


def _proof(proofs: tuple[ForeignProof, ...]) -> StepResult:
    """Return step 3 of a set of proofs: a broken one fails, else one that holds is enough."""
    results = [proof.result for proof in proofs]
    broken = next((result for result in results if isinstance(result, ProofRefused)), None)
    if broken is not None:
        return failed(3, broken.code, expected="a proof by the key it names", found=str(broken))
    sound = next((result for result in results if isinstance(result, ProofCheck | JwtCheck)), None)
    if sound is not None:
        return passed(3, found=sound.options.cryptosuite if isinstance(sound, ProofCheck) else sound.algorithm)
    unavailable = next(result for result in results if isinstance(result, ProofCheckUnavailable))
    return not_checked(3, unavailable.code, found=str(unavailable))


def _by_keys_in_force(proofs: tuple[ForeignProof, ...], dids: Mapping[str, object], now: int) -> StepResult:
    """Return step 3 of a stranger's proofs: no ledger says since when a key is revoked, so its document decides."""
    result = _proof(proofs)
    if not result.ok:
        return result
    for method in (proof.method for proof in proofs if proof.holds and proof.method is not None):
        try:
            key_for(method, dids, now=now)
        except ProofRefused as error:
            return failed(3, error.code, expected="a proof by a key in force", found=str(error))
        except ProofCheckUnavailable as error:  # `revoked` or `expires` is no time
            return not_checked(3, error.code, found=str(error))
    return result


# --- ours, in another shape ---


def _of_ours(
    credential: CheckedCredential, foreign: ForeignCredential, registry: RegistryFacts, now: int
) -> list[StepResult]:
    """Return the steps of a credential of ours in another shape: step 1 has failed, and 3, 4, 5 and 10 are checked."""
    fault = credential.reading.fault
    code = Code.PROFILE_VALUE if fault is None else fault.code
    structure = failed(1, code, expected="one document, one reading", found=str(fault))
    own = [proof for proof in foreign.proofs if _signer_id(proof) in registry.parties]
    chosen = next((proof for proof in (*own, *foreign.proofs) if proof.holds), None)
    proof = _own_proof(own, foreign)
    binding = waits(4, proof) if not proof.ok or chosen is None else _binding(chosen, foreign, registry)
    key = waits(5, binding) if not binding.ok or chosen is None else _key(chosen, registry, now)
    known = {1: structure, 3: proof, 4: binding, 5: key, 10: _status(foreign, registry, now)}
    return [known.get(number) or waits(number, structure) for number in range(1, 13)]


def _own_proof(own: list[ForeignProof], foreign: ForeignCredential) -> StepResult:
    """Return step 3: every proof counts, and ours is named if it could not be checked."""
    result = _proof(foreign.proofs)
    if result.ok and own and not any(proof.holds for proof in own):
        return _proof(tuple(own))
    return result


def _binding(chosen: ForeignProof, foreign: ForeignCredential, registry: RegistryFacts) -> StepResult:
    if chosen.signer not in foreign.issuers:
        return failed(4, Code.KEY_NOT_OF_ISSUER, expected="a proof by a key of the issuer", found=chosen.signer)
    party = registry.parties.get(_signer_id(chosen))
    if party is None or chosen.key is None or party.assertion_key(chosen.key) is None:
        return failed(4, Code.KEY_NOT_REGISTERED, expected="an assertion key of the issuer")
    return passed(4)


def _key(chosen: ForeignProof, registry: RegistryFacts, now: int) -> StepResult:
    """Return step 5: without a proven anchor only a compromise is told; the key's dates are of the anchor."""
    party = registry.parties[_signer_id(chosen)]
    window = None if chosen.key is None else party.assertion_key(chosen.key)
    if window is not None and window.is_compromised(now):
        return failed(5, Code.KEY_COMPROMISED, expected="a key in the issuer's hands alone")
    return passed(5)


def _status(foreign: ForeignCredential, registry: RegistryFacts, now: int) -> StepResult:
    """Return step 10 of the status entries whose list is a party's: the first that is set."""
    results = list(_entries(foreign, registry, now))
    worst = next((step for step in results if step.outcome is StepOutcome.FAILED), None)
    return worst or next((step for step in results if not step.ok), None) or (results[0] if results else not_asked(10))


def _entries(foreign: ForeignCredential, registry: RegistryFacts, now: int) -> Iterator[StepResult]:
    for entry in foreign.entries:
        if entry.issuer in registry.parties:
            yield entry_step(entry, registry.of[entry.issuer], registry.status_of(entry), now)


def _signer_id(proof: ForeignProof) -> IssuerId:
    """Return the issuer id of a proof's signer; of one that is no party's DID, an id that nobody has."""
    try:
        return issuer_id(proof.signer or "")
    except DidRefused:
        return IssuerId(b"")
