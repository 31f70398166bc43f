"""`programme new|validate` and `scope new|validate`: templates with comments, every fault with its place, whole examples."""

import contextlib
import io
import json
from pathlib import Path

import pytest
from acredita.cli.main import main
from acredita.registry.json_documents.toml_form import read_toml
from acredita.registry.programmes import elm
from acredita.registry.programmes.document_templates import PROGRAMME, template_of
from acredita.registry.programmes.programme import ProgrammeRefused, parse_programme

from tests.house.documents import ROOT

EXAMPLES = ROOT / "docs" / "examples"
DID = "did:web:ut.example"


def run(*words: object, lang: str = "en") -> tuple[int, str]:
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = main([*map(str, words), "--lang", lang])
    return code, output.getvalue()


@pytest.mark.parametrize("kind", ["programme", "scope"])
@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_template_as_it_stands_is_refused_with_each_place(tmp_path: Path, kind: str, lang: str) -> None:
    file = tmp_path / "nuevo.toml"
    assert run(kind, "new", file, "--did", DID, lang=lang)[0] == 0
    code, text = run(kind, "validate", file, lang=lang)
    assert code == 1
    for place in ["/title/es", "/workload/hours", "/validity", "/level/mx"] if kind == "programme" else ["/levels"]:
        assert f"\n  {place}" in text
    if lang == "es":  # each fault is translated by itself
        assert ": minimum:" not in text and ": pattern:" not in text and "caracteres caracteres" not in text
    assert "/issuer" not in text and "/did" not in text
    assert run(kind, "new", file, lang=lang)[0] == 2  # not written over


@pytest.mark.parametrize("kind", ["programme", "scope"])
def test_the_examples_of_the_documentation_are_whole(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "documento.json"
    code, text = run(kind, "validate", EXAMPLES / f"{kind}.toml", "--out", out)
    assert code == 0, text
    assert run(kind, "validate", out)[1].split("sha256: ")[1] == text.split("sha256: ")[1].split(";")[0] + "\n"
    assert "format" in json.loads(out.read_text())


def test_the_example_programme_is_in_the_example_scope() -> None:
    words = ["programme", "validate", EXAMPLES / "programme.toml", "--scope", EXAMPLES / "scope.toml"]
    assert run(*words)[0] == 0


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_template_names_every_term_of_the_tables(lang: str) -> None:
    text = template_of(PROGRAMME, lang, None)
    for table in (elm.ASSESSMENT, elm.PARTICIPATION, elm.QUALITY_ASSURANCE):
        for name, uri in table.items():
            assert (uri in text) == (name != "attendance")
    with pytest.raises(ProgrammeRefused) as caught:
        parse_programme(read_toml(text.encode()))
    assert "/issuer" in {fault.pointer for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a = 2026-01-01", "a date is a text in quotes"),
        ("a = nan", "finite numbers"),
        ("a = 1\na = 2", "TOML expected"),
        ("a = ]", "line 1, column 5: TOML expected"),
        ("a =", "end of document: TOML expected"),
    ],
)
def test_what_has_no_json_form_is_refused_with_its_place(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "malo.toml"
    file.write_text(content)
    code, text = run("programme", "validate", file, "--out", tmp_path / "no.json")
    assert (code, said in text, (tmp_path / "no.json").exists()) == (2, True, False)


READERS_OF_JSON = [
    ["issue", "cohorte.csv", "--profile", "ut", "--programme"],
    ["correct", "0x" + "11" * 32, "--profile", "ut", "--result", "Competente", "--programme"],
]


@pytest.mark.parametrize("words", READERS_OF_JSON, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("lang", "rule"), [("es", "se espera JSON y es TOML"), ("en", "JSON expected, found TOML")], ids=["es", "en"]
)
def test_toml_in_the_place_of_json_names_the_command_that_makes_it(
    tmp_path: Path, words: list[str], lang: str, rule: str
) -> None:
    path = tmp_path / "programa.toml"
    path.write_text('title = "Programa"\n')
    code, text = run(*words, path, lang=lang)
    assert (code, rule in text) == (2, True), text
    assert f"acredita programme validate {path} --out {path.with_suffix('.json')}" in text
