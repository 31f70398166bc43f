"""Name the costs of a guess at a keystore's passphrase: scrypt's parameter N, a power of two, with r = 8 and p = 1."""

from typing import Final

PRODUCTION_N: Final = 2**17  # 128 MiB and about half a second a guess
LEAST_N: Final = 2**15  # below it a stolen file is cheap to guess; `open` refuses it by default
MOST_N: Final = 2**20  # 1 GiB: a hostile file must not exhaust the machine
