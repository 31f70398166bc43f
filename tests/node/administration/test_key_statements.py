"""A node whose control account is on another machine: its keys are added there, by the files that it hands over."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from acredita.contracts.account_consent import SignedConsent
from acredita.contracts.bindings import IssuerRegistry, KeyPurpose
from acredita.node.administration.institution_keys import InstitutionKeys, KeyChangeRefused
from acredita.node.administration.key_compromise import mark_compromised
from acredita.node.administration.key_retirement import retire
from acredita.node.administration.key_rotation import rotate
from acredita.node.administration.key_statements import KeyOffers
from acredita.node.publication.trust_folder import read_json_file, read_trust
from acredita.registry.acts.consent import parse_consent
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.keys.key_statement import KeyStatement, check_statement
from acredita.registry.keys.keystore import KeyState, KeystorePurpose
from acredita.registry.keys.multikey import key_id

from tests.node.did_web_institution import DidWebInstitution, accredit, deploy

HOUR = 3600


@pytest.fixture
def institution(tmp_path: Path) -> Iterator[DidWebInstitution]:
    institution = deploy(tmp_path / "public")
    accredit(institution)
    yield institution
    for database in institution.opened:
        database.close()
    institution.chain.close()


def offers(institution: DidWebInstitution, keys: InstitutionKeys) -> KeyOffers:
    name = InstallationName.of(read_trust(institution.folder / "trust.json"))
    return KeyOffers(keys.ring, name, institution.folder, institution.clock)


def test_a_rotation_waits_for_the_control_account_and_then_completes(
    institution: DidWebInstitution, tmp_path: Path
) -> None:
    tenant = institution.open_tenant()
    with_control = institution.keys(tenant)
    keys = replace(with_control, control=None)
    assert offers(institution, keys).missing() == []
    for purpose in (KeystorePurpose.ASSERTION, KeystorePurpose.ANCHORING):
        with pytest.raises(KeyChangeRefused, match="run this command again") as refused:
            rotate(keys, purpose, overlap=HOUR)
        assert refused.value.code == "CONTROL_ELSEWHERE"
    signing, consenting = offers(institution, keys).write(tmp_path / "out")
    assert (signing.file.name, consenting.file.name) == ("assertion-2.statement", "anchoring-2.consent.json")
    control = with_control.control
    assert control is not None
    statement = KeyStatement(signing.file.read_bytes())
    public = check_statement(statement, control.chain_id, institution.contracts.issuer_registry, tenant.issuer, 1)
    assert (institution.folder / "documents" / f"{statement.digest.hex()}.bin").read_bytes() == statement.data
    control.record_key(key_id(public.multikey), KeyPurpose.ASSERTION, statement)
    consent = parse_consent(read_json_file(consenting.file))
    registry = IssuerRegistry(institution.contracts.issuer_registry)
    bound = SignedConsent(consent.consent.deadline, consent.consent.signature)
    control.control.transact(registry.add_anchoring_account(tenant.issuer, consent.account, bound))
    assert rotate(keys, KeystorePurpose.ASSERTION, overlap=HOUR).key == "assertion-2"
    assert rotate(keys, KeystorePurpose.ANCHORING, overlap=HOUR).key == "anchoring-2"
    assert (keys.ring.signing().name, offers(institution, keys).missing()) == ("assertion-2", [])


def test_a_key_signs_no_more_while_its_end_waits_for_the_control_account(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    with_control = institution.keys(tenant)
    keys = replace(with_control, control=None)
    rotate(with_control, KeystorePurpose.ASSERTION, overlap=0)
    identifier = keys.ring.identifier(keys.key("assertion"))
    with pytest.raises(KeyChangeRefused, match=f"keys end --key {identifier.hex()}"):
        retire(keys, "assertion")
    assert keys.key("assertion").state is KeyState.ENDED
    assert with_control.control is not None
    with_control.control.end_key(identifier)
    assert retire(keys, "assertion").key == "assertion"
    with pytest.raises(KeyChangeRefused, match="run this command again"):
        mark_compromised(keys, "assertion-2", institution.clock() - 1, "robo")
    assert keys.key("assertion-2").state is KeyState.COMPROMISED
