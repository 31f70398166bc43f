"""The Vyper files: the contracts and the modules they are made with."""

from acredita.contracts import compile as compiler

SOURCES = (*compiler.sources(), *sorted((compiler.SOURCES / "modules").glob("*.vy")))
