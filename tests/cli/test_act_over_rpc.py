"""Acts and time over JSON-RPC: a council member at a served chain, a clock moved there, endpoints that are none of these."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acredita.cli.main import main
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc

from tests.simulators.endpoint import endpoint
from tests.simulators.several_hands import ISSUER_DID, SeveralHands, found


@contextmanager
def served(hands: SeveralHands, without: tuple[str, ...] = ()) -> Iterator[str]:
    """Serve the chain of several hands; methods of these families are not found."""
    with Chain.open(hands.chain) as chain:
        rpc = Rpc(chain)

        def one(request: dict[str, Any]) -> Any:
            if request["method"].startswith(without):
                refusal = {"code": -32601, "message": "Method not found"}
                return {"jsonrpc": "2.0", "id": request["id"], "error": refusal}
            return rpc.handle(request)

        def answer(request: Any) -> tuple[int, bytes]:
            answers = [one(each) for each in request] if isinstance(request, list) else one(request)
            return 200, json.dumps(answers).encode()

        with endpoint(answer) as url:
            yield url


def test_a_member_acts_and_time_passes_over_rpc(tmp_path: Path) -> None:
    hands = found(tmp_path / "world")
    act, out = hands.act_file("ana", "acto"), hands.base / "ana" / "p.json"
    proposing = ["council", "propose", "record-trust", "--trust-file", hands.trust, "--act", act, "--title", "Acto"]
    with served(hands) as url:
        code, text = hands.run(*proposing, "--out", out, *hands.by("ana"), "--rpc", url)
        assert code == 0, text
        assert main(["devnet", "advance", "31d", "--rpc", url]) == 0
        listed = hands.ask("council", "list", "--all", "--rpc", url)["proposals"]
        assert [each["state"] for each in listed] == ["expired"]
        approving = ["council", "approve", 1, "--proposal", out, "--act", act, *hands.by("beto"), "--rpc", url]
        code, text = hands.run(*approving, lang="es")
        assert (code, "PROPOSAL_EXPIRED: la propuesta tiene más de 30 días" in text) == (1, True), text
        consent = hands.base / "nadie" / "consent.json"
        consenting = ["account", "consent", *hands.by("nadie")[:-1], "--did", ISSUER_DID, "--purpose", "control"]
        assert hands.run(*consenting, "--out", consent, "--rpc", url)[0] == 0
        head = hands.ask("account", "show", hands.address("ana"), "--rpc", url)
        assert head["transactions"] == 1
    with Chain.open(hands.chain, read_only=True) as chain:
        deadline = json.loads(consent.read_text())["deadline"]
        assert 29 * 86_400 < deadline - chain.head.timestamp <= 30 * 86_400  # counted from the later present


def test_an_endpoint_that_is_no_development_chain_lets_no_time_pass(tmp_path: Path) -> None:
    hands = found(tmp_path / "world")
    head = hands.head()
    with served(hands, without=("evm_",)) as url:
        assert main(["devnet", "advance", "72h", "--rpc", url]) == 1
    assert main(["devnet", "advance", "72h", "--rpc", "http://127.0.0.1:9"]) == 3
    for words in (
        ["soon"],
        ["1h", "--rpc", "http://127.0.0.1:9", "--chain", str(hands.chain)],
        ["1h", "--chain", "none"],
    ):
        assert main(["devnet", "advance", *words]) == 2
    assert hands.head() == head


def test_an_endpoint_that_cannot_tell_ends_with_3(tmp_path: Path) -> None:
    hands = found(tmp_path / "world")
    act, out = hands.act_file("ana", "acto"), hands.base / "ana" / "p.json"
    proposing = ["council", "propose", "record-trust", "--trust-file", hands.trust, "--act", act, "--title", "Acto"]
    with served(hands, without=("eth_getTransactionCount",)) as url:
        code, text = hands.run(*proposing, "--out", out, *hands.by("ana"), "--rpc", url)
    assert (code, out.exists()) == (3, False), text
    assert hands.run("council", "list", "--rpc", "http://127.0.0.1:9")[0] == 3
