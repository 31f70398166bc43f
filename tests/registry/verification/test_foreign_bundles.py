"""A credential outside our profile inside an evidence bundle is judged as outside one, by what the bundle proves.

A bundle proves that somebody is no party by an empty history. Of whom it proves nothing, nothing is known.
"""

import json
from dataclasses import replace

import pytest
from acredita.registry.evidence.bundle import Bundle, EvidenceRefused, read_bundle, write_bundle
from acredita.registry.verification.results import StepOutcome, Verdict

from tests.registry.verification.asking import ask_offline, bundle_of
from tests.registry.verification.cases import as_token
from tests.registry.verification.test_foreign import DISGUISES, STRANGER, Document, forged, revoked, signed, vcdm
from tests.registry.world import AnchoredWorld

NEVER = {Verdict.INVALID, Verdict.NOT_RECOGNISED, Verdict.INDETERMINATE}


def holding(bundle: Bundle, credential: object) -> Bundle:
    """Put another credential into a bundle, through its bytes."""
    return read_bundle(write_bundle(replace(bundle, credential=credential)))


def strangers(anchored: AnchoredWorld) -> Bundle:
    """Build a bundle that proves the stranger to be no party."""
    credential = anchored.world.sign(STRANGER)
    return bundle_of(anchored.world, credential, replace(anchored.receipt, issuer=STRANGER.id))


@pytest.mark.parametrize("form", ["data_integrity", "token"])
def test_somebody_elses_credential_is_not_of_this_registry(anchored: AnchoredWorld, form: str) -> None:
    content = signed(vcdm()) if form == "data_integrity" else as_token(vcdm(), STRANGER).decode()
    report = ask_offline(anchored.world, holding(strangers(anchored), content))
    assert (report.verdict, report.code) == (Verdict.NOT_RECOGNISED, "NOT_OF_THIS_REGISTRY")
    assert report.signed_by == STRANGER.did
    assert report.step(1).outcome is StepOutcome.NOT_ASKED


def test_without_a_proof_that_the_signer_is_no_party_nobody_is_a_stranger(anchored: AnchoredWorld) -> None:
    own = bundle_of(anchored.world, anchored.good, anchored.receipt)
    report = ask_offline(anchored.world, holding(own, signed(vcdm())))
    assert (report.verdict, report.code) == (Verdict.INDETERMINATE, "EVIDENCE_INCOMPLETE")
    hidden = replace(strangers(anchored), parties={})
    assert ask_offline(anchored.world, holding(hidden, signed(vcdm()))).code == "EVIDENCE_INCOMPLETE"


def test_a_broken_signature_is_invalid(anchored: AnchoredWorld) -> None:
    broken = {**signed(vcdm()), "credentialSubject": {"id": "did:web:otra.example"}}
    for bundle in (strangers(anchored), bundle_of(anchored.world, anchored.good, anchored.receipt)):
        report = ask_offline(anchored.world, holding(bundle, broken))
        assert (report.verdict, report.code) == (Verdict.INVALID, "PROOF_INVALID")


@pytest.mark.parametrize("name", DISGUISES)
def test_no_disguise_in_a_bundle_gives_a_bad_credential_of_ours_a_good_answer(
    anchored: AnchoredWorld, name: str
) -> None:
    """Put each into its own bundle, and into one that proves nothing of the institution."""
    outside = strangers(anchored)
    for spoil in (forged, revoked):
        document: Document = spoil(anchored)
        own = bundle_of(anchored.world, anchored.good, anchored.receipt)
        text = DISGUISES[name](document).removeprefix(b"\xef\xbb\xbf")
        try:
            content = json.loads(text)
        except ValueError:
            content = text.decode("ascii")
        for bundle in (own, outside):
            try:
                report = ask_offline(anchored.world, holding(bundle, content))
            except EvidenceRefused:  # no bundle holds such a value
                continue
            assert report.verdict in NEVER, name


def test_ours_in_another_shape_stays_a_failed_first_step(anchored: AnchoredWorld) -> None:
    document = {**anchored.good.document, "@context": anchored.good.document["@context"][:1]}
    report = ask_offline(anchored.world, holding(bundle_of(anchored.world, anchored.good, anchored.receipt), document))
    assert report.verdict is Verdict.INVALID
    assert (report.step(1).outcome, report.step(1).code) == (StepOutcome.FAILED, "CONTEXT_NOT_ALLOWED")
