"""One account has one role: acts by an account that has two are refused before anything is sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from acredita.anchoring.sender import Sender
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address
from acredita.contracts import bindings
from acredita.contracts.bindings import AccountPurpose
from acredita.node.administration.single_operator import AGENCY_YEARS, MEMBERS, YEAR_SECONDS, Operator
from acredita.node.custody.key_ring import ANCHORING, CONTROL
from acredita.node.ledger.single_operator_acts import Authority, consent_of
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.keys.did import issuer_id
from acredita.registry.keys.keystore import Keystore

from tests.node.did_web_institution import PASSPHRASE, DidWebInstitution, accredit, branch, deploy
from tests.simulators.installation import ACT


@pytest.fixture(scope="module")
def accredited(tmp_path_factory: pytest.TempPathFactory) -> DidWebInstitution:
    institution = deploy(tmp_path_factory.mktemp("roles"))
    accredit(institution)
    return institution


@pytest.fixture
def institution(accredited: DidWebInstitution, tmp_path: Path) -> Iterator[DidWebInstitution]:
    with branch(accredited, tmp_path / "branch") as copy:
        yield copy


def members_become(institution: DidWebInstitution, members: list[Address], by: tuple[str, str]) -> None:
    """Let two members of the council set its members, as their own tools would not."""
    council = bindings.Council(institution.contracts.council)
    authority(institution, by).decide(council.set_members(members, 2), ACT)


def authority(institution: DidWebInstitution, names: tuple[str, str]) -> Authority:
    keystore = institution.operator.keystore
    return Authority(
        institution.contracts, tuple(Sender(institution.ledger, keystore.account(name), depth=0) for name in names)
    )


def addresses(operator: Operator) -> list[Address]:
    return [operator.keystore.account(name).address for name in MEMBERS]


def test_a_control_account_that_became_a_member_acts_no_more(institution: DidWebInstitution) -> None:
    keystore = Keystore.open(institution.keystore_file, PASSPHRASE)
    control = keystore.account(CONTROL).address
    members_become(institution, [*addresses(institution.operator)[:2], control], MEMBERS[:2])
    before = institution.ledger.head()
    with pytest.raises(RegistryActRefused, match="is a member of the council") as refused:
        institution.operator.approve(institution.contracts, keystore, institution.programme)
    assert refused.value.code == "ACCOUNT_ROLE"
    assert institution.ledger.head() == before, "nothing was sent"


def test_an_anchoring_account_of_a_member_is_not_bound(institution: DidWebInstitution) -> None:
    keystore = Keystore.open(institution.keystore_file, PASSPHRASE)
    [anchoring] = [keystore.account(key.name).address for key in keystore.family(ANCHORING)]
    members_become(institution, [*addresses(institution.operator)[:2], anchoring], MEMBERS[:2])
    before = institution.ledger.head()
    tenant = institution.open_tenant()
    scope = institution.document_source().folder.scope
    known = institution.observer().party(tenant.issuer)
    assert known is not None
    held = scope(known.scopes[-1][1])
    assert held is not None
    with pytest.raises(RegistryActRefused, match="is a member of the council"):
        institution.operator.accredit(institution.contracts, keystore, held, institution.clock.now + YEAR_SECONDS)
    assert institution.ledger.head() == before, "nothing was sent"


def test_a_member_that_is_an_agency_too_acts_no_more(institution: DidWebInstitution) -> None:
    first, second, third = addresses(institution.operator)
    registry = bindings.IssuerRegistry(institution.contracts.issuer_registry)
    stranger = LocalAccount(b"\x42" * 32).address
    members_become(institution, [second, third, stranger], MEMBERS[:2])
    agency = issuer_id("did:web:otra-agencia.example")
    account = institution.operator.keystore.account(MEMBERS[0])
    consent = consent_of(institution.ledger, registry.address, account, agency, AccountPurpose.AGENCY)
    until = institution.ledger.head().time + AGENCY_YEARS * YEAR_SECONDS
    authority(institution, MEMBERS[1:]).decide(registry.recognise_agency(agency, first, until, ACT, consent), ACT)
    members_become(institution, [first, second, third], MEMBERS[1:])
    tenant = institution.open_tenant()
    before = institution.ledger.head()
    with pytest.raises(RegistryActRefused, match="cannot be a member as well"):
        institution.operator.suspend(institution.contracts, tenant.issuer, "prueba")
    assert institution.ledger.head() == before, "nothing was sent"
