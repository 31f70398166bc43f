"""An audit as a report: what two runs share, who signed it, what its pages say, and that its commands work as they stand."""

import json
import re
import shlex
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.main import main
from acredita.cli.spanish.sentences import said
from acredita.node.audit_report.report_files import report_files
from acredita.registry.audit.report_signature import verify_report
from acredita.registry.keys.scrypt_cost import LEAST_N
from pypdf import PdfReader

NOW = "2030-01-15T18:00:00Z"
PASSPHRASE = "una frase larga para la prueba"


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the auditor's keystore and its passphrase file, and return their folder."""
    folder = tmp_path_factory.mktemp("auditor")
    (folder / "passphrase").write_text(PASSPHRASE)
    (folder / "passphrase").chmod(0o600)
    assert main(["audit", "key", "new", "--out", str(folder / "a.keystore"), *key_options(folder), *CHEAP]) == 0
    return folder


CHEAP = ("--scrypt-n", str(LEAST_N))


def key_options(auditor: Path) -> list[str]:
    return ["--passphrase-file", str(auditor / "passphrase")]


def make_report(auditor: Path, folder: Path, out: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """Write a report of a folder. Return exit code and document."""
    trust = ["--trust", str(folder / "trust.json"), "--now", NOW]
    keystore = ["--keystore", str(auditor / "a.keystore"), *key_options(auditor)]
    code = main(["audit", "report", "--out", str(out), *trust, *keystore, *more])
    return code, json.loads((out / "report.json").read_text())


@pytest.fixture(scope="module")
def clean_report(auditor: Path, demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report of the demonstration, and return its folder."""
    out = tmp_path_factory.mktemp("report") / "r"
    code, _ = make_report(auditor, demonstration, out, "--credentials", str(demonstration / "credentials"))
    assert code == 0
    return out


@pytest.fixture(scope="module")
def damaged(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the demonstration, edit a status list and remove one log."""
    folder = tmp_path_factory.mktemp("damaged") / "d"
    shutil.copytree(demonstration, folder)
    lists = sorted((folder / "status").rglob("*.json"))
    document = json.loads(lists[0].read_text())
    document["issuer"] = "did:web:otra.example"
    lists[0].write_text(json.dumps(document))
    shutil.rmtree(sorted((folder / "log").iterdir())[-1])
    return folder


@pytest.fixture(scope="module")
def damaged_report(auditor: Path, damaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report of the damaged copy, and return its folder."""
    out = tmp_path_factory.mktemp("damaged-report") / "r"
    make_report(auditor, damaged, out)
    return out


def read(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return document


def public_key(report: Path) -> str:
    method: str = read(report)["proof"]["verificationMethod"]
    return method.partition("#")[2]


# --- the document ---


def test_two_runs_over_one_chain_differ_in_the_signature_alone(
    auditor: Path, demonstration: Path, clean_report: Path, tmp_path: Path
) -> None:
    code, again = make_report(
        auditor, demonstration, tmp_path / "r", "--credentials", str(demonstration / "credentials")
    )
    first = read(clean_report)
    differs = {key for key in first | again if first.get(key) != again.get(key)}
    assert code == 0
    assert differs <= {"proof"}
    of_proof = {key for key in first["proof"] if first["proof"][key] != again["proof"][key]}
    assert of_proof <= {"created", "proofValue"}


def test_a_report_covers_block_time_and_sources_and_its_numbers_are_the_replays(
    clean_report: Path, demonstration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = read(clean_report)
    main(["audit", "replay", "--json", "--trust", str(demonstration / "trust.json"), "--now", NOW])
    replayed = json.loads(capsys.readouterr().out)
    shared = {"outcome", "clean", "block", "as_of", "state_hash", "parties", "programmes", "logs"}
    assert {key: document[key] for key in shared} == {key: replayed[key] for key in shared}
    assert (document["now"], document["zone"]) == (NOW, "America/Mexico_City")
    issued = sum(month["issued"] for month in document["months"])
    entries = sum(log["entries"] - 1 for log in document["logs"])
    changes = sum(month[key] for month in document["months"] for key in ("revoked", "replaced", "suspended"))
    assert issued > 0 and changes > 0
    assert issued + changes <= entries
    assert all(month["unread"] == 0 for month in document["months"])
    assert max(month["accredited"] for month in document["months"]) >= 3
    assert sum(each["credentials"] for each in document["latencies"]) > 0


def test_every_key_of_the_report_is_in_the_protocol_page(clean_report: Path, damaged_report: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text()
    section = page.partition("## Audit report: `acredita-audit/1`")[2].partition("\n## ")[0]

    def keys(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {key for item in value.values() for key in keys(item)}
        return {key for item in value for key in keys(item)} if isinstance(value, list) else set()

    used = keys({k: v for k, v in (read(clean_report) | read(damaged_report)).items() if k != "proof"})
    assert {key for key in used if f"`{key}`" not in section} == set()


# --- the signature ---


def test_a_report_is_verified_by_the_auditors_key(clean_report: Path, auditor: Path, tmp_path: Path) -> None:
    file, key = str(clean_report / "report.json"), public_key(clean_report)
    assert main(["audit", "verify-report", file, "--key", key]) == 0
    assert main(["audit", "verify-report", file]) == 3
    main(["audit", "key", "new", "--out", str(tmp_path / "b.keystore"), *key_options(auditor), *CHEAP])
    other = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    assert main(["audit", "verify-report", file, "--key", other]) == 1
    assert main(["audit", "verify-report", file, "--key", "no"]) == 2


ALTERED: dict[str, Callable[[dict[str, Any]], object]] = {
    "another block": lambda document: document.update(block=1),
    "a finding left out": lambda document: document["findings"].pop(),
    "another answer": lambda document: document.update(outcome="differs"),
    "another number of a month": lambda document: document["months"][0].update(issued=7),
    "a key more": lambda document: document.update(more=1),
    "another time of signing": lambda document: document["proof"].update(created="2026-01-01T00:00:00Z"),
    "another purpose": lambda document: document["proof"].update(proofPurpose="authentication"),
    "another key": lambda document: document["proof"].update(
        verificationMethod="did:key:{0}#{0}".format("z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp")
    ),
    "no proof": lambda document: document.pop("proof"),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_report_is_refused(clean_report: Path, tmp_path: Path, name: str) -> None:
    document = read(clean_report)
    ALTERED[name](document)
    file = tmp_path / "report.json"
    file.write_text(json.dumps(document))
    assert main(["audit", "verify-report", str(file), "--key", public_key(clean_report)]) == 1


def test_a_report_is_never_written_over(clean_report: Path, auditor: Path, demonstration: Path) -> None:
    before = (clean_report / "report.json").read_bytes()
    assert make_report(auditor, demonstration, clean_report)[0] == 2
    assert (clean_report / "report.json").read_bytes() == before


def test_nothing_is_written_without_a_ledger(auditor: Path, demonstration: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(demonstration / "trust.json", alone)
    keystore = ["--keystore", str(auditor / "a.keystore"), *key_options(auditor)]
    out = tmp_path / "r"
    assert main(["audit", "report", "--out", str(out), "--trust", str(alone / "trust.json"), *keystore]) == 3
    assert not out.exists()


# --- findings, and their commands ---


def test_the_command_of_each_finding_shows_it(damaged_report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = read(damaged_report)
    assert {finding["weight"] for finding in document["findings"]} == {"unknown", "observation"}
    exits = {"agrees": 0, "differs": 1, "unknown": 3}
    for finding in document["findings"]:
        words = shlex.split(finding["command"])
        capsys.readouterr()
        assert main([*words[1:], "--json"]) == exits[document["outcome"]]
        shown = json.loads(capsys.readouterr().out)
        assert (shown["outcome"], shown["state_hash"]) == (document["outcome"], document["state_hash"])
        own = {key: value for key, value in finding.items() if key != "command"}
        assert own in shown["findings"]
        assert {(each["code"], each["where"]) for each in shown["findings"]} == {(finding["code"], finding["where"])}


def test_findings_come_by_severity_and_a_missing_log_says_where_it_was_looked_for(
    damaged_report: Path, damaged: Path
) -> None:
    document = read(damaged_report)
    weights = [finding["weight"] for finding in document["findings"]]
    assert weights == sorted(weights, key=["divergence", "unknown", "observation"].index)
    missing = [finding for finding in document["findings"] if finding["code"] == "LOG_MISSING"]
    assert missing
    assert all(finding["looked_in"] == [str(damaged / "log")] for finding in missing)
    assert sum(month["unread"] for month in document["months"]) > 0


# --- the pages ---


class Outline(HTMLParser):
    """The tags, texts and addresses of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


WORDS = {
    "es": ("Informe de auditoría", "Contradicción probada", "No se pudo comprobar", "Observación", "Se buscó en"),
    "en": ("Audit report", "Proven contradiction", "Could not be checked", "Observation", "Looked in"),
}


@pytest.mark.parametrize("lang", WORDS)
def test_a_page_is_one_file_in_words_of_an_accountant_with_every_command(damaged_report: Path, lang: str) -> None:
    page = (damaged_report / f"report.{lang}.html").read_text()
    outline, document = Outline(page), read(damaged_report)
    assert all(word in outline.text for word in WORDS[lang])
    assert all(finding["command"] in outline.text for finding in document["findings"])
    assert str(document["block"]) in outline.text and document["block_hash"] in outline.text
    assert ("html", {"lang": lang}) in outline.tags
    loaded = [attrs[name] for _, attrs in outline.tags for name in ("src", "href") if attrs.get(name)]
    assert loaded == ["data:,"]
    assert "script" not in {tag for tag, _ in outline.tags}


@pytest.mark.parametrize("lang", WORDS)
def test_every_chart_has_a_title_a_text_and_a_table_of_its_numbers(clean_report: Path, lang: str) -> None:
    outline = Outline((clean_report / f"report.{lang}.html").read_text())
    tags = [tag for tag, _ in outline.tags]
    ids = {attrs["id"] for _, attrs in outline.tags if "id" in attrs}
    charts = [attrs for tag, attrs in outline.tags if tag == "svg"]
    assert len(charts) == 3  # no node's index was given
    for chart in charts:
        assert chart["role"] == "img"
        assert set(str(chart["aria-labelledby"]).split()) <= ids
    assert tags.count("figure") == len(charts)
    assert tags.count("table") >= len(charts) + 2
    assert all(attrs.get("scope") for tag, attrs in outline.tags if tag == "th")


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_colour_of_text_has_the_contrast_of_wcag_aa(clean_report: Path) -> None:
    page = (clean_report / "report.es.html").read_text()
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", page))
    for name in ("ink", "soft", "accent", "green", "amber", "red", "violet"):
        for ground in ("paper", "ground"):
            assert _contrast(colours[name], colours[ground]) >= 4.5, (name, ground)


@pytest.mark.parametrize("lang", WORDS)
def test_a_pdf_says_the_same_and_carries_the_signed_report(damaged_report: Path, lang: str) -> None:
    content = (damaged_report / f"report.{lang}.pdf").read_bytes()
    reader = PdfReader(BytesIO(content))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert all(word in text for word in WORDS[lang])
    assert reader.attachments["report.json"][0] == (damaged_report / "report.json").read_bytes()


def test_what_a_document_says_is_escaped(damaged_report: Path) -> None:
    """Render a report whose texts are markup: none of them is markup on the page."""

    document = read(damaged_report)
    signature = verify_report(document)
    hostile = "<script>alert(1)</script>#set page()"
    for finding in document["findings"]:
        finding |= {"where": hostile, "detail": hostile, "command": hostile}
        finding["evidence"] = [{"name": hostile, "value": hostile}]
    document["sources"] = document["refused"] = [hostile]
    files = dict(report_files(document, signature, said, is_demo=True))
    for lang in WORDS:
        outline = Outline(files[f"report.{lang}.html"].decode())
        assert "script" not in {tag for tag, _ in outline.tags}
        assert hostile in outline.text
        assert files[f"report.{lang}.pdf"].startswith(b"%PDF")
