"""The demonstration, and what it leaves, through the commands a person types."""

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.exit_codes import worst
from acredita.cli.main import main
from acredita.node.demo.cohorts import cohort_csv, identifier
from acredita.node.demo.issuing import plan_sizes
from acredita.registry.evidence.bundle import read_bundle, write_bundle

from tests.cli.conftest import LEARNERS
from tests.cli.heavy_modules import VERIFY_DOES_WITHOUT, run_and_look

FOREIGN = Path(__file__).resolve().parents[1] / "registry" / "fixtures" / "foreign"

CODES = {
    "cases/indeterminate--did_unresolved.json",
    "cases/invalid--context_not_allowed.json",
    "cases/invalid--credential_expired.json",
    "cases/invalid--credential_revoked.json",
    "cases/invalid--credential_suspended.json",
    "cases/invalid--proof_invalid.json",
    "cases/invalid--superseded.json",
    "cases/not_recognised--issuer_unknown.json",
    "cases/not_recognised--programme_not_approved_at_issuance.json",
    "cases/pending_anchor--pending_anchor.json",
    "cases/valid_with_warnings--issuer_accreditation_expired_now.json",
    "cases/valid_with_warnings--issuer_suspended_now.json",
    "cases/valid_with_warnings--programme_withdrawn_now.json",
}
EXIT = {
    "recognised": 0,
    "valid_with_warnings": 0,
    "invalid": 1,
    "not_recognised": 1,
    "indeterminate": 3,
    "pending_anchor": 3,
}


@pytest.fixture(scope="module")
def summary(demonstration: Path) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads((demonstration / "summary.json").read_text())
    return summary


def verified(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(["verify", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_every_file_gets_the_verdict_the_summary_names(
    demonstration: Path, summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    files = summary["files"]
    on_disk = {
        f"{folder}/{path.name}" for folder in ("credentials", "cases") for path in (demonstration / folder).iterdir()
    }
    assert set(files) == on_disk
    _, answers = verified(
        capsys, "--trust", str(demonstration / "trust.json"), *(str(demonstration / name) for name in files)
    )
    verdicts = {name: {"verdict": a["verdict"], "code": a["code"]} for name, a in zip(files, answers, strict=True)}
    assert verdicts == files


def test_verifying_a_bundle_loads_no_chain_database_or_server(demonstration: Path, tmp_path: Path) -> None:
    credential, trust = str(demonstration / "credentials" / "up-0001.json"), str(demonstration / "trust.json")
    bundle = str(tmp_path / "x.acredita")
    assert main(["bundle", credential, "--trust", trust, "--out", bundle]) == 0
    assert run_and_look([["verify", bundle, "--trust", trust]], VERIFY_DOES_WITHOUT) == [(0, [])]
    ((code, heavy),) = run_and_look([["verify", credential, "--trust", trust]], VERIFY_DOES_WITHOUT)
    assert code == 0
    assert "acredita.devnet.chain" in heavy


def test_cases_are_named_for_verdict_and_code(summary: dict[str, Any]) -> None:
    cases = {name: expected for name, expected in summary["files"].items() if name.startswith("cases/")}
    assert set(cases) >= CODES
    for name, expected in cases.items():
        assert name == f"cases/{expected['verdict']}--{expected['code'].lower()}.json"


def test_credentials_holds_only_recognised_ones(summary: dict[str, Any]) -> None:
    answers = [answer for name, answer in summary["files"].items() if name.startswith("credentials/")]
    assert len(answers) > LEARNERS // 2
    assert answers == [{"verdict": "recognised", "code": None}] * len(answers)


def test_exit_codes_follow_the_verdict(
    demonstration: Path, summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, expected in summary["files"].items():
        if name.startswith("cases/"):
            code, _ = verified(capsys, "--trust", str(demonstration / "trust.json"), str(demonstration / name))
            assert code == EXIT[expected["verdict"]], name


def test_strict_makes_a_warning_exit_1_and_nothing_else(
    demonstration: Path, summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    trust = ("--trust", str(demonstration / "trust.json"))
    by_verdict = {expected["verdict"]: str(demonstration / name) for name, expected in sorted(summary["files"].items())}
    assert set(by_verdict) == set(EXIT)
    for verdict, path in by_verdict.items():
        code, answer = verified(capsys, *trust, "--strict", path)
        plain_code, plain_answer = verified(capsys, *trust, path)
        assert (code, plain_code) == (EXIT[verdict] or int(verdict == "valid_with_warnings"), EXIT[verdict])
        assert {**answer, "checked_at": None} == {**plain_answer, "checked_at": None}
    warned, unusable = by_verdict["valid_with_warnings"], str(demonstration / "nothing.json")
    assert verified(capsys, *trust, by_verdict["recognised"], warned)[0] == 0
    assert verified(capsys, *trust, "--strict", unusable, by_verdict["recognised"], warned)[0] == 1


def test_another_person_is_exit_1_also_where_nothing_else_could_be_told(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = str(min((demonstration / "credentials").iterdir()))
    trust = str(demonstration / "trust.json")
    code, answer = verified(capsys, "--trust", trust, "--identifier", "OTRA-4711", sound)
    assert (code, answer["verdict"], answer["otherwise"]) == (1, "other_person", "recognised")
    alone = tmp_path / "trust.json"
    shutil.copy(trust, alone)
    code, answer = verified(capsys, "--trust", str(alone), "--identifier", "OTRA-4711", sound)
    assert (code, answer["verdict"], answer["otherwise"]) == (1, "other_person", "indeterminate")


def test_of_several_files_a_negative_answer_wins_over_an_unusable_one(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, cases = str(demonstration / "trust.json"), demonstration / "cases"
    sound = str(min((demonstration / "credentials").iterdir()))
    broken, open_question = cases / "invalid--proof_invalid.json", cases / "indeterminate--did_unresolved.json"
    missing = str(tmp_path / "nothing.json")
    assert verified(capsys, "--trust", trust, sound, missing, str(broken), str(open_question))[0] == 1
    assert verified(capsys, "--trust", trust, sound, missing, str(open_question))[0] == 2
    assert verified(capsys, "--trust", trust, sound, str(open_question))[0] == 3
    assert worst([0, 1, 2, 3, 4]) == 4


def test_without_a_chain_nobody_is_told_invalid_and_a_broken_signature_is(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "d"
    shutil.copytree(demonstration, copy)
    shutil.rmtree(copy / "chain")
    sound = next(iter(sorted((copy / "credentials").iterdir())))
    assert verified(capsys, "--trust", str(copy / "trust.json"), str(sound))[0] == 3
    broken = copy / "cases" / "invalid--proof_invalid.json"
    code, answer = verified(capsys, "--trust", str(copy / "trust.json"), str(broken))
    assert (code, answer["code"]) == (1, "PROOF_INVALID")


def test_an_accent_of_the_name_alone_is_a_broken_signature(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(next(iter(sorted((demonstration / "credentials").glob("up-*")))).read_text())
    document["credentialSubject"]["achievement"]["name"] += "́"
    (tmp_path / "credentials").mkdir()
    path = tmp_path / "credentials" / "x.json"
    path.write_text(json.dumps(document))
    code, answer = verified(capsys, "--trust", str(demonstration / "trust.json"), str(path))
    assert (code, answer["verdict"], answer["code"]) == (1, "invalid", "PROOF_INVALID")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"42",
        b"{}",
        b'{"a": NaN}',
        b"not json",
        b"[" * 5000,
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        b'{"format": "acredita-receipt/1"}',
        b'{"type": "VerifiablePresentation"}',
        b"www.ejemplo.example",
    ],
)
def test_what_holds_no_credential_is_one_sentence_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    code, answer = verified(capsys, str(path))
    assert (code, answer["code"], "verdict" in answer) == (2, "NOT_A_CREDENTIAL", False)
    for language, words in (
        ("es", "no se pudo leer ninguna credencial"),
        ("en", "No verifiable credential can be read"),
    ):
        assert main(["verify", "--lang", language, str(path)]) == 2
        assert words in capsys.readouterr().err


def test_somebody_elses_badge_names_its_signer(demonstration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    badge, trust = FOREIGN / "open_badge_well_signed.json", str(demonstration / "trust.json")
    code, answer = verified(capsys, "--trust", trust, str(badge))
    signer = json.loads(badge.read_bytes())["issuer"]["id"]
    assert (code, answer["verdict"], answer["code"]) == (1, "not_recognised", "NOT_OF_THIS_REGISTRY")
    assert answer["signed_by"] == signer
    assert main(["verify", "--lang", "es", "--trust", trust, str(badge)]) == 1
    shown = capsys.readouterr().out
    assert f"Firmada por: {signer}" in shown
    assert "INVÁLIDA" not in shown
    assert verified(capsys, str(badge))[0] == 3  # no trust file: which registry is meant is not known


def test_a_presentation_and_an_array_are_opened_and_the_worst_member_is_the_answer(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, cases = str(demonstration / "trust.json"), demonstration / "cases"
    revoked = json.loads((cases / "invalid--credential_revoked.json").read_bytes())
    suspended = json.loads((cases / "valid_with_warnings--issuer_suspended_now.json").read_bytes())
    badge = json.loads((FOREIGN / "open_badge_well_signed.json").read_bytes())
    path = tmp_path / "x.json"
    for members, exit_code, expected, code_expected in (
        ([revoked], 1, "invalid", "CREDENTIAL_REVOKED"),
        ([badge, suspended], 1, "not_recognised", "NOT_OF_THIS_REGISTRY"),
        ([suspended, badge, revoked], 1, "invalid", "CREDENTIAL_REVOKED"),
    ):
        for container in (members, {"type": "VerifiablePresentation", "verifiableCredential": members}):
            path.write_text(json.dumps(container))
            code, answer = verified(capsys, "--trust", trust, str(path))
            assert (code, answer["verdict"], answer["code"]) == (exit_code, expected, code_expected)
            assert len(answer["members"]) == len(members)
    path.write_text(json.dumps([badge, 7]))
    _, answer = verified(capsys, "--trust", trust, str(path))
    assert [member["code"] for member in answer["members"]] == ["NOT_OF_THIS_REGISTRY", "NOT_A_CREDENTIAL"]
    assert main(["verify", "--lang", "es", "--trust", trust, str(path)]) == 1
    assert "Credenciales dentro: 2" in capsys.readouterr().out


def test_a_receipt_in_a_container_is_that_of_the_member_it_fits(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust = str(demonstration / "trust.json")
    sound, other = sorted((demonstration / "credentials").glob("up-*"))[:2]
    receipt = str(demonstration / "receipts" / sound.name)
    path = tmp_path / "x.json"
    path.write_text(json.dumps([json.loads(other.read_bytes()), json.loads(sound.read_bytes())]))
    _, answer = verified(capsys, "--trust", trust, "--receipt", receipt, str(path))
    assert answer["members"][1]["verdict"] == "recognised"
    assert answer["members"][0]["code"] != "LEAF_MISMATCH"
    path.write_text(json.dumps([json.loads(sound.read_bytes())]))
    assert verified(capsys, "--trust", trust, "--receipt", receipt, str(path))[0] == 0


def test_a_byte_order_mark_before_any_file_changes_no_answer(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verify credential, receipt and trust file as an editor on Windows saves them, and a second download of both."""
    sound = min((demonstration / "credentials").iterdir())
    receipt = (demonstration / "receipts" / sound.name).read_bytes()
    copy, mark = tmp_path / "d", b"\xef\xbb\xbf"
    shutil.copytree(demonstration, copy)
    (copy / "trust.json").write_bytes(mark + (demonstration / "trust.json").read_bytes())
    for name, beside in (("credencial.json", "comprobante.json"), ("Credencial (1).json", "comprobante (1).json")):
        (tmp_path / name).write_bytes(mark + sound.read_bytes())
        (tmp_path / beside).write_bytes(mark + receipt)
    for name in ("credencial.json", "Credencial (1).json"):
        code, answer = verified(capsys, "--trust", str(copy / "trust.json"), str(tmp_path / name))
        assert (code, answer["verdict"]) == (0, "recognised"), name


def test_a_bundle_verifies_with_the_cable_out(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = next(iter(sorted((demonstration / "credentials").iterdir())))
    bundle = tmp_path / "x.acredita"
    assert main(["bundle", str(sound), "--trust", str(demonstration / "trust.json"), "--out", str(bundle)]) == 0
    assert bundle.stat().st_size < 64 * 1024
    alone = tmp_path / "trust.json"
    shutil.copy(demonstration / "trust.json", alone)
    code, answer = verified(capsys, "--trust", str(alone), str(bundle))
    assert (code, answer["verdict"]) == (0, "recognised")
    bundle.write_bytes(bundle.read_bytes()[:-1])
    assert main(["verify", "--trust", str(alone), str(bundle)]) == 2


def test_a_bundle_is_known_by_its_content_and_shows_no_name_slipped_into_it(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = next(iter(sorted((demonstration / "credentials").iterdir())))
    bundle = tmp_path / "x.acredita.gz"
    assert main(["bundle", str(sound), "--trust", str(demonstration / "trust.json"), "--out", str(bundle)]) == 0
    bundle_read = read_bundle(bundle.read_bytes())
    scope = bundle_read.scopes[0]
    assert isinstance(scope, dict)
    forged = {**scope, "name": {**scope["name"], "es": "Universidad de la Falsa Memoria"}}
    bundle.write_bytes(write_bundle(replace(bundle_read, scopes=(forged, *bundle_read.scopes))))
    capsys.readouterr()
    assert main(["verify", "--trust", str(demonstration / "trust.json"), str(bundle), "--lang", "es"]) == 0
    shown = capsys.readouterr().out
    assert "RECONOCIDA" in shown
    assert scope["name"]["es"] in shown
    assert "Falsa Memoria" not in shown


def test_a_pasted_identifier_is_compared_without_what_nobody_sees(
    demonstration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = next(iter(sorted((demonstration / "credentials").iterdir())))
    for typed in ("\u200bA\u202e-1", "A-1"):
        main(
            ["verify", "--trust", str(demonstration / "trust.json"), str(sound), "--identifier", typed, "--lang", "es"]
        )
        shown = capsys.readouterr().out
        assert "NO CORRESPONDE" in shown
        assert ("sin los caracteres invisibles que traía" in shown) is (typed != "A-1")


def test_no_title_of_what_the_registry_does_not_stand_behind(
    demonstration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(
        [
            "verify",
            "--trust",
            str(demonstration / "trust.json"),
            str(demonstration / "cases" / "invalid--proof_invalid.json"),
        ]
    )
    shown = capsys.readouterr().out
    assert "Microcredencial:" not in shown
    assert "Entidad emisora:" not in shown


def test_a_file_name_is_no_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "["
    folder.mkdir()
    named = folder / "bold][red]x.json"
    named.write_text('{"type": "VerifiableCredential", "credentialSubject": {}}')
    assert main(["verify", str(named)]) == 1
    assert "[/bold][red]x.json" in capsys.readouterr().out


def test_a_missing_file_is_exit_2_and_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["verify", str(tmp_path / "nothing.json")])
    assert code == 2
    assert "nothing.json" in capsys.readouterr().err


def test_no_chain_at_the_rpc_address_is_exit_3(demonstration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound = next(iter(sorted((demonstration / "credentials").iterdir())))
    code, answer = verified(
        capsys, "--trust", str(demonstration / "trust.json"), "--rpc", "http://127.0.0.1:1", str(sound)
    )
    assert (code, answer["code"]) == (3, "LEDGER_UNREACHABLE")


def test_audit_replay_agrees_and_reports_the_insider(demonstration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["audit", "replay", "--trust", str(demonstration / "trust.json"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["clean"]
    assert sorted((f["weight"], f["code"]) for f in answer["findings"]) == [
        ("observation", "ISSUED_IN_STATUS_CHECKPOINT"),
        ("observation", "ISSUER_NOT_ACCREDITED_AT_ISSUANCE"),
        ("observation", "PROGRAMME_NOT_APPROVED_AT_ISSUANCE"),
    ]
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"observation: (\w+)", readme) == sorted(finding["code"] for finding in answer["findings"])
    assert sum(len(log["void"]) for log in answer["logs"]) == 1


def test_audit_replay_finds_an_edited_entry(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "d"
    shutil.copytree(demonstration, copy)
    for bundle in (copy / "log").glob("*/*/tile/entries/000.p/*"):
        data = bytearray(bundle.read_bytes())
        data[-40] ^= 1
        bundle.write_bytes(data)
    capsys.readouterr()
    assert main(["audit", "replay", "--trust", str(copy / "trust.json"), "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    found = {(finding["weight"], finding["code"]) for finding in document["findings"]}
    assert ("unknown", "ROOT_MISMATCH") in found
    assert "divergence" not in {weight for weight, _ in found}


def test_documents_stand_under_their_own_digest(demonstration: Path) -> None:
    binary = [path for path in (demonstration / "documents").iterdir() if path.suffix in (".bin", ".txt")]
    assert binary
    for path in binary:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem


def test_an_earlier_demonstration_is_replaced_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    assert main(["demo", "--out", str(tmp_path), "--learners", "60"]) == 2
    assert (tmp_path / "letter.txt").read_text() == "mine"
    assert "not empty" in capsys.readouterr().err


def test_nobody_of_the_cohort_is_on_the_chain(demonstration: Path) -> None:
    """Put a canary into every learner field: none is in a block, an event, a state node, an entry or a receipt."""
    canaries = set()
    for plan, first, count in plan_sizes(LEARNERS):
        for line in cohort_csv(plan, first, count, "2026-01-01").decode().splitlines()[1:]:
            canaries |= {field.encode() for field in line.split(",")[:2] + line.split(",")[4:] if len(field) > 8}
    assert identifier(1).encode() in canaries
    public = [path.read_bytes() for path in (demonstration / "chain").rglob("*") if path.is_file()]
    folders = [demonstration / folder for folder in ("log", "receipts", "status")]
    public += [path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()]
    public += [blob for path in (demonstration / "chain").rglob("*") if path.is_file() for blob in _rows(path)]
    for canary in canaries:
        assert not any(canary in content for content in public), canary


def _rows(path: Path) -> Iterator[bytes]:
    """Yield every cell of a database file, in case pages split a value."""
    if not path.read_bytes().startswith(b"SQLite format 3"):
        return
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in database.execute(f'select * from "{table}"'):
                yield from (cell for cell in row if isinstance(cell, bytes))
    database.close()


def _paths(value: object, prefix: str = "") -> Iterator[str]:
    """Yield every key of a JSON value by its path, `[]` for the items of an array."""
    if isinstance(value, dict):
        for key, inner in value.items():
            path = f"{prefix}.{key}" if prefix else key
            yield path
            yield from _paths(inner, path)
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, f"{prefix}[]")


def _documented(name: str) -> list[re.Pattern[str]]:
    text = (Path(__file__).resolve().parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    section = text.split(f"`{name}`\n", 1)[1].split("\n## ", 1)[0]
    paths = re.findall(r"`([a-z_.*\[\]]+)`", section)
    return [re.compile(re.escape(path).replace(r"\*", ".+")) for path in paths]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("acredita-trust/2", None),
        ("acredita-summary/1", None),
        (
            "acredita-report/1",
            ["verify", "--json", "--trust", "{out}/trust.json", "{out}/cases/invalid--superseded.json"],
        ),
        ("acredita-audit/1", ["audit", "replay", "--json", "--trust", "{out}/trust.json"]),
    ],
)
def test_every_key_is_documented(
    demonstration: Path, capsys: pytest.CaptureFixture[str], name: str, arguments: list[str] | None
) -> None:
    if arguments is None:
        kind = name.removeprefix("acredita-").split("/", 1)[0]
        document = json.loads((demonstration / f"{kind}.json").read_text())
    else:
        capsys.readouterr()
        main([argument.format(out=demonstration) for argument in arguments])
        document = json.loads(capsys.readouterr().out)
    assert document["format"] == name
    known = _documented(name)
    unknown = {path for path in _paths(document) if not any(pattern.fullmatch(path) for pattern in known)}
    assert not unknown


def test_the_readme_shows_what_a_thousand_learners_come_to() -> None:
    """Compare the figures of the README with the plan they follow from."""
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    sizes = {plan.programme: count for plan, _, count in plan_sizes(1_000)}
    warned = sizes["ingles-negocios"] + sizes["diseno-microcredenciales"] + sizes["servicio-cliente-dual"] - 1
    invalid = 4  # one revoked, one suspended, one superseded, and the one a suspended issuer could still revoke
    corrected = 1
    assert f"{1_000 + corrected - warned - invalid:6} RECONOCIDA" in readme
    assert f"{warned:6} VÁLIDA CON AVISOS" in readme
    assert f"{invalid:6} INVÁLIDA" in readme
