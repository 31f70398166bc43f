"""Recompile the Vyper sources into `artifacts/`. Development only: at run time there is no compiler.

Every `src/*.vy` becomes one artifact; it may import `src/modules/*.vy`. The compiler's warnings are errors. The output
depends on the sources and the pinned compiler alone: no path, no date, so compiling again gives the committed bytes.
"""

import hashlib
import json
import re
import sys
import warnings
from pathlib import Path
from typing import Any

from acredita.contracts.artifact import ARTIFACT_FORMAT

EVM_VERSION = "shanghai"  # no transient storage, no MCOPY: what the target networks have enabled
COMPILER = "0.4.3"

_IMPORT = re.compile(r"^from modules import (\w+)$", re.MULTILINE)
SOURCES = Path(__file__).parent / "src"
ARTIFACTS = Path(__file__).parent / "artifacts"


class CompilerError(Exception):
    """The installed compiler is not the one the artifacts are made with."""


def sources() -> list[Path]:
    """List the Vyper sources."""
    return sorted(SOURCES.glob("*.vy"))


def compiled(path: Path) -> Any:
    """Compile one file. Any warning of the compiler raises."""
    import vyper  # type: ignore[import-untyped]
    from vyper.compiler.input_bundle import (  # type: ignore[import-untyped]
        FileInput,
        FilesystemInputBundle,
    )
    from vyper.compiler.phases import CompilerData  # type: ignore[import-untyped]
    from vyper.compiler.settings import (  # type: ignore[import-untyped]
        OptimizationLevel,
        Settings,
        anchor_settings,
    )
    from vyper.warnings import VyperWarning  # type: ignore[import-untyped]

    if vyper.__version__ != COMPILER:
        raise CompilerError(f"vyper {vyper.__version__}, expected {COMPILER}")
    name = Path(path.name)  # the folder stays out of what the compiler sees
    file = FileInput(0, name, name, path.read_text(encoding="utf-8"))
    settings = Settings(optimize=OptimizationLevel.GAS, evm_version=EVM_VERSION)
    with warnings.catch_warnings(), anchor_settings(settings):
        warnings.simplefilter("error", VyperWarning)
        data = CompilerData(file, FilesystemInputBundle([path.parent]), settings=settings)
        _ = data.bytecode, data.bytecode_runtime  # made here, under the settings and the filter
    return data


def source_hash(path: Path) -> str:
    """Return the SHA-256 of a contract's source and then of the modules it is made with, in order of their names."""
    files = [path, *sorted(_imported(path, path.parent))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _imported(path: Path, folder: Path) -> set[Path]:
    names = _IMPORT.findall(path.read_text(encoding="utf-8"))
    direct = {folder / "modules" / f"{name}.vy" for name in names}
    return direct.union(*(_imported(module, folder) for module in direct))


def flat_layout(layout: dict[str, Any]) -> dict[str, Any]:
    """Return a storage layout by variable alone. Raises CompilerError where two modules name a variable alike."""
    flat: dict[str, Any] = {}
    for name, entry in layout.items():
        entries = {name: entry} if "slot" in entry else flat_layout(entry)
        if flat.keys() & entries.keys():
            raise CompilerError(f"two variables are called {sorted(flat.keys() & entries.keys())}")
        flat |= entries
    return flat


def artifact_of(path: Path, data: Any) -> dict[str, object]:
    """Build the artifact of a compiled file."""
    from vyper.compiler.output import (  # type: ignore[import-untyped]
        build_abi_output,
        build_layout_output,
    )

    return {
        "format": ARTIFACT_FORMAT,
        "name": path.stem,
        "compiler": f"vyper {COMPILER}",
        "evm_version": EVM_VERSION,
        "source_sha256": source_hash(path),
        "abi": build_abi_output(data),
        "bytecode": f"0x{data.bytecode.hex()}",
        "runtime_bytecode": f"0x{data.bytecode_runtime.hex()}",
        "storage_layout": flat_layout(build_layout_output(data).get("storage_layout", {})),
    }


def rendered(artifact: dict[str, object]) -> str:
    """Render an artifact as it is committed."""
    return json.dumps(artifact, indent=1, sort_keys=True) + "\n"


def main(names: list[str]) -> int:
    """Compile the named contracts, all without names, and write their artifacts."""
    ARTIFACTS.mkdir(exist_ok=True)
    for path in sources():
        if names and path.stem not in names:
            continue
        artifact = artifact_of(path, compiled(path))
        (ARTIFACTS / f"{path.stem}.json").write_text(rendered(artifact), encoding="utf-8")
        size = (len(str(artifact["runtime_bytecode"])) - 2) // 2
        print(f"{path.stem}: {size} bytes of runtime code")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
