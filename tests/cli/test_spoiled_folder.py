"""A demonstration's folder with something spoiled, and arguments that cannot be used: one sentence and the right exit."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.main import main
from acredita.devnet.chain import Chain
from acredita.node.verification.pinned_trust import configuration_folder, pin_trust

from tests.simulators.one_operator import SINGLE


@pytest.fixture
def copy(demonstration: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demonstration, tmp_path / "d"))


def ask(capsys: pytest.CaptureFixture[str], folder: Path, name: str, *more: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(["verify", "--json", "--trust", str(folder / "trust.json"), *more, str(folder / name)])
    return code, json.loads(capsys.readouterr().out)


def sound(folder: Path) -> str:
    return f"credentials/{sorted(path.name for path in (folder / 'credentials').iterdir())[0]}"


BROKEN = "cases/invalid--proof_invalid.json"


def spoil(folder: Path, pattern: str) -> None:
    found = [path for path in folder.glob(pattern) if path.is_file()]
    assert found
    for path in found:
        path.write_bytes(b"\xffspoiled")


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("documents/*.json", "DOCUMENT_MISSING"),
        ("status/*/*.json", "STATUS_LIST_INVALID"),
        ("chain/*", "LEDGER_MISSING"),
    ],
)
def test_a_spoiled_public_file_is_not_an_answer_and_hides_none(
    copy: Path, capsys: pytest.CaptureFixture[str], pattern: str, code: str
) -> None:
    spoil(copy, pattern)
    exit_code, answer = ask(capsys, copy, sound(copy))
    assert (exit_code, answer["verdict"], answer["code"]) == (3, "indeterminate", code)
    exit_code, answer = ask(capsys, copy, BROKEN)
    assert (exit_code, answer["code"]) == (1, "PROOF_INVALID")


@pytest.mark.parametrize(
    ("lang", "words"), [("es", "Falta el documento: programa 0x"), ("en", "Missing document: programme 0x")]
)
def test_a_missing_document_is_named_with_the_option_that_finds_it(
    copy: Path, capsys: pytest.CaptureFixture[str], lang: str, words: str
) -> None:
    spoil(copy, "documents/*.json")
    asking = ["verify", "--trust", str(copy / "trust.json"), str(copy / sound(copy)), "--lang", lang]
    assert main(asking) == 3
    lines = [line for line in capsys.readouterr().out.splitlines() if words in line]
    assert len(lines) == 1 and "--source" in lines[0]
    digest = lines[0].split(words)[1].split(".")[0]
    assert (copy / "documents" / f"{digest}.json").is_file()


def test_an_empty_chain_folder_is_no_chain(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(copy / "chain")
    (copy / "chain").mkdir()
    assert ask(capsys, copy, sound(copy))[0] == 3
    assert ask(capsys, copy, BROKEN)[0] == 1
    assert main(["audit", "replay", "--trust", str(copy / "trust.json")]) == 3


def test_spoiled_did_documents_leave_did_key_alone(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "dids.json").write_text("x")
    assert ask(capsys, copy, sound(copy))[0] == 0


def test_another_chain_is_named_and_nobody_audits_it(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Chain.open(tmp_path / "other").close()
    code, answer = ask(capsys, demonstration, sound(demonstration), "--chain", str(tmp_path / "other"))
    assert (code, answer["code"]) == (3, "GENESIS_CHANGED")
    assert ask(capsys, demonstration, BROKEN, "--chain", str(tmp_path / "other"))[0] == 1
    audit = ["audit", "replay", "--trust", str(demonstration / "trust.json"), "--chain", str(tmp_path / "other")]
    assert main(audit) == 3
    assert "another chain" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--at", "0001-01-01T00:00:00+14:00"],
        ["--at", "9999-12-31T23:59:59-14:00"],
        ["--identifier", "Mu\udcf1oz"],
    ],
)
def test_an_argument_nobody_can_use_is_exit_2(
    demonstration: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert (
        main(
            [
                "verify",
                "--trust",
                str(demonstration / "trust.json"),
                *arguments,
                str(demonstration / sound(demonstration)),
            ]
        )
        == 2
    )
    assert arguments[0] in capsys.readouterr().err


def test_a_receipt_that_is_not_there_is_named(demonstration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = ask(capsys, demonstration, sound(demonstration), "--receipt", "/nowhere/r.json")
    assert code == 2
    assert answer["error"].startswith("/nowhere/r.json")


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda document: {key: value for key, value in document.items() if key != name}


@pytest.mark.parametrize("spoilt", [lambda _: [], lambda _: {}, _without("trust"), _without("format")])
def test_a_spoiled_pin_is_one_sentence(
    demonstration: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    spoilt: Callable[[dict[str, Any]], object],
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    pin_trust(configuration_folder(), demonstration / "trust.json")
    path = configuration_folder() / "trust-pin.json"
    path.write_text(json.dumps(spoilt(json.loads(path.read_text()))))
    assert main(["verify", str(demonstration / sound(demonstration))]) == 2
    assert "trust-pin.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        {"--profile": "../../ut"},
        {"--profile": "ut b"},
        {"--profile": ""},
        {"--name": "una\nlínea"},
        {"--scrypt-n": "1024"},
        {"--scrypt-n": "40000"},
    ],
)
def test_a_node_is_made_whole_or_not_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: dict[str, str]
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("una frase larga y buena")
    passphrase.chmod(0o600)
    options = {
        "--profile": "ut",
        "--name": "UT",
        "--passphrase-file": str(passphrase),
        "--data": str(tmp_path / "data" / "ut"),
        "--scrypt-n": "32768",
    } | wrong
    assert main(["node", "init", *SINGLE, *(part for pair in options.items() for part in pair)]) == 2
    assert next(iter(wrong)) in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["passphrase"]
