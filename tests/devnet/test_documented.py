"""docs/devnet.md names every method that is offered, and no other."""

import contextlib
import re

from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc

from tests.devnet.client import ROOT

METHOD = re.compile(r"`((?:eth|net|web3|evm|anvil|hardhat|personal|txpool)_\w+)`")


def test_the_methods_of_the_page_are_those_offered() -> None:
    page = (ROOT / "docs" / "devnet.md").read_text(encoding="utf-8")
    table = page.split("## Methods")[1].split("Not offered")[0]
    with Chain.open(None) as chain, contextlib.closing(Rpc(chain)) as rpc:
        assert set(METHOD.findall(table)) == rpc.methods
