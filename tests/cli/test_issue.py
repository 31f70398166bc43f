"""`acredita issue` as a person uses it: killed and run again, issued again, judged only, in one process and in several.

The killed runs are the real command in a process of its own, ended by SIGKILL at seeded moments after its first batch is
stored. Two in every run, five with two signing processes marked slow.
"""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.main import main
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.node.storage.database import Database
from acredita.node.storage.models import CredentialRow, DataKey, QueueItem, StatusPosition
from acredita.registry.credentials.parse import parse_credential
from acredita.registry.keys.scrypt_cost import LEAST_N
from sqlalchemy import func, select

from tests.simulators import one_operator
from tests.waiting import is_alive, let_run, wait_for

ROOT = Path(__file__).resolve().parents[2]
RUN = [sys.executable, "-c", "from acredita.cli.main import run; run()"]
SEED = 20260301
AWARDED = "2026-01-15"


@dataclass
class Home:
    """A node of one operator with a programme that is approved."""

    folder: Path

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'acredita-data' / 'node.db'}"

    def issue(self, file: str, *more: str) -> list[str]:
        return ["issue", file, "--profile", "ut", "--programme", "programme.json", "--lang", "en", *more]

    def cohort(self, name: str, first: int, count: int) -> str:
        (self.folder / name).write_bytes(cohort_csv(PLANS[1], first, count, AWARDED))
        return name

    def count(self, table: Any = CredentialRow) -> int:
        database = Database.open(self.database)
        try:
            with database.read() as connection:
                query = select(func.count()).select_from(table)
                if table is StatusPosition:
                    query = query.where(StatusPosition.digest.is_not(None))
                return int(connection.execute(query).scalar_one())
        finally:
            database.close()


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("home")
    with working_in(folder):
        secret = Path("pass")
        secret.touch(mode=0o600)
        secret.write_text("secreto")
        init = [
            "node",
            "init",
            *one_operator.SINGLE,
            "--profile",
            "ut",
            "--name",
            "UT (DEMO)",
            "--passphrase-file",
            "pass",
        ]
        assert main([*init, "--scrypt-n", str(LEAST_N)]) == 0
        one_operator.write_documents(folder, one_operator.did_of(folder / "acredita-data" / "acredita.toml"))
        assert main(["registry", "accredit", "--profile", "ut", "--scope", "scope.json", "--until", "2099-01-01"]) == 0
        assert main(["registry", "approve", "--profile", "ut", "programme.json"]) == 0
    return Home(folder)


@pytest.fixture
def home(shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.chdir(shared_home.folder)
    return shared_home


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def told(capsys: pytest.CaptureFixture[str], arguments: list[str], code: int = 0) -> Any:
    capsys.readouterr()
    assert main([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


# --- killed ---


def kill_once(home: Home, arguments: list[str], chance: random.Random) -> list[int]:
    """Run the command, kill it a moment after it has stored something new; the processes it had started."""
    before = home.count()
    with subprocess.Popen([*RUN, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: home.count() > before or process.poll() is not None, "a first stored credential")
        let_run(process, chance.uniform(0, 0.15))
        assert process.poll() is None, "the command ended before it could be killed"
        started = children(process.pid)
        process.kill()
        assert process.wait() == -signal.SIGKILL
    return started


def children(process: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def wait_for_end(processes: list[int]) -> None:
    """Wait until the processes of a killed command have ended by themselves."""
    wait_for(lambda: not any(map(is_alive, processes)), "the end of the processes that the command had started")


def check_nothing_lost_or_doubled(home: Home, expected: int) -> None:
    tables = (CredentialRow, DataKey, StatusPosition, QueueItem)
    assert [home.count(table) for table in tables] == [expected] * len(tables)


def killed(home: Home, capsys: pytest.CaptureFixture[str], file: str, rows: int, times: int, processes: int) -> None:
    before, chance = home.count(), random.Random(SEED)
    command = home.issue(file, "--no-anchor", "--processes", str(processes))
    for _ in range(times):
        started = kill_once(home, command, chance)
        stored = home.count()
        assert before < stored < before + rows, "killed too late to show anything"
        wait_for_end(started)
        check_nothing_lost_or_doubled(home, stored)
    cut = home.count()
    report = told(capsys, command)
    assert report["counts"] == {"known": cut - before, "issued": before + rows - cut}
    assert [row["row"] for row in report["rows"]] == list(range(2, rows + 2))
    assert len({row["digest"] for row in report["rows"]}) == rows
    check_nothing_lost_or_doubled(home, before + rows)


def test_a_killed_import_goes_on_where_it_was(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    killed(home, capsys, home.cohort("killed.csv", 1, 900), 900, times=2, processes=1)


@pytest.mark.slow
def test_a_killed_import_with_two_processes_leaves_none_behind(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    killed(home, capsys, home.cohort("killed-slow.csv", 10_001, 4_000), 4_000, times=5, processes=2)


# --- by hand ---


def test_a_dry_run_says_what_would_be_new_known_and_refused(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    issued = told(capsys, home.issue(home.cohort("dry.csv", 30_001, 2), "--no-anchor"))["rows"][0]
    before = home.count()
    rows = cohort_csv(PLANS[1], 30_001, 4, AWARDED) + b"Ana,,2026-02-30,Competente,\r\n"
    Path("dry.csv").write_bytes(rows)
    report = told(capsys, home.issue("dry.csv", "--dry-run"), code=1)
    assert report["counts"] == {"known": 2, "new": 2, "refused": 1}
    assert report["rows"][0] == {**issued, "outcome": "known", "code": "IDEMPOTENT"}
    labelled = told(capsys, home.issue("dry.csv", "--dry-run", "--reissue", "otra"), code=1)
    assert labelled["counts"] == {"new": 4, "refused": 1}
    assert home.count() == before
    assert main(home.issue("dry.csv", "--dry-run")) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"row 2 → {issued['digest']}"
    assert lines[2].startswith("row 6 fecha_otorgamiento: ROW_DATE_INVALID: expected")
    assert lines[3] == "nothing was issued; of the rows: 2 known, 2 new, 1 refused"


def test_a_table_says_which_file_belongs_to_which_row(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    Path("table.csv").write_bytes(b"\n" + cohort_csv(PLANS[1], 31_001, 3, AWARDED) + b"Ana,,2026-02-30,Competente,\r\n")
    capsys.readouterr()
    assert main(home.issue("table.csv", "--out", "table")) == 1
    lines = capsys.readouterr().out.splitlines()
    table = list(csv.DictReader(Path("table/table.rows.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["row"] for row in table] == ["3", "4", "5", "6"]
    assert lines[:3] == [f"row {row['row']} → {row['digest']} → {row['file']}" for row in table[:3]]
    for row in table[:3]:
        assert row["file"] == f"table/credentials/{row['digest'][2:]}.json"
        assert Path(row["file"]).is_file() and Path(row["receipt"]).is_file()
    assert [table[3][name] for name in ("outcome", "digest", "file", "code", "column")] == [
        "refused", "", "", "ROW_DATE_INVALID", "fecha_otorgamiento",
    ]  # fmt: skip
    assert "the table of rows: table/table.rows.csv" in lines


def test_a_run_that_leaves_some_without_receipt_says_how_to_go_on(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home.cohort("left.csv", 32_001, 2)
    capsys.readouterr()
    assert main(home.issue(file, "--no-anchor", "--out", "left")) == 0
    assert "2 of 2 credentials have no anchor receipt yet" in capsys.readouterr().out
    home.cohort("left.csv", 32_001, 3)
    report = told(capsys, home.issue(file, "--no-anchor"))
    assert (report["counts"], report["without_receipt"]) == ({"issued": 1, "known": 2}, 3)
    report = told(capsys, home.issue(file, "--out", "left"))
    assert (report["counts"], report["without_receipt"]) == ({"known": 3}, 0)
    assert all(Path(row["receipt"]).is_file() for row in report["rows"])


def test_everything_is_said_in_spanish(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    Path("es.csv").write_bytes(cohort_csv(PLANS[1], 33_001, 1, AWARDED) + b"1.5E+11,,2026-01-15,Competente,\r\n")
    capsys.readouterr()
    assert main(home.issue("es.csv", "--no-anchor", "--lang", "es")) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("fila 2 → 0x")
    refusal = "se espera un identificador, no un número que redondeó la hoja de cálculo"
    assert lines[1] == f"fila 3 identificador: ROW_IDENTIFIER_INVALID: {refusal}"
    assert lines[2] == "1 expedidas, 1 rechazadas; en cola"
    assert lines[3].startswith("1 de 1 credenciales aún no tienen comprobante de anclaje.")


def test_issued_again_under_a_label_and_both_files_verify(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    file = home.cohort("again.csv", 40_001, 3)
    first = told(capsys, home.issue(file, "--out", "out"))
    again = told(capsys, home.issue(file, "--out", "out", "--reissue", "logo nuevo"))
    once_more = told(capsys, home.issue(file, "--reissue", "logo nuevo"))
    assert (first["counts"], again["counts"], once_more["counts"]) == ({"issued": 3}, {"issued": 3}, {"known": 3})
    digests = [row["digest"] for report in (first, again) for row in report["rows"]]
    assert len(set(digests)) == 6
    assert [row["digest"] for row in once_more["rows"]] == digests[3:]
    files = [f"out/credentials/{digest[2:]}.json" for digest in digests]
    parsed = [parse_credential(json.loads(Path(path).read_bytes())) for path in files]
    assert len({credential.position for credential in parsed}) == 6
    trust = str(home.folder / "acredita-data" / "trust.json")
    assert main(["verify", "--trust", trust, *files]) == 0


def test_a_correction_leaves_one_file_good(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    [row] = told(capsys, home.issue(home.cohort("one.csv", 50_002, 1), "--out", "out"))["rows"]
    old = f"out/credentials/{row['digest'][2:]}.json"
    wrong = json.loads(Path(old).read_bytes())["credentialSubject"]["result"]
    correct = ["correct", old, "--profile", "ut", "--programme", "programme.json", "--result"]
    told(capsys, [*correct, "Destacado", "--out", "new.json"])
    assert json.loads(Path("new.json").read_bytes())["credentialSubject"]["result"] != wrong
    assert main([*correct, "Competente"]) == 1
    assert "CREDENTIAL_REVOKED" in capsys.readouterr().err
    trust = str(home.folder / "acredita-data" / "trust.json")
    assert told(capsys, ["verify", "--trust", trust, old], code=1)["code"] == "SUPERSEDED"
    again = told(capsys, home.issue("one.csv", "--out", "out"))
    assert again["counts"] == {"known": 1}, "the row of a corrected credential was issued once more"


def test_rows_come_from_a_pipe_too(home: Home) -> None:
    command = [*RUN, *home.issue("/dev/stdin", "--no-anchor", "--json")]
    ended = subprocess.run(command, input=cohort_csv(PLANS[1], 60_001, 3, AWARDED), capture_output=True, check=False)
    assert (ended.returncode, json.loads(ended.stdout)["counts"]) == (0, {"issued": 3})
    assert ended.stderr == b"", "no progress is shown where nobody looks"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (bytes(2_000), "FILE_NOT_UTF8"),
        ("identificador;did\nAna;\n".encode("utf-16"), "FILE_NOT_UTF8"),
        (b"PK\x03\x04\x14\x00\x06\x00", "FILE_MALFORMED"),
        (b"identificador,fecha_otorgamiento,resultado\n", "FILE_EMPTY"),
        (b"identificador,identificador,fecha_otorgamiento,resultado\nA,A,2026-01-15,x\n", "COLUMN_DUPLICATE"),
        (b"identificador,fecha_otorgamiento,resultado\n" + b"A" * 1_000_000 + b",2026-01-15,x\n", "FILE_TOO_LONG"),
        ("identificador,fecha_otorgamiento,resultado\nÑ,2026-01-15,x\n".encode("latin-1"), "FILE_NOT_UTF8"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    home: Home, capsys: pytest.CaptureFixture[str], content: bytes, code: str
) -> None:
    before = home.count()
    Path("bad.csv").write_bytes(content)
    capsys.readouterr()
    assert main(home.issue("bad.csv")) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith(f"acredita: bad.csv: {code}: ")
    assert errors.count("\n") == 1
    assert home.count() == before


def test_a_label_is_not_empty(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(home.issue(home.cohort("one.csv", 50_002, 1), "--reissue", " ")) == 2
    assert "a label expected" in capsys.readouterr().err


def test_an_approval_names_first_what_cannot_be_printed(
    accredited_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "node"
    shutil.copytree(accredited_folder, folder)
    config = next(folder.rglob("acredita.toml"))
    _, programme = one_operator.write_documents(tmp_path, one_operator.did_of(config))
    document = json.loads(programme.read_text())
    document["title"]["es"], document["version"] = "Programación 🎓 中文", "9.0.0"
    programme.write_text(json.dumps(document))
    of = ["--profile", one_operator.PROFILE, "--config", str(config)]
    capsys.readouterr()
    assert main(["registry", "approve", *of, "--lang", "es", str(programme)]) == 0
    told = capsys.readouterr().err
    assert "/title/es: 中 (U+4E2D), 文 (U+6587), 🎓 (U+1F393): no se puede imprimir en la insignia ni en el PDF" in told
    document["title"]["es"] = "Programación\u202e"
    programme.write_text(json.dumps(document))
    assert main(["registry", "approve", *of, str(programme)]) == 1
    assert "U+202E is number 13" in capsys.readouterr().err
