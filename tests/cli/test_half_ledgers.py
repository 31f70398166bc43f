"""The demonstration's credentials over ledgers that are half there: the honest verdict, or "could not tell"."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest
from acredita.anchoring.ledger import Ledger
from acredita.anchoring.receipts import Receipt, parse_receipt, time_text
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.cli.main import main
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.ledger.view import NodeObserver
from acredita.node.publication.did_documents import LedgerFolder
from acredita.node.publication.trust_folder import TrustFolder, read_json_file, read_trust
from acredita.node.verification import files
from acredita.node.verification.verifier import Verifier
from acredita.registry.evidence.credential import CheckedCredential
from acredita.registry.evidence.proven_ledger import ProvenLedger
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observed_block import newest_block
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trusted_chain import development_chain
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import Verdict, VerificationReport

from tests.simulators.half_endpoint import Answers, HalfProvider, drawn_ledger
from tests.simulators.qbft_lies import drawn_lies

SEEDS, SLOW_SEEDS = 200, 2_000
RECOGNISED = 3  # recognised credentials of the demonstration; its cases are asked about one and all


@dataclass
class DemonstrationQuestions:
    """The demonstration's credentials, each read once, and its public folder."""

    trust: Trust
    folder: TrustFolder
    rpc: Rpc
    credentials: dict[str, tuple[CheckedCredential, Receipt | None]]
    moment: Moment

    def answers(self, observer: NodeObserver | Missing) -> dict[str, VerificationReport]:
        verifier = Verifier(self.trust, observer, LedgerFolder(self.folder, observer))
        return {
            name: verifier.verify(credential, receipt, self.moment)
            for name, (credential, receipt) in self.credentials.items()
        }

    def honest(self, time: int | None) -> dict[str, Verdict]:
        """Return the honest verdicts as of the block of this time; None: without a ledger."""
        observer: NodeObserver | Missing = Missing("LEDGER_UNREACHABLE")
        if time is not None:
            block = newest_block(self.ledger, self.ledger.head(), time)
            assert block is not None
            assert block.time == time
            observer = NodeObserver(self.ledger, self.trust.contracts, block, self.folder.entries_of)
        return {name: report.verdict for name, report in self.answers(observer).items()}

    @property
    def ledger(self) -> Ledger:
        return RpcLedger(EmbeddedProvider(self.rpc))

    def asked(self, ledger: Ledger) -> dict[str, VerificationReport]:
        return self.answers(files.observe(self.trust, self.folder.entries_of, ledger, self.moment))


@pytest.fixture(scope="module")
def demonstration_questions(demonstration: Path) -> Iterator[DemonstrationQuestions]:
    trust, folder = read_trust(demonstration / "trust.json"), TrustFolder(demonstration)
    paths = sorted((demonstration / "cases").glob("*.json"))
    paths += sorted((demonstration / "credentials").glob("*.json"))[:RECOGNISED]
    with Chain.open(demonstration / "chain", read_only=True) as chain:
        rpc = Rpc(chain)
        ledger = RpcLedger(EmbeddedProvider(rpc))
        head, genesis = ledger.head(), ledger.block(0)
        assert genesis is not None
        trust = replace(
            trust, chain=development_chain({0: genesis.hash})
        )  # an endpoint may lag, and its answer is as of its block
        credentials = {path.name: (_read(path, trust, folder), _receipt(path)) for path in paths}
        yield DemonstrationQuestions(trust, folder, rpc, credentials, Moment(head.time + 1))


def _read(path: Path, trust: Trust, folder: TrustFolder) -> CheckedCredential:
    missing = Missing("LEDGER_MISSING")
    return Verifier(trust, missing, LedgerFolder(folder, missing)).read(path.read_bytes())


def _receipt(path: Path) -> Receipt | None:
    receipt = path.parent.parent / "receipts" / path.name
    return parse_receipt(read_json_file(receipt)) if receipt.is_file() else None


def check_seeds(questions: DemonstrationQuestions, seeds: range, *, by_proof: bool = False) -> int:
    """Ask about every credential of each seed's ledger. Return the number of answers that are not "could not tell"."""
    answers, answered = Answers(questions.rpc), 0

    def drawn(seed: int) -> Ledger:
        if not by_proof:
            return drawn_ledger(seed, answers)
        lying = RpcLedger(HalfProvider(answers, drawn_lies(Random(seed), None)))
        return ProvenLedger(lying, questions.trust)

    honest: dict[int | None, dict[str, Verdict]] = {}
    for seed in seeds:
        for name, report in questions.asked(drawn(seed)).items():
            if report.as_of not in honest:
                honest[report.as_of] = questions.honest(report.as_of)
            assert report.verdict in {Verdict.INDETERMINATE, honest[report.as_of][name]}, (
                f"seed {seed} {name}: {report}"
            )
            answered += report.verdict is not Verdict.INDETERMINATE
    return answered


def test_the_demonstration_over_half_ledgers(demonstration_questions: DemonstrationQuestions) -> None:
    assert check_seeds(demonstration_questions, range(SEEDS))


@pytest.mark.slow
def test_the_demonstration_over_many_half_ledgers(demonstration_questions: DemonstrationQuestions) -> None:
    assert check_seeds(demonstration_questions, range(SEEDS, SEEDS + SLOW_SEEDS))


@pytest.fixture(scope="module")
def proven_questions(demonstration_questions: DemonstrationQuestions) -> DemonstrationQuestions:
    """Return the questions under a trust file that names the newest block, which alone can be proven."""
    questions, head = demonstration_questions, demonstration_questions.ledger.head()
    chain = development_chain({**questions.trust.blocks, head.number: head.hash})
    return replace(questions, trust=replace(questions.trust, chain=chain))


def test_the_demonstration_by_proof_over_lying_ledgers(proven_questions: DemonstrationQuestions) -> None:
    assert check_seeds(proven_questions, range(SEEDS), by_proof=True)


@pytest.mark.slow
def test_the_demonstration_by_proof_over_many_lying_ledgers(proven_questions: DemonstrationQuestions) -> None:
    assert check_seeds(proven_questions, range(SEEDS, SEEDS + SLOW_SEEDS), by_proof=True)


@pytest.mark.parametrize("command", [["audit", "replay"], ["verify"], ["bundle"]], ids=lambda command: command[0])
def test_commands_read_the_demonstration_by_proof(demonstration: Path, tmp_path: Path, command: list[str]) -> None:
    credential = str(sorted((demonstration / "credentials").glob("*.json"))[0])
    out = tmp_path / "x.acredita"
    more = {"audit": [], "verify": [credential], "bundle": [credential, "--out", str(out)]}[command[0]]
    trust = ["--trust", str(demonstration / "trust.json")]
    assert main([*command, *more, *trust, "--proofs", "--lang", "en"]) == 0
    if command == ["bundle"]:
        assert main(["verify", str(out), *trust, "--at", _time_of(demonstration)]) == 0


def _time_of(demonstration: Path) -> str:
    return time_text(read_trust(demonstration / "trust.json").issued)  # type: ignore[union-attr]
