"""The committed artifacts are what the sources give, without a warning, below the size limit, without dangerous opcodes."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from acredita.contracts import artifact, slots
from acredita.contracts import compile as compiler
from acredita.contracts.bindings import programme_version
from acredita.contracts.interface import interface
from eth_hash.auto import keccak
from vyper import ast as vyper_ast
from vyper.ast.parse import parse_to_ast
from vyper.warnings import VyperWarning

from tests.contracts.harness import ACT, AGENCY, UT, active, deploy, digest, submitted
from tests.contracts.sources import SOURCES
from tests.contracts.test_reasons import extension

NAMES = tuple(path.stem for path in compiler.sources())
CODE_LIMIT = 24_576  # EIP-170
FORBIDDEN_OPCODES = {"DELEGATECALL", "CALLCODE", "SELFDESTRUCT", "CREATE", "CREATE2", "ORIGIN"}
FORBIDDEN_BUILTINS = {
    "create_minimal_proxy_to",
    "create_copy_of",
    "create_from_blueprint",
    "raw_create",
    "selfdestruct",
    "send",
}


@cache
def compiled(path: Path) -> Any:
    return compiler.compiled(path)


def opcodes(path: Path) -> set[str]:
    """Return the opcodes of the runtime code as the assembler places them; data sections are not code."""
    assembly = compiled(path).assembly_runtime
    return {item for item in assembly if isinstance(item, str) and not item.startswith("_")}


def calls(source: str) -> list[tuple[str, str, list[str]]]:
    """Return the calls of built-in functions: the enclosing function, the name, the keywords."""
    found = []
    for function in parse_to_ast(source).get_children(vyper_ast.FunctionDef):
        for call in function.get_descendants(vyper_ast.Call):
            name = getattr(call.func, "id", "")
            found.append((function.name, name, [keyword.arg for keyword in call.keywords]))
    return found


def origins(source: str) -> list[str]:
    attributes = parse_to_ast(source).get_descendants(vyper_ast.Attribute)
    return [a.node_source_code for a in attributes if getattr(a.value, "id", "") == "tx"]


def test_the_four_contracts_are_there() -> None:
    assert set(NAMES) == {"Council", "CredentialLog", "IssuerRegistry", "ProgrammeRegistry"}


@pytest.mark.parametrize("name", NAMES)
def test_compiling_again_gives_the_committed_artifact(name: str) -> None:
    path = compiler.SOURCES / f"{name}.vy"
    committed = (compiler.ARTIFACTS / f"{name}.json").read_text(encoding="utf-8")
    assert compiler.rendered(compiler.artifact_of(path, compiled(path))) == committed


def test_a_warning_of_the_compiler_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "Warned.vy").write_text("enum Colour:\n    RED\n")
    with pytest.raises(VyperWarning):
        compiler.compiled(tmp_path / "Warned.vy")


@pytest.mark.parametrize("name", NAMES)
def test_runtime_code_is_below_the_limit(name: str) -> None:
    assert 0 < len(artifact.load(name).runtime_bytecode) < CODE_LIMIT


@pytest.mark.parametrize("name", NAMES)
def test_no_dangerous_opcode(name: str) -> None:
    found = opcodes(compiler.SOURCES / f"{name}.vy")
    assert {"SLOAD", "REVERT", "STATICCALL"} <= found
    assert not found & FORBIDDEN_OPCODES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_calls_leave_the_contract_by_one_door(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    raw = [(function, keywords) for function, called, keywords in calls(source) if called == "raw_call"]
    assert raw == ([("execute", [])] if path.stem == "Council" else [])
    assert not {called for _, called, _ in calls(source)} & FORBIDDEN_BUILTINS
    assert origins(source) == []


@pytest.mark.parametrize(
    ("line", "opcode"),
    [
        ("raw_call(self, b'', is_delegate_call=True)", "DELEGATECALL"),
        ("a: address = create_minimal_proxy_to(self)", "CREATE"),
        ("a: address = tx.origin", "ORIGIN"),
    ],
)
def test_the_guard_sees_what_it_looks_for(tmp_path: Path, line: str, opcode: str) -> None:
    planted = tmp_path / "Planted.vy"
    planted.write_text(f"@external\ndef act():\n    {line}\n")
    assert opcode in opcodes(planted)
    source = planted.read_text()
    assert {called for _, called, _ in calls(source)} & (FORBIDDEN_BUILTINS | {"raw_call"}) or origins(source)


def test_every_event_is_declared_and_recorded() -> None:
    """Check that each topic that a module records is that of an event in the ABI of a contract, and the reverse."""
    recorded = {
        bytes(keccak(signature.encode()))
        for path in SOURCES
        for signature in re.findall(r'keccak256\(\s*"([A-Z]\w+\([\w,\[\]]+\))"', path.read_text(encoding="utf-8"))
    }
    declared = {topic for name in NAMES for topic in interface(name).events}
    assert recorded == declared


def test_variables_of_two_modules_with_one_name_are_refused() -> None:
    entry = {"slot": 1}
    with pytest.raises(compiler.CompilerError, match="history"):
        compiler.flat_layout({"history": entry, "module": {"history": entry}})


def test_registry_events_are_records() -> None:
    """Check that events have fixed-size fields, the subject first and alone indexed, the block time last."""
    for name in ("IssuerRegistry", "ProgrammeRegistry"):
        for shape in interface(name).events.values():
            assert shape.fields[0] == ("subject", "bytes32", True), shape.name
            assert shape.fields[-1] == ("time", "uint64", False), shape.name
            assert not any(indexed for _, _, indexed in shape.fields[1:]), shape.name
            assert not any("[" in kind or kind in ("bytes", "string") for _, kind, _ in shape.fields), shape.name


def test_an_unknown_contract_has_no_artifact() -> None:
    with pytest.raises(artifact.ArtifactError, match="Nobody"):
        artifact.load("Nobody")


def test_another_artifact_format_is_refused() -> None:
    document = json.loads((compiler.ARTIFACTS / "Council.json").read_text()) | {"format": "other/1"}
    with pytest.raises(artifact.ArtifactError, match="other/1"):
        artifact.from_json(json.dumps(document))


def test_slots_hold_what_the_views_tell() -> None:
    world = deploy()
    active(world)
    submitted(world, digest("programme"))
    world.send(UT.anchoring, extension(world))
    previous = [bytes(32)] * 4
    contracts = {"Council": world.council, "IssuerRegistry": world.issuers}
    contracts |= {"ProgrammeRegistry": world.programmes, "CredentialLog": world.log}

    def stored(address: bytes, slot: bytes) -> bytes:
        return world.evm.storage(address, int.from_bytes(slot, "big")).to_bytes(32, "big")

    for name, contract in contracts.items():
        assert stored(contract.address, slots.total(name)) == world.ask(contract.total()) != bytes(32), name
    issuers, programmes, log = world.issuers, world.programmes, world.log
    for subject in (UT.subject, AGENCY):
        assert stored(issuers.address, slots.issuer_history(subject)) == world.ask(issuers.history(subject))
        assert stored(issuers.address, slots.issuer_history(subject)) != bytes(32)
    version = programme_version(UT.subject, digest("programme"))
    assert stored(programmes.address, slots.programme_history(version)) == world.ask(programmes.history(version))
    assert stored(log.address, slots.head(UT.subject)) == world.ask(log.head(UT.subject)).to_bytes(32, "big")
    word = world.ask(log.checkpoint_word(UT.subject, 1, 1))
    assert stored(log.address, slots.checkpoint_word(UT.subject, 1, 1)) == word != bytes(32)
    assert stored(log.address, slots.last_good(UT.subject, 1)) == bytes(32)
    assert world.attempt(world.council.address, log.open_epoch(UT.subject, previous, ACT)).reason == "log: previous"


def test_a_slot_is_the_hash_of_the_mappings_slot_and_the_key() -> None:
    mapping = artifact.load("IssuerRegistry").storage_layout["history"]["slot"]
    assert slots.issuer_history(UT.subject) == keccak(mapping.to_bytes(32, "big") + UT.subject)
