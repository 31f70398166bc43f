"""The copy of a status list: no list that its issuer signed rightly, but before the copy, takes the copy's place."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from acredita.node.mirroring.list_copy import EARLY_SECONDS, ListCopy
from acredita.node.mirroring.refusals import CopyRefused
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import build_status_list
from acredita.registry.credentials.status_position import list_url
from acredita.registry.keys.multikey import key_id
from acredita.registry.ledger_facts.histories import ASSERTION, PartyHistory, ValidityWindow
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof

from tests.registry.world import BASE, GENESIS_TIME, party

WEB = party("web", "did:web:ut.example")
NOW = GENESIS_TIME + 3_600
PARTY = PartyHistory(WEB.id, keys={key_id(WEB.key.multikey): ValidityWindow(ASSERTION, GENESIS_TIME)})


def signed(issued: int, *revoked: int) -> bytes:
    unsigned = build_status_list(url=list_url(BASE, WEB.id, 0), issuer=WEB.did, revoked=revoked, issued=issued)
    options = ProofOptions("eddsa-rdfc-2022", WEB.method, datetime.fromtimestamp(issued, UTC))
    return json.dumps(add_proof(unsigned, options, WEB.key)).encode()


def refusal(copy: ListCopy, content: bytes) -> Code:
    with pytest.raises(CopyRefused) as error:
        copy.keep(content)
    return error.value.code


def test_an_older_rightly_signed_list_takes_no_newer_ones_place(tmp_path: Path) -> None:
    """Offer the list of before a suspension, which its issuer has signed, and another list of the copy's own moment."""
    copy = ListCopy(tmp_path, PARTY, 0, None, NOW)
    older, newer = signed(NOW - 60), signed(NOW - 30, 7)
    assert copy.keep(older)
    assert copy.keep(newer)
    kept = (tmp_path / f"{copy.place}.json").read_bytes()
    assert refusal(copy, older) is Code.MIRROR_LIST_OLDER
    assert refusal(copy, signed(NOW - 30)) is Code.STATUS_LIST_INVALID
    assert not copy.keep(newer)
    assert (tmp_path / f"{copy.place}.json").read_bytes() == kept
    assert copy.keep(signed(NOW - 29))


def test_a_list_may_be_issued_a_minute_ahead_and_no_more(tmp_path: Path) -> None:
    copy = ListCopy(tmp_path, PARTY, 0, None, NOW)
    assert refusal(copy, signed(NOW + EARLY_SECONDS + 1)) is Code.STATUS_LIST_INVALID
    assert copy.keep(signed(NOW + EARLY_SECONDS))
