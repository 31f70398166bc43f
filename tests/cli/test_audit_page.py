"""docs/audit.md: its fenced commands are run as one script, and its report is the one that the page shows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.documents import ROOT

PAGE = ROOT / "docs" / "audit.md"
MAX_IMAGE_BYTES = 150 << 10


@pytest.mark.slow
def test_an_auditors_task_as_the_page_tells_it(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": str(tmp_path / "home"),
        "http_proxy": "http://127.0.0.1:1",
    }
    script = "set -eu\n" + "".join(blocks)
    ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    folder = tmp_path / "auditora" / "informe"
    report = json.loads((folder / "report.json").read_text())
    assert report["outcome"] == "agrees"
    assert {path.name for path in folder.iterdir()} == {
        "report.json",
        *(f"report.{lang}.{kind}" for lang in ("es", "en") for kind in ("html", "pdf")),
    }
    own = {"PATH": environment["PATH"], "HOME": environment["HOME"], "XDG_CONFIG_HOME": environment["XDG_CONFIG_HOME"]}
    for finding in report["findings"]:
        shown = subprocess.run(
            ["bash", "-c", finding["command"]], cwd=tmp_path, env=own, capture_output=True, text=True
        )
        assert shown.returncode == 0
        assert finding["code"] in shown.stdout


def test_the_images_of_the_page_are_small() -> None:
    images = re.findall(r"\]\((img/[^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert len(images) == 3
    for image in images:
        assert 0 < (PAGE.parent / image).stat().st_size <= MAX_IMAGE_BYTES, image
