"""The table of acts against the ABI of the contracts: every act, its arguments, both languages, every refusal in words."""

import pytest
from acredita.contracts.artifact import load
from acredita.contracts.events import CONTRACTS
from acredita.contracts.interface import interface
from acredita.contracts.reasons import REASONS
from acredita.registry.acts.changes import _CHANGES
from acredita.registry.acts.council_acts import COUNCIL_ACTS
from acredita.registry.acts.reason_words import REASON_TEXTS
from acredita.registry.acts.shapes import ActingRole, ActShape, FieldKind
from acredita.registry.acts.table import ACTS, BY_FUNCTION
from acredita.registry.acts.words import LABELS

BY_THE_COUNCIL_CONTRACT = {("IssuerRegistry", "suspend_urgently")}  # a member calls the council's function of this name
TYPES = {
    FieldKind.PARTY: ("bytes32",),
    FieldKind.PARTY_OR_COUNCIL: ("bytes32",),
    FieldKind.ACCOUNT: ("address",),
    FieldKind.ACCOUNTS: ("address[]",),
    FieldKind.DIGEST: ("bytes32",),
    FieldKind.STATEMENT: ("bytes32",),
    FieldKind.FILE: ("bytes32",),
    FieldKind.ACT: ("bytes32",),
    FieldKind.SCOPE: ("bytes32",),
    FieldKind.TRUST_FILE: ("uint64", "bytes32"),
    FieldKind.VERSION: ("bytes32", "bytes32"),
    FieldKind.VERSIONS: ("(bytes32,bytes32)[]",),
    FieldKind.DOCUMENT_OR_NONE: ("bytes32",),
    FieldKind.END: ("uint64",),
    FieldKind.OPEN_END: ("uint64",),
    FieldKind.SINCE: ("uint64",),
    FieldKind.FLAG: ("bool",),
    FieldKind.KEY_PURPOSE: ("uint8",),
    FieldKind.ACCOUNT_PURPOSE: ("uint8",),
    FieldKind.CONSENT: ("uint64", "bytes"),
    FieldKind.CALLDATA: ("bytes",),
    FieldKind.CHECKPOINT: ("bytes32[4]",),
    FieldKind.HASHES: ("bytes32[]",),
}


def test_every_function_that_changes_state_is_an_act() -> None:
    functions = {
        (name, item["name"])
        for name in CONTRACTS
        for item in load(name).abi
        if item["type"] == "function" and item["stateMutability"] == "nonpayable"
    }
    assert set(BY_FUNCTION) == functions - BY_THE_COUNCIL_CONTRACT


@pytest.mark.parametrize("act", ACTS.values(), ids=lambda act: act.name)
def test_fields_are_the_arguments_in_order(act: ActShape) -> None:
    inputs = interface(act.contract).functions[act.function].inputs
    position = 0
    for field in act.fields:
        if field.kind is FieldKind.NUMBER:
            assert inputs[position].startswith("uint")
            position += 1
            continue
        expected = TYPES[field.kind]
        assert inputs[position : position + len(expected)] == expected, field.name
        position += len(expected)
    assert position == len(inputs)


@pytest.mark.parametrize("act", ACTS.values(), ids=lambda act: act.name)
def test_texts_are_in_both_languages(act: ActShape) -> None:
    for text in (act.title, *(field.help for field in act.fields)):
        assert text.en != text.es
        assert text.en.endswith(".") and text.es.endswith(".")
    assert {field.name for field in act.fields} <= set(LABELS)


def test_an_act_that_the_council_decides_says_what_it_changes() -> None:
    assert {act.name for act in COUNCIL_ACTS} <= set(_CHANGES)
    assert all(ActingRole.COUNCIL in act.roles for act in COUNCIL_ACTS)


def test_every_reason_is_said_in_words() -> None:
    assert set(REASON_TEXTS) == set(REASONS)
    assert all(text.en != text.es for text in REASON_TEXTS.values())
