"""Somebody else's credential has an answer of its own, and no disguise gives one of ours a milder answer."""

import base64
import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.node.verification.answers import own_receipt, verify_opened
from acredita.node.verification.verifier import Verifier
from acredita.registry.evidence.open_document import open_document
from acredita.registry.keys.multikey import key_id
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import StepOutcome, Verdict, VerificationReport

from tests.registry.verification.asking import ask, changed
from tests.registry.verification.cases import FOREIGN, as_token, did_document, strangers_badge
from tests.registry.world import ACT, STATUS_ONLY, AnchoredWorld, Party, party

Document = dict[str, Any]
STRANGER = party("academy abroad")
NOT_OURS = (Verdict.NOT_RECOGNISED, "NOT_OF_THIS_REGISTRY")


def data(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def plain(report: VerificationReport) -> tuple[Verdict, str | None]:
    return report.verdict, report.code


def signed(document: Document, who: Party = STRANGER, suite: str = "eddsa-rdfc-2022") -> Document:
    return add_proof(document, ProofOptions(suite, who.method, datetime(2026, 3, 1, tzinfo=UTC)), who.key)


def vcdm(**members: object) -> Document:
    """Build a plain credential of a stranger, unsigned."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": STRANGER.did,
        "credentialSubject": {"id": "did:web:persona.example"},
        **members,
    }


# --- somebody else's -------------------------------------------------------------------------------------------------

WELL_SIGNED: dict[str, Callable[[], bytes]] = {
    "open_badge": lambda: (FOREIGN / "open_badge_well_signed.json").read_bytes(),
    "plain_data_model": lambda: data(signed(vcdm())),
    "signed_as_json": lambda: data(signed(vcdm(), suite="eddsa-jcs-2022")),
    "inline_context": lambda: data(
        signed(vcdm(**{"@context": [*vcdm()["@context"], {"nota": "https://academia.example/nota"}], "nota": "8"}))
    ),
    "token": lambda: as_token(vcdm(), STRANGER),
    "enveloped": lambda: data(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["EnvelopedVerifiableCredential"],
            "id": "data:application/vc+jwt," + as_token(vcdm(), STRANGER).decode(),
        }
    ),
    "json_text_of_a_token": lambda: data(as_token(vcdm(), STRANGER).decode()),
    "two_proofs": lambda: data(signed(signed(vcdm()))),
    "issuer_is_a_web_address": lambda: data(signed(vcdm(issuer="https://academia.example/"))),
    "byte_order_mark": lambda: b"\xef\xbb\xbf" + data(signed(vcdm())),
}


@pytest.mark.parametrize("name", WELL_SIGNED)
def test_a_sound_signature_of_somebody_else_is_not_of_this_registry(name: str, anchored: AnchoredWorld) -> None:
    report = ask(anchored.world, WELL_SIGNED[name]())
    assert plain(report) == NOT_OURS
    signer = strangers_badge()["issuer"]["id"] if name == "open_badge" else STRANGER.did
    assert report.signed_by == signer
    assert {step.number for step in report.steps if step.outcome is StepOutcome.FAILED} == {8}


@pytest.mark.parametrize("form", ["data_integrity", "token"])
@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, NOT_OURS),
        ({"revoked": "2020-01-01T00:00:00Z"}, (Verdict.INVALID, "PROOF_KEY_REFUSED")),
        ({"expires": "2020-01-01T00:00:00Z"}, (Verdict.INVALID, "PROOF_KEY_REFUSED")),
        ({"revoked": "2999-01-01T00:00:00Z", "expires": "2999-01-01T00:00:00Z"}, NOT_OURS),
        ({"revoked": "yesterday"}, (Verdict.INDETERMINATE, "KEY_UNREADABLE")),
    ],
)
def test_a_strangers_key_that_its_document_ended_signs_nothing(
    form: str, members: dict[str, str], expected: tuple[Verdict, str], anchored: AnchoredWorld
) -> None:
    stranger = party("university abroad", "did:web:universidad.example")
    document: dict[str, Any] = did_document(stranger)
    document["verificationMethod"][0].update(members)
    anchored.world.document_source.dids[stranger.did] = document
    unsigned = vcdm(issuer=stranger.did)
    content = data(signed(unsigned, stranger)) if form == "data_integrity" else as_token(unsigned, stranger)
    report = ask(anchored.world, content)
    assert plain(report) == expected
    assert (report.signed_by is None) == (expected[0] is not Verdict.NOT_RECOGNISED)


def test_a_broken_signature_is_invalid_and_names_nobody(anchored: AnchoredWorld) -> None:
    broken = signed(vcdm())
    for document in (
        {**broken, "credentialSubject": {"id": "did:web:otra.example"}},
        {**broken, "issuer": "did:web:academia.example"},
        {**broken, "proof": {**broken["proof"], "proofValue": "z2"}},
        {key: value for key, value in broken.items() if key != "proof"},
    ):
        for observer in (None, Missing("LEDGER_MISSING")):
            report = ask(anchored.world, data(document), observer=observer)
            assert (report.verdict, report.signed_by) == (Verdict.INVALID, None)
            assert report.code in ("PROOF_INVALID", "PROOF_MALFORMED", "PROOF_MISSING")
    header, _, signature = as_token(vcdm(), STRANGER).decode().split(".")
    swapped = as_token(vcdm(id="urn:uuid:1"), STRANGER).decode().split(".")[1]
    assert plain(ask(anchored.world, f"{header}.{swapped}.{signature}".encode())) == (Verdict.INVALID, "PROOF_INVALID")


UNKNOWN: dict[str, Callable[[], bytes]] = {
    "cryptosuite": lambda: data({**signed(vcdm()), "proof": {**signed(vcdm())["proof"], "cryptosuite": "bbs-2023"}}),
    "proof_type": lambda: data({**vcdm(), "proof": {"type": "MerkleProof2019", "proofValue": "z2"}}),
    "proof_option": lambda: data({**vcdm(), "proof": {**signed(vcdm())["proof"], "jws": "x"}}),
    "context": lambda: data({**signed(vcdm()), "@context": [*vcdm()["@context"], "https://academia.example/v1"]}),
    "undefined_term": lambda: data({**signed(vcdm()), "nota": "8"}),
    "did_method": lambda: data(
        {**vcdm(), "proof": {**signed(vcdm())["proof"], "verificationMethod": "did:ethr:0x1#controller"}}
    ),
    "https_key": lambda: data(
        {**vcdm(), "proof": {**signed(vcdm())["proof"], "verificationMethod": "https://academia.example/llave#1"}}
    ),
    "did_web_without_document": lambda: data(
        {**vcdm(), "proof": {**signed(vcdm())["proof"], "verificationMethod": "did:web:academia.example#1"}}
    ),
    "null": lambda: data({**signed(vcdm()), "name": None}),
    "draft_token": lambda: _with_header(as_token(vcdm(), STRANGER), typ="vc+ld+jwt"),
    "token_that_brings_its_key": lambda: _with_header(as_token(vcdm(), STRANGER), jwk={"kty": "OKP"}),
    "rsa_token": lambda: _with_header(as_token(vcdm(), STRANGER), alg="RS256"),
    "selective_disclosure": lambda: as_token(vcdm(), STRANGER) + b"~WyJhIiwiYiJd~",
    "cose_envelope": lambda: data(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": "EnvelopedVerifiableCredential",
            "id": "data:application/vc+cose;base64,0oRDoQEm",
        }
    ),
}


def _with_header(token: bytes, **members: object) -> bytes:
    header, payload, signature = token.split(b".")
    decoded = json.loads(base64.urlsafe_b64decode(header + b"=="))
    encoded = base64.urlsafe_b64encode(data({**decoded, **members})).rstrip(b"=")
    return b".".join((encoded, payload, signature))


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_checked_is_indeterminate_and_no_word_of_forgery(name: str, anchored: AnchoredWorld) -> None:
    report = ask(anchored.world, UNKNOWN[name]())
    assert report.verdict is Verdict.INDETERMINATE
    assert report.step(3).outcome is StepOutcome.NOT_CHECKED
    assert report.code == report.step(3).code
    assert StepOutcome.FAILED not in {step.outcome for step in report.steps}


def test_without_a_registry_nobody_is_told_whose_it_is(anchored: AnchoredWorld) -> None:
    badge = WELL_SIGNED["open_badge"]()
    no_trust = ask(anchored.world, badge, trust=Missing("TRUST_MISSING"), observer=Missing("TRUST_MISSING"))
    assert plain(no_trust) == (Verdict.INDETERMINATE, "TRUST_MISSING")
    assert plain(ask(anchored.world, badge, observer=Missing("LEDGER_MISSING"))) == (
        Verdict.INDETERMINATE,
        "LEDGER_MISSING",
    )
    trust = anchored.world.trust()
    assert plain(ask(anchored.world, badge, clock=trust.expires)) == (Verdict.INDETERMINATE, "TRUST_EXPIRED")


# --- ours in a disguise ----------------------------------------------------------------------------------------------


def _with_context(document: Document, entry: object) -> Document:
    return {**document, "@context": [*document["@context"], entry]}


def _by_stranger(document: Document) -> Document:
    return {**document, "issuer": {**document["issuer"], "id": STRANGER.did}}


def _method(document: Document, method: str) -> Document:
    return {**document, "proof": {**document["proof"], "verificationMethod": method}}


def _without_proof(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != "proof"}


def _presented(document: Document) -> Document:
    return {"type": "VerifiablePresentation", "verifiableCredential": [document]}


def _enveloped(beginning: str, token: bytes, kind: str = "EnvelopedVerifiableCredential") -> Document:
    return {"@context": vcdm()["@context"], "type": kind, "id": beginning + token.decode()}


def _altered_end(token: bytes) -> bytes:
    """Set a bit that base64url leaves unused, so that the signature has a second spelling."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(token[-1]) ^ 1]
    return token[:-1] + bytes([last])


JSON_FORM: dict[str, Any] = {"suite": "eddsa-jcs-2022"}
UNKNOWN_CONTEXT = "https://academia.example/contexto/v1"
DISGUISES: dict[str, Callable[[Document], bytes]] = {
    "unknown_context": lambda d: data(_with_context(d, UNKNOWN_CONTEXT)),
    "inline_context": lambda d: data(_with_context(d, {"nota": "https://academia.example/nota"})),
    "fewer_contexts": lambda d: data({**d, "@context": d["@context"][:1]}),
    "another_issuer": lambda d: data(_by_stranger(d)),
    "another_issuer_as_text": lambda d: data({**d, "issuer": STRANGER.did}),
    "issuer_in_capitals": lambda d: data({**d, "issuer": {**d["issuer"], "id": "did:web:OTRA.example"}}),
    "no_issuer": lambda d: data({key: value for key, value in d.items() if key != "issuer"}),
    "another_issuer_and_context": lambda d: data(_with_context(_by_stranger(d), UNKNOWN_CONTEXT)),
    "another_issuer_and_context_without_status": lambda d: data(
        {k: v for k, v in _with_context(_by_stranger(d), UNKNOWN_CONTEXT).items() if k != "credentialStatus"}
    ),
    "another_key_and_context": lambda d: data(
        _with_context(_method(_by_stranger(d), STRANGER.method), UNKNOWN_CONTEXT)
    ),
    "another_key": lambda d: data(_method(d, STRANGER.method)),
    "unknown_cryptosuite": lambda d: data({**d, "proof": {**d["proof"], "cryptosuite": "bbs-2023"}}),
    "unknown_proof_type": lambda d: data({**d, "proof": {**d["proof"], "type": "MerkleProof2019"}}),
    "unknown_proof_option": lambda d: data({**d, "proof": {**d["proof"], "jws": "x"}}),
    "proof_in_a_list": lambda d: data({**d, "proof": [d["proof"]]}),
    "second_proof_of_a_stranger": lambda d: data(signed(d)),
    "second_proof_and_issuer": lambda d: data(signed(_by_stranger(d))),
    "no_proof": lambda d: data({key: value for key, value in d.items() if key != "proof"}),
    "no_status": lambda d: data({key: value for key, value in d.items() if key != "credentialStatus"}),
    "status_in_a_list": lambda d: data({**d, "credentialStatus": [d["credentialStatus"]]}),
    "null": lambda d: data({**d, "description": None}),
    "undefined_term": lambda d: data({**d, "nota": "10"}),
    "members_of_a_presentation": lambda d: data(
        {**d, "type": ["VerifiablePresentation"], "verifiableCredential": [strangers_badge()]}
    ),
    "token_of_a_stranger": lambda d: as_token(d, STRANGER),
    "token_that_cannot_be_checked": lambda d: _with_header(as_token(d, STRANGER), alg="RS256"),
    "array": lambda d: data([d]),
    "presentation": lambda d: data({"type": "VerifiablePresentation", "verifiableCredential": d}),
    "presentation_by_a_stranger": lambda d: data(
        signed({"@context": d["@context"], "type": ["VerifiablePresentation"], "verifiableCredential": [d]})
    ),
    "presentation_in_an_array": lambda d: data([{"type": "VerifiablePresentation", "verifiableCredential": [d]}]),
    "array_of_arrays": lambda d: data([[[d]]]),
    "deeper_than_is_opened": lambda d: data([[[[d]]]]),
    "presentations_deeper_than_are_opened": lambda d: data(_presented(_presented(_presented(_presented(d))))),
    "token_of_a_stranger_in_capitals": lambda d: data(_enveloped("DATA:Application/VC+JWT,", as_token(d, STRANGER))),
    "token_in_base64": lambda d: data(
        _enveloped("data:application/vc+jwt;base64,", base64.b64encode(as_token(d, STRANGER)))
    ),
    "token_with_escapes": lambda d: data(
        _enveloped("data:application/vc+jwt,", as_token(d, STRANGER).replace(b".", b"%2E"))
    ),
    "token_with_an_altered_end": lambda d: _altered_end(as_token(d, STRANGER)),
    "token_with_padding": lambda d: as_token(d, STRANGER) + b"==",
    "token_without_algorithm": lambda d: b"e30." + as_token(d, STRANGER).split(b".", 1)[1],
    "token_that_is_not_signed": lambda d: _with_header(as_token(d, STRANGER), alg="none").rpartition(b".")[0] + b".",
    "issuer_as_keyword": lambda d: data(
        signed(_without_proof({**d, "issuer": {"@id": d["issuer"]["id"]}}), **JSON_FORM)
    ),
    "issuer_in_lists": lambda d: data(signed(_without_proof({**d, "issuer": [[d["issuer"]["id"]]]}), **JSON_FORM)),
    "issuer_with_a_query": lambda d: data(
        signed(_without_proof({**d, "issuer": d["issuer"]["id"] + "?versionId=1"}), **JSON_FORM)
    ),
    "issuer_with_a_space": lambda d: data(
        signed(_without_proof({**d, "issuer": d["issuer"]["id"] + " "}), **JSON_FORM)
    ),
    "reshaped_in_a_presentation": lambda d: data(
        {"type": "VerifiablePresentation", "verifiableCredential": [_with_context(d, UNKNOWN_CONTEXT)]}
    ),
}


def revoked(anchored: AnchoredWorld) -> Document:
    changes = [(EntryKind.REVOKED, anchored.good.position)]
    anchored.world.anchor(anchored.up, changes=changes, kind=STATUS_ONLY)
    return dict(anchored.good.document)


def forged(anchored: AnchoredWorld) -> Document:
    document = copy.deepcopy(dict(anchored.good.document))
    document["credentialSubject"]["result"][0]["value"] = "100"
    return document


def by_a_thief(anchored: AnchoredWorld) -> Document:
    """Sign with a stranger's key what claims our issuer."""
    return dict(anchored.world.sign(anchored.up, key=STRANGER.key, method=STRANGER.method).document)


def by_a_stolen_key(anchored: AnchoredWorld) -> Document:
    world, since = anchored.world, anchored.receipt.checkpoint.time
    world.decide(world.issuers.key_compromised(anchored.up.id, key_id(anchored.up.key.multikey), since, ACT))
    return dict(anchored.good.document)


BAD = (revoked, forged, by_a_thief, by_a_stolen_key)


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_no_disguise_gives_a_bad_credential_of_ours_a_milder_answer(
    make: Callable[[AnchoredWorld], Document], anchored: AnchoredWorld
) -> None:
    document = make(anchored)
    assert ask(anchored.world, data(document), anchored.receipt).verdict is Verdict.INVALID
    worst_first = list(Verdict)
    for receipt in (None, anchored.receipt):
        honest = worst_first.index(ask(anchored.world, data(document), receipt).verdict)
        for name, disguise in DISGUISES.items():
            if make is by_a_thief and name == "another_issuer_and_context_without_status":
                continue  # nothing of ours is left: the thief's own paper
            report = ask(anchored.world, disguise(document), receipt)
            assert worst_first.index(report.verdict) <= honest, name


def test_a_revoked_credential_in_a_disguise_that_keeps_its_signature_is_named_revoked(anchored: AnchoredWorld) -> None:
    document = revoked(anchored)
    for name in (
        "inline_context",
        "proof_in_a_list",
        "status_in_a_list",
        "array",
        "presentation",
        "token_of_a_stranger",
    ):
        assert ask(anchored.world, DISGUISES[name](document)).code == "CREDENTIAL_REVOKED", name


def verdicts(anchored: AnchoredWorld, content: bytes) -> tuple[Verdict, set[Verdict]]:
    """Return the verdict of a container, and those of its members."""
    world, opened = anchored.world, open_document(content)
    verifier = Verifier(world.trust(), world.observer(), world.document_source)
    receipt_of, moment = own_receipt(anchored.receipt, opened), Moment(max(world.clock.now, world.now))
    found = verify_opened(verifier, opened, receipt_of, moment, None)
    return found.report.verdict, {member.report.verdict for member in found.members}


GOOD_BESIDE_BAD: dict[str, Callable[[Document, Document], Document | bytes]] = {
    "members_of_a_token": lambda good, bad: as_token({**bad, "verifiableCredential": [good]}, STRANGER),
    "claim_beside_the_members": lambda good, bad: as_token({"vc": bad, "verifiableCredential": [good]}, STRANGER),
    "claim_that_is_a_list": lambda good, bad: as_token({"vc": [bad], "verifiableCredential": [good]}, STRANGER),
    "claim_that_is_a_text": lambda good, bad: as_token(
        {"vc": as_token(bad, STRANGER).decode(), "verifiableCredential": [good]}, STRANGER
    ),
    "two_claims": lambda good, bad: as_token({"vc": bad, "vp": {"verifiableCredential": [good]}}, STRANGER),
    "members_beside_an_envelope": lambda good, bad: {
        **_enveloped(
            "data:application/vp+jwt,", as_token(_presented(bad), STRANGER), "EnvelopedVerifiablePresentation"
        ),
        "verifiableCredential": [good],
    },
    "too_deep_beside": lambda good, bad: data([good, [[[bad]]]]),
    "token_with_an_altered_end_beside": lambda good, bad: data([good, _altered_end(as_token(bad, STRANGER)).decode()]),
}


@pytest.mark.parametrize("name", GOOD_BESIDE_BAD)
def test_a_good_credential_does_not_answer_for_a_bad_one_beside_it(name: str, anchored: AnchoredWorld) -> None:
    document = GOOD_BESIDE_BAD[name](dict(anchored.good.document), forged(anchored))
    content = document if isinstance(document, bytes) else data(document)
    assert verdicts(anchored, content) == (Verdict.INVALID, {Verdict.INVALID, Verdict.RECOGNISED})


def test_a_presentation_that_cannot_be_opened_leaves_its_neighbours_unsettled(anchored: AnchoredWorld) -> None:
    closed = _enveloped("data:application/vp+cose;base64,", b"0oRDoQEm", "EnvelopedVerifiablePresentation")
    found = verdicts(anchored, data([dict(anchored.good.document), closed]))
    assert found == (Verdict.INDETERMINATE, {Verdict.RECOGNISED, Verdict.INDETERMINATE})


def test_a_good_credential_in_a_disguise_is_not_recognised_and_in_a_container_it_is(anchored: AnchoredWorld) -> None:
    containers = ("array", "presentation", "presentation_by_a_stranger", "presentation_in_an_array", "array_of_arrays")
    document = dict(anchored.good.document)
    for name, disguise in DISGUISES.items():
        report = ask(anchored.world, disguise(document), anchored.receipt)
        assert report.verdict is (Verdict.RECOGNISED if name in containers else Verdict.INVALID), name


def test_where_no_trace_of_us_is_left_nothing_can_be_told_and_nothing_is_approved(anchored: AnchoredWorld) -> None:
    """Strip issuer, key and status of a revoked credential: what is left is a stranger's paper that nobody signed."""
    stripped = {k: v for k, v in _by_stranger(revoked(anchored)).items() if k != "credentialStatus"}
    uncheckable = _with_context(_method(stripped, STRANGER.method), UNKNOWN_CONTEXT)
    assert plain(ask(anchored.world, data(uncheckable))) == (Verdict.INDETERMINATE, "CONTEXT_UNKNOWN")
    assert plain(ask(anchored.world, data(_method(stripped, STRANGER.method)))) == (Verdict.INVALID, "PROOF_INVALID")


def test_a_list_of_ours_makes_no_strangers_credential_ours_and_no_milder_one(anchored: AnchoredWorld) -> None:
    """Name our status list in a stranger's credential: it is of a party, so its shape is what fails."""
    entry = anchored.good.document["credentialStatus"]
    report = ask(anchored.world, data(signed(vcdm(credentialStatus=entry))))
    assert report.verdict is Verdict.INVALID


def test_an_unknown_receipt_of_another_chain_gives_ours_no_milder_answer(anchored: AnchoredWorld) -> None:
    wrong = replace(anchored.receipt, chain_id=1)
    assert ask(anchored.world, anchored.good, wrong).verdict is Verdict.RECOGNISED  # by the log, as without a receipt
    waiting = anchored.world.sign(anchored.up)
    assert ask(anchored.world, waiting, wrong).code == "WRONG_CHAIN"
    forged_one = changed(anchored.good, name="Otra")
    assert ask(anchored.world, forged_one, wrong).code == "PROOF_INVALID"
