"""The walk from a trust file to the newest: each step signed, compared with the council's record, and bounded."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from acredita.anchoring.types import BlockHash, Digest
from acredita.contracts.abi import Deployment
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.mirroring.sources import named_source
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.verification.mirrored_trust import mirror_trust
from acredita.node.verification.trust_update import EquivocationRefused, WalkedFile, source_at, sources_of, walk
from acredita.registry.codes import Code
from acredita.registry.keys.signer import Signer
from acredita.registry.ledger_facts.trust_draft import add_signature, sign_trust
from acredita.registry.ledger_facts.trust_file import CONTRACTS, Trust, TrustRefused, parse_trust
from acredita.registry.ledger_facts.trusted_chain import ChainKind, development_chain

from tests.registry.world import GENESIS_TIME, signer

AUTHORITY, SECOND = signer("authority"), signer("second signer")
Document = dict[str, Any]


def file(number: int, *, by: tuple[Signer, ...] = (AUTHORITY,), days_later: int = 0, **changes: object) -> Document:
    """Make a signed trust file of an installation that nobody runs."""
    document = sign_trust(
        number=number,
        issued=GENESIS_TIME + days_later * 86_400,
        chain_id=31337,
        genesis=BlockHash(b"\x01" * 32),
        contracts=Deployment(*(bytes([place]) * 20 for place in range(len(CONTRACTS)))),
        code_hashes=dict.fromkeys(CONTRACTS, b"\x02" * 32),
        chain=development_chain({}),
        signers=[AUTHORITY],
    )
    changed: Document = {**document, **changes, "signatures": []}
    for one in by:
        changed = add_signature(changed, one)
    return changed


@dataclass
class Folder:
    """A source of trust files that counts how often it is asked."""

    files: dict[int, Document]
    asked: list[int] = field(default_factory=list)

    def __call__(self, number: int) -> bytes | None:
        self.asked.append(number)
        return json.dumps(self.files[number]).encode() if number in self.files else None


@dataclass
class Record:
    """The council's record, as a ledger would answer it."""

    digests: dict[int, Digest]

    def newest(self) -> int:
        return max(self.digests, default=0)

    def digest(self, number: int) -> Digest | None:
        return self.digests.get(number)


def record_of(*documents: Document) -> Record:
    return Record({trust.number: trust.digest for trust in map(parse_trust, documents)})


FILES = {number: file(number) for number in range(1, 8)}
FIRST: Trust = parse_trust(FILES[1])


def refused(act: Callable[[], object]) -> Code:
    with pytest.raises(TrustRefused) as error:
        act()
    return error.value.code


def numbers(walked: list[WalkedFile]) -> list[int]:
    return [one.trust.number for one in walked]


def test_a_walk_takes_every_number_and_ends_where_there_is_no_more() -> None:
    folder = Folder(FILES)
    assert numbers(walk(FIRST, [folder], None)) == [2, 3, 4, 5, 6, 7]
    assert folder.asked == [2, 3, 4, 5, 6, 7, 8]
    assert walk(parse_trust(FILES[7]), [Folder(FILES)], None) == []


def test_a_walk_ends_at_the_recorded_file() -> None:
    assert numbers(walk(FIRST, [Folder(FILES)], record_of(FILES[3]))) == [2, 3]
    assert walk(parse_trust(FILES[5]), [Folder(FILES)], record_of(FILES[3])) == []


def test_a_source_that_leaves_files_out_is_found_by_the_record() -> None:
    few = Folder({number: FILES[number] for number in (1, 2, 3)})
    assert refused(lambda: walk(FIRST, [few], record_of(FILES[6]))) == "TRUST_OUTDATED"
    assert numbers(walk(FIRST, [few, Folder(FILES)], record_of(FILES[6]))) == [2, 3, 4, 5, 6]


def test_another_hash_than_the_recorded_one_ends_the_walk() -> None:
    other = {**FILES, 3: file(3, days_later=1)}
    for files, recorded in ((other, record_of(FILES[3], FILES[6])), (FILES, Record({1: Digest(bytes(31) + b"\x01")}))):
        assert (
            refused(lambda files=files, recorded=recorded: walk(FIRST, [Folder(files)], recorded))
            == "TRUST_EQUIVOCATION"
        )


@pytest.mark.parametrize(
    ("following", "code"),
    [
        (file(3), "TRUST_NUMBER_SKIPPED"),
        (file(1, days_later=1), "TRUST_EQUIVOCATION"),
        (file(2, by=(SECOND,)), "TRUST_SIGNATURES_TOO_FEW"),
        (file(2, by=(SECOND,), keys=[SECOND.public.multibase]), "TRUST_SIGNATURES_TOO_FEW"),
        (file(2, chain_id=1), "TRUST_OTHER_LEDGER"),
        ({**file(2), "format": "acredita-trust/1"}, "TRUST_MALFORMED"),
    ],
)
def test_a_file_that_may_not_follow_is_not_walked_to(following: Document, code: str) -> None:
    assert refused(lambda: walk(FIRST, [Folder({2: following})], None)) == code


def test_what_is_no_json_is_refused() -> None:
    assert refused(lambda: walk(FIRST, [lambda number: b"<html>"], None)) == "TRUST_MALFORMED"


def test_a_walk_takes_at_most_1024_steps() -> None:
    asked = 0

    def endless(number: int) -> bytes:
        nonlocal asked
        asked += 1
        return json.dumps(file(number)).encode()

    walked = walk(FIRST, [endless], None)
    assert (len(walked), walked[-1].trust.number, asked) == (1_024, 1_025, 1_024)


def broken(number: int) -> bytes:
    raise SourceUnavailable(Code.SOURCE_UNREACHABLE, "nobody answers")


def test_a_source_that_fails_stops_only_a_walk_that_needs_it() -> None:
    assert numbers(walk(FIRST, [broken, Folder(FILES)], None)) == [2, 3, 4, 5, 6, 7]
    with pytest.raises(SourceUnavailable):
        walk(FIRST, [broken], None)
    with pytest.raises(SourceUnavailable):
        walk(FIRST, [Folder({}), broken], record_of(FILES[2]))


def test_one_bad_source_stops_no_walk() -> None:
    bad: list[Document] = [file(3), file(1, days_later=1), file(2, by=(SECOND,)), file(2, chain_id=1)]
    for sources in ([Folder(dict.fromkeys(FILES, one)), Folder(FILES)] for one in bad):
        assert numbers(walk(FIRST, sources, None)) == numbers(walk(FIRST, sources[::-1], None)) == [2, 3, 4, 5, 6, 7]


def test_two_good_files_of_one_number_end_the_walk_whichever_comes_first() -> None:
    forked = {**FILES, 3: file(3, days_later=1)}
    for sources in ([Folder(FILES), Folder(forked)], [Folder(forked), Folder({}), Folder(FILES)]):
        with pytest.raises(EquivocationRefused) as caught:
            walk(FIRST, sources, None)
        assert {parse_trust(json.loads(content)).digest for content in caught.value.contents} == {
            parse_trust(FILES[3]).digest,
            parse_trust(forked[3]).digest,
        }


def test_a_mirror_keeps_both_files_of_one_number_and_none_after_them(tmp_path: Path) -> None:
    forked = {**FILES, 3: file(3, days_later=1)}
    sources = [
        named_source(str(folder_of(tmp_path / str(place), files))) for place, files in enumerate((FILES, forked))
    ]
    for order in (sources, sources[::-1]):
        out, report = tmp_path / f"out-{order is sources}", MirrorReport()
        assert numbers(mirror_trust(out, FIRST, order, Record({}), report)) == [2]
        assert [(one.code.value, one.place) for one in report.findings] == [("TRUST_EQUIVOCATION", "trust/3.json")]
        assert [path.name for path in (out / "trust").iterdir()] == ["2.json"]
        kept = {parse_trust(json.loads(path.read_bytes())).digest for path in (out / "trust-equivocation").iterdir()}
        assert kept == {parse_trust(FILES[3]).digest, parse_trust(forked[3]).digest}


def test_a_mirror_finds_a_second_file_in_a_later_round_and_mends_a_damaged_one(tmp_path: Path) -> None:
    good = named_source(str(folder_of(tmp_path / "good", FILES)))
    out = tmp_path / "out"
    assert numbers(mirror_trust(out, FIRST, [good], Record({}), MirrorReport())) == [2, 3, 4, 5, 6, 7]
    (out / "trust" / "4.json").write_bytes(b"{")
    report = MirrorReport()
    assert numbers(mirror_trust(out, FIRST, [good], Record({}), report)) == [2, 3, 4, 5, 6, 7]
    assert json.loads((out / "trust" / "4.json").read_bytes()) == FILES[4]
    assert not report.findings
    forked = named_source(str(folder_of(tmp_path / "forked", {**FILES, 7: file(7, days_later=1)})))
    assert numbers(mirror_trust(out, FIRST, [forked], Record({}), report)) == [2, 3, 4, 5, 6]
    assert [one.code.value for one in report.findings] == ["TRUST_EQUIVOCATION"]
    assert json.loads((out / "trust" / "7.json").read_bytes()) == FILES[7]


def folder_of(base: Path, files: dict[int, Document]) -> Path:
    """Write trust files as a mirror's folder has them."""
    (base / "trust").mkdir(parents=True)
    for number, document in files.items():
        (base / "trust" / f"{number}.json").write_text(json.dumps(document))
    return base


# --- where files come from -------------------------------------------------------------------------------------------


class SilentFileHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "v1" / "trust"
    folder.mkdir(parents=True)
    for number, document in FILES.items():
        (folder / f"{number}.json").write_text(json.dumps(document))
    (folder / "9.json").write_bytes(b" " * (1 << 20) + b"{}")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SilentFileHandler, directory=str(tmp_path)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_named_node_is_asked_over_http(served: str) -> None:
    assert numbers(walk(FIRST, [source_at(served + "/")], None)) == [2, 3, 4, 5, 6, 7]
    with pytest.raises(SourceUnavailable, match="at most"):
        source_at(served)(9)
    with pytest.raises(SourceUnavailable):
        source_at(f"{served}/?a=b")(1)


def test_mirrors_in_a_file_are_asked_by_the_rules_for_addresses_in_documents(served: str) -> None:
    for place in (served, served.replace("http", "https"), "https://localhost"):
        trust = parse_trust(file(1, sources=[place]))
        [source] = sources_of(replace(trust, chain=replace(trust.chain, kind=ChainKind.QBFT)))
        with pytest.raises(SourceUnavailable, match="SOURCE_NOT_ALLOWED"):
            source(2)


def test_mirrors_of_a_development_chain_may_be_local(served: str) -> None:
    local, at_secrets = sources_of(parse_trust(file(1, sources=[served, "http://169.254.169.254"])))
    assert numbers(walk(FIRST, [local], record_of(FILES[2]))) == [2]
    with pytest.raises(SourceUnavailable, match="SOURCE_NOT_ALLOWED"):
        at_secrets(2)
