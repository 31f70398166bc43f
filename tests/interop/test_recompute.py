"""An independent reader finds every root, checkpoint word and credential digest of a demonstration in the contract."""

import json
import subprocess
from pathlib import Path

import pytest
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.server import serving
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2, OPEN_BADGES_V3, bundled

from tests.left_out import Want, leave_out

pytestmark = pytest.mark.interop

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".oracles" / "venv" / "bin" / "python"


def test_every_word_and_digest_is_found_by_a_reader_that_is_not_ours(tmp_path: Path, demonstration: Path) -> None:
    if not PYTHON.exists():
        leave_out(Want.ORACLES, "the independent reader")
    out = demonstration
    contexts = tmp_path / "contexts.json"  # published contexts, as the reader would have them from anywhere
    contexts.write_text(json.dumps({url: bundled(url) for url in (CREDENTIALS_V2, OPEN_BADGES_V3)}))
    with serving(Rpc(Chain.open(out / "chain", read_only=True))) as address:
        done = subprocess.run(
            [PYTHON, "-I", ROOT / "tests" / "interop" / "recompute.py", out, address, contexts],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    summary = json.loads((out / "summary.json").read_text())
    assert counts["credentials"] == sum(name.startswith("credentials/") for name in summary["files"])
    assert counts["void"] == len(summary["void_checkpoints"]) == 1
    assert counts["entries"] == summary["audit"]["entries"]
    assert counts["checkpoints"] == summary["audit"]["checkpoints"]
