"""Defaults of an embedded chain: its chain id and the address its server listens on, as Anvil has them."""

from typing import Final

CHAIN_ID: Final = 31337
HOST: Final = "127.0.0.1"
PORT: Final = 8545
