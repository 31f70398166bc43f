"""Calls, answers, events and records as Python values."""

import dataclasses

import pytest
from acredita.contracts import bindings, reasons
from acredita.contracts.abi import AbiError, Call, RawLog, decode, encode, selector, topic
from acredita.contracts.artifact import load
from acredita.contracts.events import CONTRACTS, EVENT_CLASSES, event_topics
from acredita.contracts.interface import interface
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.harness import ACT, MEMBERS, UT, World, deploy, digest

ZEROS = bytes(32)


def log(topics: tuple[bytes, ...], data: bytes) -> RawLog:
    return RawLog(bytes(20), topics, data, 1, ZEROS, ZEROS, 0)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_function_that_changes_something_has_a_method(contract: str) -> None:
    acting = [item for item in load(contract).abi if item.get("stateMutability") == "nonpayable"]
    functions = {item["name"] for item in acting if item["type"] == "function"}
    assert functions
    assert functions <= set(dir(getattr(bindings, contract)))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_event_has_its_class_field_by_field(contract: str) -> None:
    for shape in interface(contract).events.values():
        fields = [field.name for field in dataclasses.fields(EVENT_CLASSES[shape.name])]
        assert fields == [name for name, _, _ in shape.fields]


def test_two_events_with_one_topic_have_one_shape() -> None:
    by_topic: dict[bytes, str] = {}
    for contract in CONTRACTS:
        for name, known in event_topics(contract).items():
            assert by_topic.setdefault(known, name) == name


def test_a_selector_is_what_the_signature_hashes_to() -> None:
    assert selector("transfer(address,uint256)").hex() == "a9059cbb"  # ERC-20's, known everywhere
    assert topic("Transfer(address,address,uint256)").hex().startswith("ddf252ad1be2c89b")
    assert reasons.ERROR_SELECTOR.hex() == "08c379a0"


def test_a_call_is_selector_and_arguments() -> None:
    call = bindings.IssuerRegistry(bytes(20)).end_key(UT.subject, UT.key)
    assert call == Call(bytes(20), selector("end_key(bytes32,bytes32)") + UT.subject + UT.key)


@pytest.mark.parametrize(
    "make",
    [
        lambda: bindings.IssuerRegistry(bytes(20)).end_key(UT.subject[:31], UT.key),
        lambda: bindings.IssuerRegistry(bytes(20)).end_key(UT.subject + b"\x00", UT.key),
        lambda: bindings.ProgrammeRegistry(bytes(20)).approve_batch([(UT.key, UT.key), (UT.key, UT.key[:31])], 0, ACT),
        lambda: bindings.CredentialLog(bytes(20)).anchor(1, 2, ACT, ACT, [ACT[:31]] * 4, []),
        lambda: bindings.IssuerRegistry(bytes(20)).issuer_now("not bytes"),  # type: ignore[arg-type]
        lambda: bindings.Council(bytes(20)).approve(-1, bytes(20), ACT, ACT),
        lambda: bindings.Council(bytes(20)).is_member(bytes(19)),
        lambda: bindings.CredentialLog(bytes(20)).anchor(256, 2, ACT, ACT, [ACT] * 4, []),
        lambda: bindings.CredentialLog(bytes(20)).anchor(1, 2, ACT, ACT, [ACT] * 3, []),
    ],
)
def test_a_value_that_does_not_fit_is_refused(make: object) -> None:
    with pytest.raises(AbiError):
        make()  # type: ignore[operator]


def test_an_unknown_topic_is_no_event_of_ours() -> None:
    assert bindings.decode_event(log((topic("Other(bytes32)"), ZEROS), b"")) is None
    assert bindings.decode_event(log((), b"")) is None


def test_an_event_of_another_shape_is_refused() -> None:
    known = event_topics("IssuerRegistry")["KeyEnded"]
    for topics, data in (((known,), ZEROS * 2), ((known, ZEROS), ZEROS), ((known, ZEROS, ZEROS), ZEROS * 2)):
        with pytest.raises(AbiError):
            bindings.decode_event(log(topics, data))


def test_a_record_is_topic_subject_and_data() -> None:
    assert bindings.record_of(log((ACT, UT.subject), b"data")) == ACT + UT.subject + b"data"
    assert bindings.record_of(log((ACT,), b"data")) == ACT + ZEROS + b"data"
    with pytest.raises(AbiError):
        bindings.record_of(log((ACT, UT.subject, ZEROS), b""))


def test_an_event_with_a_list_comes_back() -> None:
    world: World = deploy()
    world.decide(world.council.set_members(MEMBERS, 2))
    (event,) = [e for e in world.events if isinstance(e, bindings.MembersSet)]
    assert event.members == MEMBERS


def test_an_answer_that_is_cut_short_is_refused() -> None:
    view = bindings.IssuerRegistry(bytes(20)).issuer_now(UT.subject)
    with pytest.raises(AbiError):
        view.decode(b"")
    with pytest.raises(AbiError):
        view.decode(bytes(31))


def test_deployment_data_end_in_the_constructors_arguments() -> None:
    data = bindings.deploy_data("IssuerRegistry", MEMBERS[0])
    assert data == load("IssuerRegistry").bytecode + bytes(12) + MEMBERS[0]


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**64 - 1), st.booleans())
@settings(max_examples=100, derandomize=True, deadline=None)
def test_what_is_encoded_is_decoded(word: bytes, number: int, flag: bool) -> None:
    types = ["bytes32", "uint64", "bool"]
    assert decode(types, encode(types, [word, number, flag])) == (word, number, flag)


@given(st.binary(max_size=320))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_any_data_of_an_event_decodes_or_is_refused(data: bytes) -> None:
    for contract in CONTRACTS:
        for known in event_topics(contract).values():
            try:
                bindings.decode_event(log((known, digest("subject")), data))
            except AbiError:
                continue
