"""Mistakes of a clerk's day, each answered in Spanish: the place, the rule, the exit code, and nothing lost.

Every command is the real one on a node with an accredited institution. No answer is a traceback or has an English word.
"""

import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from acredita.cli.main import main
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.node.storage.database import Database
from acredita.node.storage.models import CredentialRow
from sqlalchemy import func, select

from tests.simulators.one_operator import AWARDED, PROFILE, SINGLE
from tests.waiting import wait_for

RUN = [sys.executable, "-c", "from acredita.cli.main import run; run()"]
RUN_AT_A_TERMINAL = [  # a test run in the background hands down that Ctrl-C is ignored
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from acredita.cli.main import run; run()",
]
HEADER = "identificador,fecha_otorgamiento,resultado"
ROW = "A-0001,2026-01-15,Competente"
SCALE = "uno de la escala del programa: Inicial; En desarrollo; Competente; Destacado"
ENGLISH = re.compile(
    r"\b(the|expected|found|cannot|not|file|row|missing|unknown|wrong|must|already|nothing|with|and|expires|until)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def home(accredited_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the node once: no mistake may change it."""
    folder = tmp_path_factory.mktemp("oficina") / "n"
    shutil.copytree(accredited_folder, folder)
    config = folder / "data" / "acredita.toml"
    config.write_text(config.read_text().replace(str(accredited_folder), str(folder)))
    return folder


@pytest.fixture(autouse=True)
def clerk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in the folder as somebody who set nothing, and has pinned no trust file."""
    monkeypatch.chdir(home)
    monkeypatch.setenv("ACREDITA_CONFIG", "data/acredita.toml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.delenv("ACREDITA_LANG")
    before = issued(home)
    yield
    assert not (home / "state").exists(), "an internal error was logged"
    assert issued(home) >= before


def issued(home: Path) -> int:
    database = Database.open(f"sqlite:///{home / 'data' / 'node.db'}")
    try:
        with database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(CredentialRow)).scalar_one())
    finally:
        database.close()


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Return exit code and everything that the command printed."""
    capsys.readouterr()
    code = main(list(arguments))
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "Traceback" not in said
    words = re.sub(r"\S*[/.]\S*|0x\w+|--\S+|[A-Z]+_[A-Z_]+", "", said)  # paths, digests, options, codes
    assert ENGLISH.findall(words) == [], said
    return code, said


def issue_arguments(file: str, *more: str) -> list[str]:
    return ["issue", file, "--profile", PROFILE, "--programme", "programme.json", *more]


def workbook() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


FILES = {
    "another_table": (
        b"nombre,correo,identificador\nAna,a@ut.example,A-1\n",
        "COLUMN_UNKNOWN: columnas desconocidas: nombre, correo; solo se leen identificador, fecha_otorgamiento, resultado, ",
    ),
    "no_header": (
        f"{ROW}\n".encode(),
        "COLUMN_MISSING: se espera una primera línea con las columnas identificador, fecha_otorgamiento, resultado, ",
    ),
    "a_column_left_out": (
        b"identificador,resultado\nA,Competente\n",
        "COLUMN_MISSING: faltan columnas: fecha_otorgamiento",
    ),
    "the_workbook": (
        workbook(),
        "FILE_MALFORMED: es un libro de Excel (.xlsx), no un archivo CSV; en la hoja de cálculo, guárdelo como CSV UTF-8",
    ),
    "the_printed_list": (b"%PDF-1.7\n", "FILE_MALFORMED: es un documento PDF, no un archivo CSV; "),
    "the_photo_of_the_list": (
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        "FILE_MALFORMED: es una imagen (JPEG), no un archivo CSV; ",
    ),
    "plain_csv_of_excel": (
        f"{HEADER}\nPeña-1,2026-01-15,Competente\n".encode("cp1252"),
        "FILE_NOT_UTF8: la línea 2 no está en UTF-8; con --cp1252 se lee lo que Excel guarda como CSV simple, ",
    ),
    "unicode_text_of_excel": (f"{HEADER}\n{ROW}\n".encode("utf-16"), "FILE_NOT_UTF8: está en UTF-16 o no es texto; "),
    "header_alone": (f"{HEADER}\n".encode(), "FILE_EMPTY: se espera al menos una fila bajo el encabezado"),
    "an_open_quote": (
        f'{HEADER}\n"A-1,2026-01-15,Competente\n'.encode(),
        "FILE_MALFORMED: línea 2: se espera cada comilla cerrada",
    ),
}


@pytest.mark.parametrize("mistake", FILES)
def test_a_wrong_file(capsys: pytest.CaptureFixture[str], mistake: str) -> None:
    content, expected = FILES[mistake]
    Path("cohorte.csv").write_bytes(content)
    code, said = answer(capsys, *issue_arguments("cohorte.csv", "--dry-run"))
    assert (code, said.startswith(f"acredita: cohorte.csv: {expected}")) == (2, True), said
    assert said.count("\n") == 1


ROWS = {
    "day_before_month": (
        "A-1,15/01/2026,Competente",
        "fecha_otorgamiento: ROW_DATE_INVALID: se espera una fecha AAAA-MM-DD",
    ),
    "next_year": (
        "A-1,2099-01-15,Competente",
        ", hoy en America/Mexico_City",
    ),
    "an_old_award": (
        "A-1,1999-01-15,Competente",
        "fecha_otorgamiento: ROW_VALIDITY_OVER: se espera una vigencia que no haya",
    ),
    "a_grade_of_ten": ("A-1,2026-01-15,9.5", f"resultado: ROW_RESULT_UNKNOWN: se espera {SCALE}"),
    "a_failing_grade": (
        "A-1,2026-01-15,En desarrollo",
        "resultado: RESULT_NOT_PASSED: se espera al menos Competente, el mínimo del programa",
    ),
    "a_rounded_number": (
        "1.23457E+11,2026-01-15,Competente",
        "ROW_IDENTIFIER_INVALID: se espera un identificador, no un número que",
    ),
    "a_formula_that_failed": (
        "#¡REF!,2026-01-15,Competente",
        "ROW_IDENTIFIER_INVALID: se espera un identificador, no un error de la",
    ),
    "a_pasted_space": (
        "A\u200b1,2026-01-15,Competente",
        "ROW_IDENTIFIER_INVALID: se espera ningún carácter invisible; U+200B es el",
    ),
    "no_identifier": (",2026-01-15,Competente", "identificador: ROW_VALUE_MISSING: se espera un valor"),
    "a_note_beside": (
        "A-1,2026-01-15,Competente,pagó",
        "ROW_MALFORMED: se espera la columna 4, que no tiene nombre, vacía",
    ),
    "twice_in_the_file": (
        f"{ROW}\n{ROW}",
        "fila 3: ROW_DUPLICATE: se espera cada persona y fecha una vez; vea la fila 2",
    ),
}


@pytest.mark.parametrize("mistake", ROWS)
def test_a_wrong_row(capsys: pytest.CaptureFixture[str], mistake: str) -> None:
    rows, expected = ROWS[mistake]
    Path("cohorte.csv").write_text(f"{HEADER}\n{rows}\n", encoding="utf-8")
    code, said = answer(capsys, *issue_arguments("cohorte.csv", "--dry-run"))
    assert (code, expected in said) == (1, True), said
    assert said.startswith("fila ")
    assert "no se expidió nada; de las filas: " in said


def test_the_same_file_twice(capsys: pytest.CaptureFixture[str]) -> None:
    Path("dos.csv").write_bytes(cohort_csv(PLANS[1], 1, 2, AWARDED))
    assert "2 expedidas; en cola" in answer(capsys, *issue_arguments("dos.csv", "--no-anchor"))[1]
    code, said = answer(capsys, *issue_arguments("dos.csv", "--no-anchor"))
    assert (code, "2 ya expedidas; en cola" in said) == (0, True)


def test_delivered_before_it_is_anchored(capsys: pytest.CaptureFixture[str]) -> None:
    Path("tres.csv").write_bytes(cohort_csv(PLANS[1], 11, 1, AWARDED))
    _, said = answer(capsys, *issue_arguments("tres.csv", "--no-anchor"))
    digest = re.findall(r"0x[0-9a-f]{64}", said)[0]
    code, said = answer(capsys, "deliver", digest, "--profile", PROFILE, "--out", "entregas")
    assert (code, "PENDING_ANCHOR: se entrega cuando esté anclada" in said) == (3, True), said


ARGUMENTS = {
    "no_such_file": (issue_arguments("nada.csv"), 2, "nada.csv: no existe el archivo o la carpeta"),
    "a_folder": (issue_arguments("data"), 2, "data: es una carpeta"),
    "another_profile": (
        ["issue", "uno.csv", "--profile", "utl", "--programme", "programme.json"],
        2,
        "la configuración no tiene la institución utl",
    ),
    "another_folder": (
        ["status", "--config", "nodo/acredita.toml"],
        2,
        "nodo/acredita.toml: no existe el archivo o la carpeta",
    ),
    "the_cohort_as_programme": (
        ["issue", "uno.csv", "--profile", PROFILE, "--programme", "uno.csv"],
        2,
        "uno.csv: ",
    ),
    "the_scope_as_programme": (
        ["issue", "uno.csv", "--profile", PROFILE, "--programme", "scope.json"],
        1,
        "scope.json: el programa se rechaza:",
    ),
    "a_programme_that_was_edited": (
        ["issue", "uno.csv", "--profile", PROFILE, "--programme", "editado.json"],
        1,
        "PROGRAMME_NOT_APPROVED_NOW: la versión del programa está desconocida",
    ),
    "a_programme_of_others": (
        ["issue", "uno.csv", "--profile", PROFILE, "--programme", "ajeno.json"],
        1,
        "PROGRAMME_NOT_OF_ISSUER: el programa pertenece a did:web:otra.example",
    ),
    "a_misspelt_option": (issue_arguments("uno.csv", "--salida", "x"), 2, "No existe la opción: --salida"),
    "no_profile": (["issue", "uno.csv", "--programme", "programme.json"], 2, "Falta la opción '--profile'."),
    "the_day_first": (
        ["registry", "accredit", "--profile", PROFILE, "--scope", "scope.json", "--until", "31/12/2027"],
        2,
        "--until 31/12/2027: se espera un día AAAA-MM-DD que exista",
    ),
    "the_cohort_to_verify": (
        ["verify", "uno.csv", "--trust", "data/trust.json"],
        2,
        "uno.csv: NOT_A_CREDENTIAL: En lo recibido no se pudo leer ninguna credencial",
    ),
    "no_trust_file": (["trust", "show"], 1, "no hay archivo de confianza fijado: acredita trust pin ARCHIVO"),
    "a_node_made_twice": (
        ["node", "init", *SINGLE, "--profile", "ut", "--name", "UT", "--passphrase-file", "pass", "--data", "data"],
        2,
        "data: ya existe, y no se escribe encima",
    ),
    "no_credential_named": (
        ["deliver", "--profile", PROFILE, "--out", "x"],
        2,
        "se esperan digests o --all, una de las dos",
    ),
    "revoked_by_name": (
        ["revoke", "Ana", "--profile", PROFILE],
        2,
        "Ana: se espera un digest de 64 cifras hexadecimales o un",
    ),
    "no_such_credential": (
        ["revoke", "ab" * 32, "--profile", PROFILE],
        1,
        "este nodo no tiene esa credencial de la institución",
    ),
    "a_token_that_is_none": (["node", "token", "revoke", "7"], 1, "ningún token de este nodo tiene ese id"),
}


@pytest.mark.parametrize("mistake", ARGUMENTS)
def test_a_wrong_argument(capsys: pytest.CaptureFixture[str], mistake: str) -> None:
    Path("uno.csv").write_text(f"{HEADER}\n{ROW}\n")
    programme = json.loads(Path("programme.json").read_text())
    Path("editado.json").write_text(json.dumps(programme | {"version": "9.9.9"}))
    Path("ajeno.json").write_text(json.dumps(programme | {"issuer": "did:web:otra.example"}))
    arguments, exit_code, expected = ARGUMENTS[mistake]
    code, said = answer(capsys, *arguments)
    assert (code, expected in said) == (exit_code, True), said
    assert said.startswith("acredita: ")


def test_another_passphrase(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pass").write_text("otra")
    try:
        code, said = answer(capsys, "status")
    finally:
        Path("pass").write_text("secreto")
    assert (code, "frase de contraseña equivocada, o el archivo fue alterado" in said) == (2, True), said


def test_a_passphrase_for_everybody(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pass").chmod(0o644)
    try:
        code, said = answer(capsys, "status")
    finally:
        Path("pass").chmod(0o600)
    assert (code, "se espera el modo 0600, se encontró 0644" in said) == (2, True), said


def test_a_misspelt_setting(capsys: pytest.CaptureFixture[str]) -> None:
    config = Path("data/acredita.toml").read_text()
    Path("data/mal.toml").write_text(config.replace("profile =", "perfil =", 1))
    code, said = answer(capsys, "status", "--config", "data/mal.toml")
    assert (code, "perfil: no existe ese ajuste" in said) == (2, True), said
    Path("data/mal.toml").write_text(config.replace('timezone = "America/Mexico_City"', 'timezone = "Mexico"', 1))
    code, said = answer(capsys, "status", "--config", "data/mal.toml")
    assert (code, "institution.timezone: Mexico: se espera una zona horaria como America/Mexico_City" in said) == (
        2,
        True,
    ), said


def test_more_than_may_wait(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = Path("data/acredita.toml").read_text()
    Path("data/poco.toml").write_text(config.replace("[[institution]]", "[[institution]]\nmax_queued = 1", 1))
    Path("muchas.csv").write_bytes(cohort_csv(PLANS[1], 31, 5, AWARDED))
    code, said = answer(capsys, *issue_arguments("muchas.csv", "--no-anchor", "--config", "data/poco.toml"))
    assert code == 1
    assert re.search(
        r"QUOTA_EXCEEDED: \d+ credenciales esperan su anclaje; a lo más pueden 1; lo expedido queda", said
    ), said


def test_a_port_in_use(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        environment = {**os.environ, "ACREDITA_NODE_PORT": str(port)}
        ended = subprocess.run([*RUN, "node", "run"], env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, f"acredita: 127.0.0.1:{port}: la dirección ya está en uso\n")


def test_a_full_disk_under_the_files(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("lleno.csv").write_bytes(cohort_csv(PLANS[1], 21, 1, AWARDED))
    _, said = answer(capsys, *issue_arguments("lleno.csv"))
    [digest] = re.findall(r"0x([0-9a-f]{64})", said)
    partial = Path(f"salida/receipts/{digest}.json.part")
    partial.parent.mkdir(parents=True)
    partial.symlink_to("/dev/full")
    code, said = answer(capsys, *issue_arguments("lleno.csv", "--out", "salida"))
    assert (code, "no queda espacio en el disco; las credenciales están expedidas y guardadas en el nodo" in said) == (
        2,
        True,
    )
    partial.unlink()
    assert answer(capsys, *issue_arguments("lleno.csv", "--out", "salida"))[0] == 0
    assert partial.with_suffix("").is_file()


def test_a_full_disk_under_the_output() -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run([*RUN, "--help"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr.decode()) == (2, "acredita: salida estándar: no queda espacio en el disco\n")


def test_ctrl_c_and_on_again(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("grande.csv").write_bytes(cohort_csv(PLANS[1], 1_001, 400, AWARDED))
    before = issued(home)
    command = [*RUN_AT_A_TERMINAL, *issue_arguments("grande.csv", "--no-anchor", "--processes", "1")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=dict(os.environ)) as process:
        wait_for(lambda: issued(home) > before or process.poll() is not None, "a first stored credential")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 2
    assert errors.decode() == "acredita: interrumpido; lo expedido queda expedido, repita el mismo comando\n"
    cut = issued(home) - before
    assert 0 < cut < 400
    code, said = answer(capsys, *issue_arguments("grande.csv", "--no-anchor"))
    assert (
        code,
        f"{400 - cut} expedidas, {cut} ya expedidas" in said or f"{cut} ya expedidas, {400 - cut} expedidas" in said,
    ) == (0, True)
