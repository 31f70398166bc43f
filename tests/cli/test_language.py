"""Spanish and English: every command has `--lang`, its help is in both, and no sentence of the field is left in one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.lazy_commands import COMMANDS, loaded
from acredita.cli.main import main
from acredita.cli.reader_language import language_of
from acredita.cli.spanish.act_texts import ACT_TEXTS
from acredita.cli.spanish.cohort_texts import COHORT_TEXTS
from acredita.cli.spanish.error_texts import ERROR_TEXTS
from acredita.cli.spanish.founding_texts import FOUNDING_TEXTS
from acredita.cli.spanish.help_texts import HEADINGS, spanish_help
from acredita.cli.spanish.library_texts import LIBRARY_TEXTS
from acredita.cli.spanish.node_texts import NODE_TEXTS
from acredita.cli.spanish.proof_texts import PROOF_TEXTS
from acredita.cli.spanish.sentences import in_spanish
from acredita.node.verification.language import Language

ROOT = Path(__file__).resolve().parents[2]
# What a person at a keyboard meets first: arguments, the configuration, keys, the cohort file, the approval.
SOURCES = (
    "anchoring/ledger.py",
    "anchoring/nonce.py",
    "anchoring/quorum.py",
    "anchoring/sender.py",
    "anchoring/transaction.py",
    "anchoring/account_sender.py",
    "anchoring/call_signer.py",
    "anchoring/raw_transaction.py",
    "cli",
    "node/config.py",
    "node/issuance",
    "node/ledger/endpoints.py",
    "node/mirroring",
    "node/outbound/named_put.py",
    "node/ledger/naming.py",
    "node/publication/document_exchange.py",
    "node/publication/document_store.py",
    "node/publication/proposal_store.py",
    "node/publication/withheld_store.py",
    "node/runtime",
    "node/administration",
    "node/custody",
    "node/delivery",
    "node/recovery",
    "node/storage/database.py",
    "node/storage/database_url.py",
    "node/storage/errors.py",
    "node/storage/postgresql.py",
    "node/verification",
    "node/write_path",
    "registry/acts",
    "registry/evidence/proven_answer.py",
    "registry/evidence/proven_state.py",
    "registry/evidence/registry_proof.py",
    "registry/evidence/vouched_block.py",
    "registry/keys",
    "registry/ledger_facts/named_documents.py",
    "registry/ledger_facts/withheld_list.py",
    "registry/ledger_facts/observed_block.py",
    "registry/ledger_facts/whole_records.py",
    "registry/programmes",
    "registry/credentials/cohort_columns.py",
    "registry/credentials/cohort_file.py",
    "registry/credentials/cohort_rows.py",
    "registry/credentials/file_kind.py",
    "registry/credentials/identifier.py",
)
TABLE = {**ACT_TEXTS, **COHORT_TEXTS, **ERROR_TEXTS, **FOUNDING_TEXTS, **NODE_TEXTS, **PROOF_TEXTS, **LIBRARY_TEXTS}
SAYING = {
    "ReadOnlyStorageUnavailable",
    "UnsafeStorageUnavailable",
    "Missing",
    "AnchoringSummary",
    "RowRefused",
    "_refused",
}


def all_commands(language: Language) -> Iterator[tuple[list[str], Any]]:
    pending = [([name], loaded(name, language)) for name in COMMANDS]
    while pending:
        words, command = pending.pop(0)
        yield words, command
        pending += [([*words, name], child) for name, child in getattr(command, "commands", {}).items()]


def texts_of(command: Any) -> list[str]:
    return [command.help or "", *(param.help or "" for param in command.params if param.name != "help")]


def test_every_command_has_the_option_and_both_helps() -> None:
    english = {tuple(words): command for words, command in all_commands(Language.EN)}
    for words, command in all_commands(Language.ES):
        assert [param for param in command.params if "--lang" in param.opts], words
        pairs = zip(texts_of(english[tuple(words)]), texts_of(command), strict=True)
        assert [en for en, es in pairs if es == en] == [], words
    assert [text for _, text in COMMANDS.values() if spanish_help(text) == text] == []


def test_no_help_has_words_that_its_box_leaves_out() -> None:
    """Find `[word]`, which the library takes as a style and does not print."""
    commands = [*all_commands(Language.EN), *all_commands(Language.ES)]
    assert [words for words, command in commands for text in texts_of(command) if re.search(r"\[[a-z]+\]", text)] == []


@pytest.mark.parametrize("words", [[], ["issue"], ["node", "token"], ["node", "token", "new"]])
def test_a_help_is_in_one_language(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    for language, own, other in (("es", "Opciones", "Options"), ("en", "Options", "Opciones")):
        assert main([*words, "--help", "--lang", language]) == 0
        shown = capsys.readouterr().out
        assert (own in shown, other in shown) == (True, False)
        assert ("Uso: " in shown, "Usage: " in shown) == (language == "es", language == "en")
        assert ("Muestra esta ayuda" in shown) is (language == "es")
    assert set(HEADINGS) <= set(dir(__import__("typer.rich_utils").rich_utils))


@pytest.mark.parametrize(
    ("arguments", "variable", "language"),
    [
        (["status"], None, Language.ES),
        (["status"], "en", Language.EN),
        (["status", "--lang", "es"], "en", Language.ES),
        (["--lang", "en", "status"], None, Language.EN),
        (["verify", "--lang=en", "x"], None, Language.EN),
        (["verify", "--", "--lang", "en"], None, Language.ES),
        (["status", "--lang"], "en", Language.EN),
        (["status"], "fr", Language.ES),
    ],
)
def test_the_language_of_a_command_line(arguments: list[str], variable: str | None, language: Language) -> None:
    assert language_of(arguments, {} if variable is None else {"ACREDITA_LANG": variable}) is language


@pytest.mark.parametrize(
    ("arguments", "spanish"),
    [
        (["verify", "--xyz"], "No existe la opción: --xyz"),
        (["verifi"], "No existe el comando 'verifi'. ¿Quiso decir 'verify'?"),
        (["verify"], "Falta el argumento 'files'."),
        (["demo", "--out", "x", "--learners", "muchas"], "Valor no válido de '--learners': se espera un número entero"),
        (["verify", "nada.json"], "nada.json: no existe el archivo o la carpeta"),
        (["status", "--config", "nada.toml"], "nada.toml: no existe el archivo o la carpeta"),
        (["deliver", "--profile", "ut"], "se esperan digests o --all, una de las dos cosas"),
        (["verify", "x", "--at", "ayer"], "--at ayer: se espera un momento RFC 3339 como 2026-05-01T12:00:00Z"),
    ],
)
def test_a_usage_error_is_one_spanish_sentence(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    spanish: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*arguments, "--lang", "es"]) == 2
    assert capsys.readouterr().err == f"acredita: {spanish}\n"


def test_every_sentence_of_the_field_has_a_spanish_form() -> None:
    assert [text for text in sentences() if not is_said(text)] == []


def test_a_sentence_without_a_spanish_form_is_found() -> None:
    for planted in (
        "{path}: a unicorn of {size} hands wanted",
        "a unicorn wanted: at least one row expected",
        "{path}: at least one row expected; but a unicorn came",
        "queued: a unicorn wanted",
    ):
        [text] = messages(ast.parse(f'raise ArgumentRefused(f"{planted}")'))
        assert not is_said(text), text


def test_the_forms_take_the_parts_of_their_texts() -> None:
    for text, form in TABLE.items():
        places = {int(place) for place in re.findall(r"\{(\d)\}", form)}
        assert places <= set(range(text.count("{}"))), text
        assert form.format(*"abcdefgh"[: text.count("{}")])


def test_parts_are_translated_and_names_stay() -> None:
    english = "b;c: d.csv: FILE_EMPTY: at least one row expected"
    assert in_spanish(english) == "b;c: d.csv: FILE_EMPTY: se espera al menos una fila"
    assert in_spanish("x.json: JSON_MALFORMED: odd") == "x.json: JSON_MALFORMED: El archivo no es JSON (odd)"
    assert in_spanish("queued: nobody says this") == "en cola: nobody says this"


@pytest.mark.parametrize(
    "text",
    [
        "an SVG in UTF-8 expected: line 3",
        "an SVG whose document type declares nothing expected",
        "at most 4194304 bytes of image, found 5000000",
        "a text chunk in the form of PNG 11.3.3.4 expected",
        "a credential as attribute or as text expected, found both",
        "entries stored or deflated expected, found one with a password",
        "entries stored or deflated expected, found one packed by LZMA",
        "at most 4194304 bytes of a stream unpacked",
        "a verifiable credential or presentation expected",
        "JSON_MALFORMED at (document): Expecting value: line 1 column 1 (char 0)",
        "a date not after 2026-03-01, today in UTC expected",
        "JSON_MALFORMED at (document): Extra data: line 1 column 3 (char 2)",
        "JSON_MALFORMED at (document): Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
    ],
)
def test_no_part_of_a_fault_of_a_file_stays_english(text: str) -> None:
    left = re.findall(r"\b(an|at|of|the|in|or|both|one|with|expected|expecting|found|line|stored)\b", in_spanish(text))
    assert left == []


def test_a_place_before_a_sentence_leaves_its_form_as_it_is() -> None:
    differing = [
        text for text, form in TABLE.items() if "{}" not in text and in_spanish(f"/a/b: {text}") != f"/a/b: {form}"
    ]
    assert differing == []


def printed_facts() -> Iterator[str]:
    """Yield a line for each set of facts that a command prints by name, as `facts_line` writes it."""
    for file in sorted((ROOT / "cli" / "bodies").glob("*.py")):
        for call in ast.walk(ast.parse(file.read_text())):
            name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
            if name in ("_tell", "_say", "facts_line") and isinstance(facts := call.args[0], ast.Dict):
                keys = [key.value for key in facts.keys if isinstance(key, ast.Constant)]
                yield "; ".join(f"{key}: 0" for key in keys)


def test_the_names_of_printed_facts_are_spanish() -> None:
    lines = list(printed_facts())
    assert len(lines) >= 5
    assert [line for line in lines if in_spanish(line) == line and line != "sha256: 0"] == []


def is_said(text: str) -> bool:
    """Return whether no part of a sentence stays English: each part of words has a form, alone or with its neighbours."""
    spanish = in_spanish(filled(text))
    parts = re.split(r"\n  |; |: ", filled(text))
    return text in TABLE or not any(part in spanish for part in parts if re.search(r"[a-z]{2,} [a-z]{2,}", part))


def filled(text: str) -> str:
    """Return a sentence of a text: `7` in each place."""
    return text.replace("{}", "7")


def sentences() -> list[str]:
    paths = [
        path
        for source in SOURCES
        for path in ([ROOT / source] if source.endswith(".py") else (ROOT / source).rglob("*.py"))
    ]
    found = [text for path in paths for text in messages(ast.parse(path.read_text(encoding="utf-8")))]
    assert len(found) > 100
    return found


def messages(tree: ast.AST) -> Iterator[str]:
    """Yield the words of what is raised, or handed to something that reports; texts without words say nothing."""
    for node in ast.walk(tree):
        call = node.exc if isinstance(node, ast.Raise) else node
        if not isinstance(call, ast.Call) or (call is node and getattr(call.func, "id", "") not in SAYING):
            continue
        if getattr(call.func, "id", "") in ("RuntimeError", "ValueError", "AssertionError"):
            continue  # a fault of ours: one sentence names a log
        for argument in call.args:
            text = template(argument)
            if text is not None and re.search(r"[a-z]{3,} ", text.replace("{}", "")):
                yield text


def template(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("/x: minLength: 1", "/x: al menos un carácter"),
        ("/x: minLength: 2", "/x: al menos 2 caracteres"),
        ("/x: minItems: 1", "/x: al menos un elemento"),
        ("anchored in 1 checkpoint, at T", "ancladas en 1 anclaje, a las T"),
        ("anchored in 2 checkpoints, the last at T", "ancladas en 2 anclajes, el último a las T"),
    ],
)
def test_one_is_said_in_the_singular(english: str, spanish: str) -> None:
    assert in_spanish(english) == spanish
