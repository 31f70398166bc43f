"""docs/contracts.md names every function, event, reason, code and slot, as they are."""

import re
from pathlib import Path

import pytest
from acredita.contracts import artifact, reasons
from acredita.contracts.abi import topic
from acredita.contracts.events import CONTRACTS
from acredita.contracts.interface import interface

PAGE = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text(encoding="utf-8")
KINDS = {
    "who": reasons.SenderRefused,
    "state": reasons.StateRefused,
    "input": reasons.InputRefused,
}
SHOWN = {
    ("IssuerRegistry", "history"): "keccak(1 ‖ subject)",
    ("ProgrammeRegistry", "history"): "keccak(1 ‖ version)",
    ("CredentialLog", "heads"): "keccak(1 ‖ issuer)",
    ("CredentialLog", "words"): "keccak(keccak(keccak(2 ‖ issuer) ‖ epoch) ‖ number)",
    ("CredentialLog", "last_good_numbers"): "keccak(keccak(3 ‖ issuer) ‖ epoch)",
    ("IssuerRegistry", "now_word"): "keccak(5 ‖ number)",
    ("IssuerRegistry", "timelines"): "keccak(7 ‖ kind",
    ("IssuerRegistry", "accounts"): "keccak(9 ‖ account)",
    ("IssuerRegistry", "keys"): "keccak(keccak(11 ‖ number)",
    ("IssuerRegistry", "scopes"): "keccak(13 ‖ number)",
    ("ProgrammeRegistry", "now_word"): "keccak(2 ‖ version)",
    ("ProgrammeRegistry", "timeline"): "keccak(keccak(3 ‖ version)",
}


def section(contract: str) -> str:
    return PAGE.split(f"\n## {contract}\n")[1].split("\n## ")[0]


def documented_reasons() -> dict[str, tuple[str, str]]:
    rows = re.findall(r"^\| `([a-z: ]+)` \| ([A-Z_]+) \| (who|state|input) \| .+ \|$", PAGE, re.MULTILINE)
    return {reason: (code, kind) for reason, code, kind in rows}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_function_and_event_is_named(contract: str) -> None:
    text = section(contract)
    missing = [name for name in interface(contract).functions if not re.search(rf"`{name}[`(]", text)]
    events = PAGE.split("\n## Events\n")[1]
    missing += [e.name for e in interface(contract).events.values() if f"`{e.name}(" not in events]
    assert missing == []


@pytest.mark.parametrize("contract", ["IssuerRegistry", "ProgrammeRegistry"])
def test_the_signature_of_every_record_is_written_out(contract: str) -> None:
    for shape in interface(contract).events.values():
        signature = f"{shape.name}({','.join(kind for _, kind, _ in shape.fields)})"
        assert topic(signature) == shape.topic
        assert f"\n    {signature}\n" in PAGE


def test_the_table_of_reasons_is_the_code_s() -> None:
    documented = documented_reasons()
    assert {reason: code for reason, (code, _) in documented.items()} == reasons.REASONS
    for reason, (_, kind) in documented.items():
        assert type(reasons.refused(reason)) is KINDS[kind], reason


@pytest.mark.parametrize(("contract", "variable"), SHOWN)
def test_the_slots_are_the_artifacts(contract: str, variable: str) -> None:
    formula = SHOWN[contract, variable]
    slot = re.search(r"\((\d+) ‖", formula)
    assert slot
    assert artifact.load(contract).storage_layout[variable]["slot"] == int(slot[1])
    assert formula in PAGE.split("\n## Storage\n")[1]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_slot_of_each_total(contract: str) -> None:
    slot = artifact.load(contract).storage_layout["total"]["slot"]
    assert f"\n| {contract} | total | {slot} |\n" in PAGE


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_state_diagram_each(contract: str) -> None:
    assert "stateDiagram-v2" in section(contract)
