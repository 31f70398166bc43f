"""An institution issues after the clock of its development chain was moved ahead: the present is the chain's."""

import json
import shutil
from datetime import datetime
from pathlib import Path

from acredita.cli.main import main

from tests.simulators.one_operator import PROFILE, write_cohort

AHEAD_SECONDS = 72 * 3600


def test_credentials_are_signed_in_the_present_of_the_chain(accredited_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "world"
    shutil.copytree(accredited_folder, folder)
    config = folder / "data" / "acredita.toml"
    text = config.read_text()
    config.write_text(text.replace(str(accredited_folder), str(folder)))
    assert main(["devnet", "advance", "72h", "--chain", str(folder / "data" / "chain")]) == 0
    out, cohort = folder / "out", write_cohort(folder, 2)
    issuing = ["issue", str(cohort), "--profile", PROFILE, "--programme", str(folder / "programme.json")]
    before = datetime.now().timestamp()
    assert main([*issuing, "--out", str(out), "--config", str(config)]) == 0
    credentials = [json.loads(path.read_text()) for path in sorted((out / "credentials").glob("*.json"))]
    assert len(credentials) == 2
    for credential in credentials:
        created = datetime.fromisoformat(credential["proof"]["created"]).timestamp()
        assert created >= before + AHEAD_SECONDS - 60
    trust = ["--trust", str(folder / "data" / "trust.json")]
    assert main(["verify", *map(str, sorted((out / "credentials").glob("*.json"))), *trust]) in (0, 3)
    assert main(["status", "--config", str(config)]) == 0
