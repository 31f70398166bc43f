"""A whole verifier written from docs/ alone, in an environment without us, comes to our verdict on every evidence bundle.

Asked of both: every bundle of a demonstration, every fixture of the verification matrix that an evidence bundle can hold,
and bundles that were altered on their way.
"""

import copy
import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import rlp
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import BlockHash
from acredita.node.publication.trust_folder import read_trust
from acredita.node.verification.files import open_sources
from acredita.registry.canonicalisation.contexts import bundled_contexts
from acredita.registry.evidence.build_bundle import EvidenceUnavailable, build_bundle
from acredita.registry.evidence.bundle import Bundle, EvidenceRefused, read_bundle, write_bundle
from acredita.registry.evidence.credential import read_credential
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_draft import sign_trust
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trusted_chain import NamedBlock
from acredita.registry.verification.case import Moment
from acredita.registry.verification.proven_bundle import verify_bundle
from acredita.registry.verification.results import Verdict, VerificationReport

from tests.interop.test_credentials_accepted import PYTHON, ROOT, Peer
from tests.left_out import Want, leave_out
from tests.registry.evidence.test_bundle import HAPPENED, from_web, two_deep
from tests.registry.sealed import network_of, sealed_trust
from tests.registry.verification import cases
from tests.registry.verification.asking import CASES, bundle_of
from tests.registry.world import AnchoredWorld, Credential, World, build_anchored_world, party, signer
from tests.simulators.qbft import EXTRA_DATA, VALIDATORS
from tests.simulators.qbft_endpoint import QbftEndpoint
from tests.simulators.qbft_lies import STRANGERS

pytestmark = pytest.mark.interop

VERIFIER = Path(__file__).parent / "offline" / "verifier.py"
SEED = 20_261_122
ALTERATIONS = 100
GOOD = ("recognised", "valid_with_warnings")
OUR_PROFILE = (1, 2)
"""Steps of which the other verifier asks a part only: what our profile of Open Badges allows is ours alone to say."""
LEAST_FIXTURES = 60
"""Fixtures of the matrix that a bundle can hold; the others have no receipt, no ledger, or a moment of the past."""

Answer = dict[str, Any]


@dataclass
class Both:
    """Bundles put before both verifiers under one trust file at one time."""

    peer: Peer
    folder: Path
    count: int = 0

    def theirs(self, trust: Path, now: int, *bundles: bytes) -> list[Answer]:
        paths = []
        for content in bundles:
            self.count += 1
            paths.append(self.folder / f"{self.count}.acredita")
            paths[-1].write_bytes(content)
        answers = self.peer.ask("verify", trust=str(trust), seconds=now, bundles=[str(path) for path in paths])
        return list(answers)

    def trust(self, trust: Trust) -> Path:
        """Write the trust file that a world has signed."""
        document = sign_trust(
            number=trust.number,
            issued=trust.issued,
            chain_id=trust.chain_id,
            genesis=trust.genesis,
            contracts=trust.contracts,
            code_hashes=trust.code_hashes,
            chain=trust.chain,
            signers=[signer("authority"), *([] if trust.is_demo_chain else [signer("second signer")])],
        )
        self.count += 1
        path = self.folder / f"{self.count}-trust.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    if not PYTHON.exists():
        leave_out(Want.ORACLES, "the independent verifier")
    folder = tmp_path_factory.mktemp("offline")
    contexts = folder / "contexts.json"
    contexts.write_text(json.dumps(dict(bundled_contexts().documents)), encoding="utf-8")
    peer = Peer([str(PYTHON), "-I", str(VERIFIER), str(contexts)], ROOT)
    yield Both(peer, folder)
    peer.close()


def ours(report: VerificationReport) -> Answer:
    """Return our report in their form, without the steps that were not performed."""
    by_moment = {"then": report.steps, "now": report.now}
    outcomes = {
        moment: {str(step.number): step.outcome.value for step in steps if step.outcome.value != "not_asked"}
        for moment, steps in by_moment.items()
    }
    return {"verdict": report.verdict.value, "code": report.code, **outcomes}


def verdict_of(answer: Answer) -> tuple[str, str | None]:
    return answer["verdict"], answer["code"]


def test_every_bundle_of_a_demonstration(both: Both, demonstration: Path) -> None:
    trust = read_trust(demonstration / "trust.json")
    moment = Moment(trust.issued)
    files = [*sorted((demonstration / "credentials").iterdir()), *sorted((demonstration / "cases").iterdir())]
    bundles = {}
    with open_sources(demonstration / "trust.json", None, None, moment) as sources:
        for file in files:
            try:
                bundles[file.name] = sources.bundle(file, None)
            except EvidenceUnavailable as error:
                assert error.code in ("RECEIPT_MISSING", "NOT_A_CREDENTIAL"), file.name
    expected = [verdict_of(ours(verify_bundle(read_bundle(data), trust, moment))) for data in bundles.values()]
    found = both.theirs(demonstration / "trust.json", moment.at, *bundles.values())
    assert dict(zip(bundles, map(verdict_of, found), strict=True)) == dict(zip(bundles, expected, strict=True))
    seen = Counter(verdict for verdict, _ in expected)
    assert seen["recognised"] == len(list((demonstration / "credentials").iterdir()))
    assert {"invalid", "not_recognised", "valid_with_warnings"} <= set(seen)


# --- the matrix ---


@dataclass
class Recorder:
    """Stands in for the matrix's two ways of asking, and keeps what was asked where a bundle can hold it."""

    asked: list[tuple[Bundle, Trust, int]] = field(default_factory=list)

    def online(
        self, world: World, credential: Credential | bytes, receipt: Receipt | None = None, **asked: Any
    ) -> VerificationReport:
        """Ask online. A bundle holds no other ledger, no identifier and no moment of the past."""
        data = credential if isinstance(credential, bytes) else credential.data
        if receipt is not None and asked.get("observer") is None and asked.get("identifier") is None:
            reading = read_credential(data)
            version = reading.parsed.programme if reading.parsed else None
            self._keep(
                world,
                lambda trusted: build_bundle(
                    world.observer(),
                    trusted,
                    reading,
                    receipt,
                    programme=None if version is None else world.document_source.programme(version),
                    scopes=world.document_source.scopes.values(),
                    dids=world.document_source.dids,
                ),
                **asked,
            )
        return ASK(world, credential, receipt, **asked)

    def offline(self, world: World, bundle: Bundle, **asked: Any) -> VerificationReport:
        self._keep(world, lambda _: bundle, **asked)
        return ASK_OFFLINE(world, bundle, **asked)

    def _keep(
        self,
        world: World,
        made: Callable[[Trust], Bundle],
        *,
        trust: Trust | Missing | None = None,
        at: int | None = None,
        clock: int | None = None,
        **_: object,
    ) -> None:
        trusted = world.trust() if trust is None else trust
        if isinstance(trusted, Missing) or at is not None:
            return
        try:
            bundle = read_bundle(write_bundle(made(trusted)))
        except (EvidenceUnavailable, EvidenceRefused):
            return
        self.asked.append((bundle, trusted, max(world.clock.now, world.now) if clock is None else clock))


ASK, ASK_OFFLINE = cases.ask, cases.ask_offline


@pytest.fixture(scope="module")
def shared_anchored() -> AnchoredWorld:
    return build_anchored_world()


@pytest.fixture
def anchored(shared_anchored: AnchoredWorld) -> Iterator[AnchoredWorld]:
    with shared_anchored.world.branch():
        yield replace(shared_anchored)


def test_every_fixture_of_the_matrix_that_a_bundle_can_hold(
    both: Both, shared_anchored: AnchoredWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder()
    monkeypatch.setattr(cases, "ask", recorder.online)
    monkeypatch.setattr(cases, "ask_offline", recorder.offline)
    verdicts, count = Counter[str](), 0
    for case in CASES:
        if case.row.step in OUR_PROFILE:
            continue
        recorder.asked.clear()
        with shared_anchored.world.branch():
            case.arrange(replace(shared_anchored))
        for bundle, trust, now in recorder.asked:
            expected = ours(verify_bundle(bundle, trust, Moment(now)))
            [found] = both.theirs(both.trust(trust), now, write_bundle(bundle))
            agree(case.row.name, found, expected)
            verdicts[expected["verdict"]] += 1
            count += 1
    assert count >= LEAST_FIXTURES, count
    unasked = {Verdict.PENDING_ANCHOR, Verdict.OTHER_PERSON}  # a bundle has a receipt, and nobody gives an identifier
    assert set(verdicts) == {v.value for v in set(Verdict) - unasked}, verdicts


def agree(name: str, found: Answer, expected: Answer) -> None:
    """Check that both give the same verdict and code."""
    if found["verdict"] == "unreadable":
        assert expected["verdict"] == "invalid", (name, found, expected)
        return
    assert verdict_of(found) == verdict_of(expected), (name, found, expected)


# --- altered on their way ---


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield every path into a JSON value, inner ones too."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


def altered(document: Answer, generator: random.Random) -> tuple[str, Answer]:
    """Change one thing below the top of the bundle's document; return the document and the change."""
    changed = copy.deepcopy(document)
    top = generator.choice(sorted(document))
    path = generator.choice([path for path in places(document) if path[0] == top])
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]], how = another(holder[path[-1]], generator)
    if how == "left out":
        del holder[path[-1]]
    return f"{'/'.join(map(str, path))} {how}", changed


def another(value: Any, generator: random.Random) -> tuple[Any, str]:
    """Return another value of the same type, or the order to leave it out."""
    if isinstance(value, bool):
        return not value, "turned"
    if isinstance(value, int | float):
        return value + generator.choice((-1, 1, 1 << 20)), "moved"
    if isinstance(value, str) and value:
        index = generator.randrange(len(value))
        letter = generator.choice([c for c in "0123456789abcdef" if c != value[index]])
        return value[:index] + letter + value[index + 1 :], "letter"
    if isinstance(value, list) and len(value) > 1:
        return value[1:] if generator.random() < 0.5 else value[::-1], "list"
    return value, "left out"


def test_what_was_altered_deceives_neither(both: Both, anchored: AnchoredWorld) -> None:
    """Allow a change that is harmless to both (the order of nodes), but never one that deceives one alone."""
    generator, world = random.Random(SEED), anchored.world
    deep = two_deep(world)
    HAPPENED["epoch closed after it"](anchored)
    web = from_web(world)
    sources = [bundle_of(world, *deep), bundle_of(world, *web), bundle_of(world, anchored.good, anchored.receipt)]
    trust, now = world.trust(), max(world.clock.now, world.now)
    documents = [json.loads(gzip.decompress(write_bundle(source))) for source in sources]
    alterations = [altered(generator.choice(documents), generator) for _ in range(ALTERATIONS)]
    bundles = [gzip.compress(json.dumps(changed).encode(), mtime=0) for _, changed in alterations]
    answers = both.theirs(both.trust(trust), now, *bundles)
    verdicts = Counter[str]()
    for (what, _), content, theirs in zip(alterations, bundles, answers, strict=True):
        mine, his = told_of(content, trust, now), theirs["verdict"]
        verdicts[mine] += 1
        refused = "unreadable" in (mine, his) and mine not in GOOD and his not in GOOD
        assert mine == his or refused, (what, mine, theirs)
    assert {"recognised", "indeterminate", "invalid"} <= set(verdicts), verdicts


def told_of(content: bytes, trust: Trust, now: int) -> str:
    try:
        return verify_bundle(read_bundle(content), trust, Moment(now)).verdict.value
    except EvidenceRefused:
        return "unreadable"


def test_one_altered_letter_of_a_did_documents_key(both: Both, anchored: AnchoredWorld) -> None:
    """Alter each letter in turn: of a party nothing follows, of a stranger both verifiers say the same."""
    world = anchored.world
    party_bundle = bundle_of(world, *from_web(world))
    stranger = party("academia", "did:web:academia.example")
    world.document_source.dids[stranger.did] = cases.did_document(stranger)
    credential = world.sign(stranger)
    receipt = replace(anchored.receipt, issuer=stranger.id)
    trust, now = world.trust(), max(world.clock.now, world.now)
    seen = Counter[str]()
    for bundle in (party_bundle, bundle_of(world, credential, receipt)):
        document = json.loads(gzip.decompress(write_bundle(bundle)))
        [(did, listed)] = document["dids"].items()
        key = listed["verificationMethod"][0]["publicKeyMultibase"]
        contents = []
        for place, letter in enumerate(key):
            other = key[:place] + ("0" if place % 2 else "2" if letter != "2" else "3") + key[place + 1 :]
            listed["verificationMethod"][0]["publicKeyMultibase"] = other
            contents.append(gzip.compress(json.dumps(document).encode(), mtime=0))
        theirs = both.theirs(both.trust(trust), now, *contents)
        mine = [ours(verify_bundle(read_bundle(content), trust, Moment(now))) for content in contents]
        for his, answer in zip(theirs, mine, strict=True):
            assert (verdict_of(his), his["then"]["3"]) == (verdict_of(answer), answer["then"]["3"]), did
        seen.update([answer["verdict"] for answer in mine] + [answer["then"]["3"] for answer in mine])
    assert seen["recognised"] == len(key)  # each alteration of the party's document
    assert {"failed", "not_checked"} <= set(seen), seen


# --- sealed by validators ---


def test_bundles_under_a_trust_file_of_validators(both: Both, anchored: AnchoredWorld) -> None:
    """Put bundles of every validator's copy before both: whole, altered in header or seals, and under other intervals."""
    world, generator = anchored.world, random.Random(SEED)
    for _ in range(2):
        world.chain.mine()
    newest, network = world.chain.head, network_of(world)
    closing = NamedBlock(newest.number - 1, BlockHash(newest.parent_hash), newest.timestamp - 1)
    now = max(world.clock.now, world.now)
    seen = Counter[str]()
    for trust in (
        sealed_trust(world),
        sealed_trust(world, closing=closing),
        sealed_trust(world, closing=replace(closing, time=newest.timestamp)),
        sealed_trust(world, closing=replace(closing, number=newest.number)),
        sealed_trust(world, STRANGERS),
    ):
        contents = []
        for place in range(len(VALIDATORS)):
            block = QbftEndpoint(network, place).ledger().head()
            observer = replace(world.observer(), block=block)
            bundle = bundle_of(world, anchored.good, anchored.receipt, sealed_trust(world), observer)
            contents.append(write_bundle(bundle))
            document = json.loads(gzip.decompress(contents[-1]))
            contents += [_resealed(document, generator) for _ in range(12)]
        answers = both.theirs(both.trust(trust), now, *contents)
        for content, theirs in zip(contents, answers, strict=True):
            mine = ours(verify_bundle(read_bundle(content), trust, Moment(now)))
            assert verdict_of(theirs) == verdict_of(mine)
            seen[str(mine["code"])] += 1
    assert {"None", "BLOCK_NOT_TRUSTED", "VALIDATORS_UNKNOWN", "STATE_PROOF_INVALID"} <= set(seen), seen


def _resealed(document: Answer, generator: random.Random) -> bytes:
    """Return the bundle with another header: fewer, repeated or spoiled seals, another round, another field."""
    header = rlp.decode(bytes.fromhex(document["header"][2:]))
    extra = rlp.decode(header[EXTRA_DATA])
    match generator.randrange(6):
        case 0:
            extra[4] = extra[4][: generator.randrange(len(extra[4]))]
        case 1:
            extra[4] = [extra[4][0]] * len(extra[4])
        case 2:
            extra[4] = extra[4][::-1]
        case 3:
            extra[3] = b"\x07"
        case 4:
            extra[4] = [*extra[4][:-1], generator.choice([bytes(65), bytes(64), b"\xff" * 65, b""])]
        case _:
            header[11] = (int.from_bytes(header[11], "big") + 1).to_bytes(4, "big")
    header[EXTRA_DATA] = rlp.encode(extra)
    changed = document | {"header": "0x" + rlp.encode(header).hex()}
    return gzip.compress(json.dumps(changed).encode(), mtime=0)
