"""`make bench`: every benchmark in turn, or the ones that are named: `python -m bench gas merkle`."""

import importlib
import sys

ALL = (
    "gas",
    "gas_anchor",
    "merkle",
    "log",
    "index",
    "sign_verify",
    "cohort",
    "devnet",
    "verify",
    "siege",
    "replay",
    "startup",
)


def main() -> None:
    for name in sys.argv[1:] or ALL:
        print(f"\n## {name}\n", flush=True)
        sys.argv = [name]
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
