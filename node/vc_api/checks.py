"""Name the checks of a document: what a caller asks for, what a check works with, and what it finds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from acredita.node.outbound.fetch import Fetcher
from acredita.node.runtime.signing_profiles import KnownContexts
from acredita.registry.json_documents.schema_faults import SchemaFault
from acredita.registry.keys.multikey import PublicKey

STRUCTURE, PROOF, BINDING, DATES, STATUS = "structure", "proof", "binding", "dates", "status"
ALIASES: Final[Mapping[str, str]] = {
    "proof": PROOF,
    "credentialStatus": STATUS,
    "status": STATUS,
    "dates": DATES,
    "validityPeriod": DATES,
    "structure": STRUCTURE,
    "binding": BINDING,
}
"""Names a caller may give in `options.checks`."""

KeyOf = Callable[[str, str], PublicKey]
"""The key of a verification method for a relationship (`assertionMethod`). Raises as `registry.proofs.resolve_key`."""
Bit = Callable[[str, int, str], bool | None]
"""The bit of a status list by its address, an index and a purpose; None if this node does not publish the list.

Raises IndexError for an index beyond the list, StatusListRefused if the list is of another purpose.
"""


@dataclass(frozen=True)
class CheckOptions:
    """The options of a caller: the expected purpose, challenge and domain, and the checks. `checks` None: all."""

    purpose: str
    challenge: str | None = None
    domain: str | None = None
    checks: frozenset[str] | None = None

    def includes(self, check: str) -> bool:
        """Decide whether the caller requests this check."""
        return self.checks is None or check in self.checks

    def names(self, check: str) -> bool:
        """Decide whether the caller requests this check by its name, so that it must be possible."""
        return self.checks is not None and check in self.checks


@dataclass
class CheckFindings:
    """Checks that ran, errors that make the answer negative, and warnings that do not.

    `credential`: the credential that was checked, out of its envelope; None if none was found sound.
    """

    checks: list[str] = field(default_factory=list)
    warnings: list[SchemaFault] = field(default_factory=list)
    errors: list[SchemaFault] = field(default_factory=list)
    credential: Mapping[str, Any] | None = None

    @property
    def verified(self) -> bool:
        """True if no check found an error."""
        return not self.errors

    def run(self, check: str, faults: Iterable[SchemaFault], *, requested: bool = True) -> bool:
        """Add a check and its faults, as warnings if it was not requested. Returns True if there are no faults."""
        listed = list(faults)
        if requested and check not in self.checks:
            self.checks.append(check)
        (self.errors if requested else self.warnings).extend(listed)
        return not listed

    def within(self, prefix: str, inner: "CheckFindings") -> None:
        """Add the findings of a part of the document; `prefix` is the pointer to that part."""
        self.checks += [check for check in inner.checks if check not in self.checks]
        self.warnings += [SchemaFault(prefix + row.pointer, row.code, row.message) for row in inner.warnings]
        self.errors += [SchemaFault(prefix + row.pointer, row.code, row.message) for row in inner.errors]


@dataclass(frozen=True)
class CheckSources:
    """The keys, contexts and status lists that a check works with, and its moment (Unix seconds).

    `relaxed`: a proof by any key is accepted for any issuer. `fetcher`: asks other hosts for their status lists.
    """

    known: KnownContexts
    key_for: KeyOf
    bit: Bit
    now: int
    relaxed: bool = False
    fetcher: Fetcher = field(default_factory=Fetcher)
