"""Recompile the Vyper sources into `artifacts/`. Development only: at run time there is no compiler.

Every `src/*.vy` becomes one artifact. The compiler's warnings are errors. The output depends on the sources
and the pinned compiler alone: no path, no date, so compiling again gives the committed bytes.
"""

import hashlib
import json
import sys
import warnings
from pathlib import Path

from acredita.contracts.artifact import ARTIFACT_FORMAT

EVM_VERSION = "shanghai"  # no transient storage, no MCOPY: what the target networks have enabled
COMPILER = "0.4.3"
OUTPUTS = ("abi", "bytecode", "bytecode_runtime", "layout")

SOURCES = Path(__file__).parent / "src"
ARTIFACTS = Path(__file__).parent / "artifacts"


class CompilerError(RuntimeError):
    """The installed compiler is not the one the artifacts are made with."""


def sources() -> list[Path]:
    return sorted(SOURCES.glob("*.vy"))


def compile_source(path: Path) -> dict[str, object]:
    """Compile one file; any warning of the compiler raises."""
    import vyper  # type: ignore[import-untyped]
    from vyper.compiler import compile_code  # type: ignore[import-untyped]
    from vyper.compiler.settings import OptimizationLevel, Settings  # type: ignore[import-untyped]
    from vyper.warnings import VyperWarning  # type: ignore[import-untyped]

    if vyper.__version__ != COMPILER:
        raise CompilerError(f"vyper {vyper.__version__}, expected {COMPILER}")
    text = path.read_text(encoding="utf-8")
    settings = Settings(optimize=OptimizationLevel.GAS, evm_version=EVM_VERSION)
    with warnings.catch_warnings():
        warnings.simplefilter("error", VyperWarning)
        output = compile_code(text, contract_path=path.name, output_formats=OUTPUTS, settings=settings)
    return {
        "format": ARTIFACT_FORMAT,
        "name": path.stem,
        "compiler": f"vyper {COMPILER}",
        "evm_version": EVM_VERSION,
        "source_sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
        "abi": output["abi"],
        "bytecode": output["bytecode"],
        "runtime_bytecode": output["bytecode_runtime"],
        "storage_layout": output["layout"].get("storage_layout", {}),
    }


def rendered(artifact: dict[str, object]) -> str:
    return json.dumps(artifact, indent=1, sort_keys=True) + "\n"


def main(names: list[str]) -> int:
    """Compile the named contracts, all without names, and write their artifacts."""
    ARTIFACTS.mkdir(exist_ok=True)
    for path in sources():
        if names and path.stem not in names:
            continue
        artifact = compile_source(path)
        (ARTIFACTS / f"{path.stem}.json").write_text(rendered(artifact), encoding="utf-8")
        size = (len(str(artifact["runtime_bytecode"])) - 2) // 2
        print(f"{path.stem}: {size} bytes of runtime code")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
