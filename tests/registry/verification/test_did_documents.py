"""A DID document against the registry: a party's can only make a note, a stranger's decides.

Whoever buys a lapsed domain serves any document. Each test gives one, and asks online and from a bundle.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from acredita.anchoring.receipts import Receipt
from acredita.registry.codes import Code
from acredita.registry.evidence.credential import check_proof, read_credential
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.proofs.data_integrity import ProofCheck
from acredita.registry.verification.results import StepOutcome, Verdict, VerificationReport

from tests.registry.verification import cases
from tests.registry.verification.asking import ask, ask_offline, bundle_of
from tests.registry.world import ACT, AnchoredWorld, Credential, Party, party, signer

WEB = party("taller", cases.WEB_DID)
THIEF = replace(WEB, key=signer("who bought the domain"))


@pytest.fixture
def web(anchored: AnchoredWorld) -> tuple[Credential, Receipt]:
    """Anchor a credential of a did:web that is accredited; its document is at hand."""
    world = anchored.world
    world.document_source.dids[WEB.did] = cases.did_document(WEB)
    world.accredit(WEB, world.scope(WEB))
    return cases.anchored_by(world, WEB)


def both(anchored: AnchoredWorld, credential: Credential, receipt: Receipt) -> Iterator[VerificationReport]:
    """Ask online and from a bundle."""
    yield ask(anchored.world, credential, receipt)
    yield ask_offline(anchored.world, bundle_of(anchored.world, credential, receipt))


def told(report: VerificationReport) -> tuple[Verdict, Code | None, list[Code]]:
    return report.verdict, report.code, [note.code for note in report.notes]


def entry(**members: object) -> dict[str, object]:
    """Build a document whose one method has some members replaced."""
    method = {
        "id": WEB.method,
        "type": "Multikey",
        "controller": WEB.did,
        "publicKeyMultibase": WEB.key.public.multibase,
    }
    return {"id": WEB.did, "assertionMethod": [method | members]}


ALTERED = WEB.key.public.multibase[:-1] + ("a" if WEB.key.public.multibase[-1] != "a" else "b")
DIFFERING: dict[str, object] = {
    "another key under the same name": entry(publicKeyMultibase=THIEF.key.public.multibase),
    "the thief's own method": cases.did_document(THIEF),
    "one letter of the key": entry(publicKeyMultibase=ALTERED),
    "revoked": entry(revoked="2026-01-01T00:00:00Z"),
    "another controller": entry(controller="did:web:otra.example"),
    "a kind of key that is not read": entry(type="Ed25519VerificationKey2018"),
    "not for assertions": {"id": WEB.did, "authentication": entry()["assertionMethod"]},
    "no method": {"id": WEB.did},
    "another's document": {"id": "did:web:otra.example"},
    "no document": "<html>this domain is for sale</html>",
}


@pytest.mark.parametrize("name", DIFFERING)
def test_a_partys_document_can_only_make_a_note(
    anchored: AnchoredWorld, web: tuple[Credential, Receipt], name: str
) -> None:
    anchored.world.document_source.dids[WEB.did] = DIFFERING[name]
    for report in both(anchored, *web):
        assert told(report) == (Verdict.RECOGNISED, None, ["DID_DIFFERS"]), name


def test_an_agreeing_document_and_none_make_no_note(anchored: AnchoredWorld, web: tuple[Credential, Receipt]) -> None:
    for documents in ({WEB.did: cases.did_document(WEB)}, {}):
        anchored.world.document_source.dids.clear()
        anchored.world.document_source.dids.update(documents)
        for report in both(anchored, *web):
            assert told(report) == (Verdict.RECOGNISED, None, [])


def test_a_key_that_ended_may_be_missing_from_the_document(
    anchored: AnchoredWorld, web: tuple[Credential, Receipt]
) -> None:
    world = anchored.world
    world.act(WEB.control, world.issuers.end_key(WEB.id, cases.key_of(WEB)))
    world.document_source.dids[WEB.did] = {"id": WEB.did}
    assert told(ask(world, *web)) == (Verdict.RECOGNISED, None, [])


FORGERIES: dict[str, tuple[Party, str, str]] = {
    "by its own key and method": (THIEF, THIEF.method, "KEY_NOT_REGISTERED"),
    "under the institution's method": (THIEF, WEB.method, "PROOF_INVALID"),
    "under a name that is no key": (THIEF, f"{WEB.did}#clave-1", "PROOF_KEY_REFUSED"),
    "by the institution's key under a name that is no key": (WEB, f"{WEB.did}#clave-1", "PROOF_KEY_REFUSED"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_no_document_makes_a_forgery_good(anchored: AnchoredWorld, web: tuple[Credential, Receipt], name: str) -> None:
    """Let the document agree with the forger, and leave it out: the verdict is the same."""
    world, (who, method, code) = anchored.world, FORGERIES[name]
    world.document_source.dids[WEB.did] = cases.did_document(who, method)
    forged = world.sign(who, key=who.key, method=method)
    [receipt] = world.anchor(WEB, [forged])
    for documents in ({WEB.did: cases.did_document(who, method)}, {}):
        world.document_source.dids.clear()
        world.document_source.dids.update(documents)
        for report in both(anchored, forged, receipt):
            assert report.verdict is Verdict.INVALID, name
            assert report.code == code


def test_a_compromised_key_stays_compromised_whatever_the_document_says(
    anchored: AnchoredWorld, web: tuple[Credential, Receipt]
) -> None:
    world, (credential, receipt) = anchored.world, web
    world.decide(world.issuers.key_compromised(WEB.id, cases.key_of(WEB), receipt.checkpoint.time - 1, ACT))
    for documents in ({WEB.did: cases.did_document(WEB)}, {}):
        world.document_source.dids.clear()
        world.document_source.dids.update(documents)
        assert told(ask(world, credential, receipt)) == (Verdict.INVALID, "KEY_COMPROMISED", [])


@pytest.mark.parametrize("name", DIFFERING)
def test_a_strangers_document_decides(anchored: AnchoredWorld, name: str) -> None:
    """Leave the same did:web out of the registry: what its document does not allow is no proof."""
    world = anchored.world
    world.document_source.dids[WEB.did] = cases.did_document(WEB)
    credential = world.sign(WEB)
    assert ask(world, credential).step(3).outcome is StepOutcome.PASSED
    world.document_source.dids[WEB.did] = DIFFERING[name]
    report = ask(world, credential)
    if name == "revoked":  # the twelve steps use a key that ended, and nothing confirms this one
        assert told(report) == (Verdict.NOT_RECOGNISED, "ISSUER_UNKNOWN", [])
    else:
        assert report.step(3).outcome is not StepOutcome.PASSED
        assert not report.notes


def test_without_a_ledger_a_differing_document_is_no_answer(
    anchored: AnchoredWorld, web: tuple[Credential, Receipt]
) -> None:
    world, (credential, receipt) = anchored.world, web
    no_ledger = Missing(Code.LEDGER_UNREACHABLE, "no answer")
    for document in DIFFERING.values():
        world.document_source.dids[WEB.did] = document
        assert ask(world, credential, receipt, observer=no_ledger).verdict is Verdict.INDETERMINATE
    broken = cases.changed(credential, name="Otro nombre")
    for document in (cases.did_document(WEB), *DIFFERING.values()):
        world.document_source.dids[WEB.did] = document
        assert ask(world, broken, receipt).verdict is Verdict.INVALID


def test_a_list_of_a_party_counts_without_its_document(
    anchored: AnchoredWorld, web: tuple[Credential, Receipt]
) -> None:
    """Revoke by a published list alone: it counts by the registry's key, and no other key's list does."""
    world, (credential, receipt) = anchored.world, web
    index = credential.position % 131_072
    revoking = world.status_list(WEB, [index], issued=world.clock.now)
    forged = world.status_list(WEB, [], issued=world.clock.now, key=THIEF.key)
    for document in (None, cases.did_document(WEB), *DIFFERING.values()):
        world.document_source.dids.pop(WEB.did, None)
        if document is not None:
            world.document_source.dids[WEB.did] = document
        world.document_source.lists[(WEB.id, 0)] = revoking
        assert ask(world, credential, receipt).code == "CREDENTIAL_REVOKED"
        world.document_source.lists[(WEB.id, 0)] = forged
        assert told(ask(world, credential, receipt))[:2] == (Verdict.INDETERMINATE, "STATUS_LIST_INVALID")


def test_a_proof_is_verified_once_where_both_keys_are_one(web: tuple[Credential, Receipt]) -> None:
    reading = read_credential(web[0].data)
    checked = check_proof(reading, {WEB.did: cases.did_document(WEB)})
    assert isinstance(checked.proof, ProofCheck)
    assert checked.proof is checked.proof_by_method
    assert json.loads(web[0].data)["proof"]["verificationMethod"] == WEB.method
