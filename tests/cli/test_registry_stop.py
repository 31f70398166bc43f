"""`issue` and `status` where the registry stops an institution, and where the ledger does not answer."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from acredita.node.administration.single_operator import Operator
from acredita.node.config import load
from acredita.node.publication.trust_folder import read_trust
from acredita.node.runtime.open_node import open_node
from acredita.registry.keys.keystore import Keystore

from tests.simulators import one_operator
from tests.simulators.one_operator import PROFILE

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def config(accredited_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(accredited_folder, tmp_path / "node")) / "data" / "acredita.toml"


def answered(capsys: pytest.CaptureFixture[str], config: Path, *arguments: str) -> tuple[int, Any, str]:
    return one_operator.run(capsys, config, *arguments)


def issuing(config: Path, count: int) -> list[str]:
    folder = config.parent.parent
    cohort = one_operator.write_cohort(folder, count)
    return ["issue", str(cohort), "--profile", PROFILE, "--programme", str(folder / "programme.json")]


def test_status_names_the_record_of_a_suspension_until_it_is_lifted(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, [row], _ = answered(capsys, config, "status", "--json")
    assert (code, row["registry"]["state"], row["registry"]["code"]) == (0, "active", None)
    assert answered(capsys, config, "registry", "suspend", "--profile", PROFILE, "--reason", "revisión")[0] == 0
    code, [row], _ = answered(capsys, config, "status", "--json")
    registry = row["registry"]
    assert (code, registry["code"], registry["by_council"]) == (1, "ISSUER_SUSPENDED_NOW", True)
    code, _, text = answered(capsys, config, "status", "--lang", "es")
    sentence = f"ut: ISSUER_SUSPENDED_NOW: la institución está suspendida según el registro de {registry['since']}"
    assert (code, sentence in text) == (1, True), text
    assert f"hecho por el consejo {registry['by']}, acto {registry['act']}" in text
    code, _, text = answered(capsys, config, *issuing(config, 2), "--lang", "es")
    assert (code, "ISSUER_NOT_ACTIVE: la institución está suspendida" in text, registry["act"] in text) == (
        1,
        True,
        True,
    )
    assert answered(capsys, config, "registry", "reinstate", "--profile", PROFILE, "--reason", "fin")[0] == 0
    assert answered(capsys, config, "status")[0] == 0


def test_without_a_ledger_credentials_wait_and_nothing_is_claimed(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = config.read_text(encoding="utf-8")
    elsewhere = f"[ledger]\nrpc = '{NOBODY}'\ndepth = 0\n"
    without = "".join(part for part in re.split(r"(?m)^(?=\[)", settings) if not part.startswith("[ledger]"))
    config.write_text(f"{without}\n{elsewhere}", encoding="utf-8")
    code, answer, text = answered(capsys, config, *issuing(config, 8), "--json")
    assert answer is not None, text
    assert (code, answer["counts"]) == (3, {"issued": 8}), text
    code, [row], _ = answered(capsys, config, "status", "--json")
    assert (code, row["registry"]["code"], row["waiting_issued"]) == (3, "LEDGER_UNREACHABLE", 8)
    config.write_text(settings, encoding="utf-8")
    code, answer, _ = answered(capsys, config, *issuing(config, 8), "--json")
    assert (code, answer["counts"], answer["without_receipt"]) == (0, {"known": 8}, 0)
    assert answered(capsys, config, "status")[0] == 0


def test_an_institution_that_the_registry_does_not_know_may_not_issue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = one_operator.make_node(tmp_path)
    one_operator.write_documents(tmp_path, one_operator.did_of(config))
    code, [row], _ = answered(capsys, config, "status", "--json")
    assert (code, row["registry"]["code"]) == (1, "ISSUER_UNKNOWN")
    code, _, text = answered(capsys, config, *issuing(config, 2), "--dry-run", "--lang", "en")
    assert (code, "ISSUER_UNKNOWN" in text) == (1, True), text
    code, _, text = answered(
        capsys, config, "keys", "rotate", "--profile", PROFILE, "--purpose", "note", "--lang", "es"
    )
    assert (code, "ISSUER_UNKNOWN: el registro no conoce a la institución" in text) == (1, True), text


def test_a_change_of_status_that_the_ledger_could_not_anchor_ends_with_3(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer, _ = answered(capsys, config, *issuing(config, 2), "--json")
    digest, other = (row["digest"] for row in answer["rows"])
    settings = config.read_text(encoding="utf-8")
    elsewhere = f"[ledger]\nrpc = '{NOBODY}'\ndepth = 0\n"
    without = "".join(part for part in re.split(r"(?m)^(?=\[)", settings) if not part.startswith("[ledger]"))
    config.write_text(f"{without}\n{elsewhere}", encoding="utf-8")
    for command, word in (("suspend", "suspended"), ("reinstate", "reinstated"), ("revoke", "revoked")):
        code, answer, text = answered(capsys, config, command, digest, "--profile", PROFILE, "--json")
        assert (code, answer[word], answer["changed"]) == (3, digest, True), text
        assert answer["anchoring"].startswith("queued: ")
    correction = [
        "correct",
        other,
        "--programme",
        str(config.parent.parent / "programme.json"),
        "--result",
        "Destacado",
    ]
    code, answer, text = answered(capsys, config, *correction, "--profile", PROFILE, "--json")
    assert (code, answer["anchoring"].startswith("queued: ")) == (3, True), text
    assert answered(capsys, config, "revoke", digest, "--profile", PROFILE, "--no-anchor")[0] == 0
    config.write_text(settings, encoding="utf-8")
    code, answer, text = answered(capsys, config, "revoke", digest, "--profile", PROFILE, "--json")
    assert (code, answer["changed"], answer["anchoring"].startswith("anchored in ")) == (0, False, True), text


def test_an_outdated_trust_file_is_said_by_issue_and_status(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_node(load(config, {}), {}) as node:
        keystore = Keystore.open(config.parent / "authority.keystore", (config.parent.parent / "pass").read_bytes())
        trust = read_trust(config.parent / "trust.json")
        newer = replace(trust, number=trust.number + 1)
        Operator(node.ledger, keystore, config.parent, node.clock).record_trust(trust.contracts, newer)
    code, _, text = answered(capsys, config, *issuing(config, 2), "--lang", "es")
    assert (code, f"TRUST_OUTDATED: el consejo registró el archivo de confianza {newer.number}" in text) == (3, True), (
        text
    )
    code, _, text = answered(capsys, config, "status", "--lang", "es")
    assert (code, "acredita node join --trust URL" in text) == (3, True), text
    assert answered(capsys, config, "registry", "suspend", "--profile", PROFILE, "--reason", "revisión")[0] == 0
    code, _, text = answered(capsys, config, *issuing(config, 2))
    assert (code, "ISSUER_NOT_ACTIVE" in text) == (1, True), text
