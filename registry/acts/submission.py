"""Check a programme version before it is submitted: it is its owner's, and within the scope that the ledger names.

The contracts know digests alone. What the documents say is compared here, before anything is signed.
"""

from typing import NamedTuple

from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.keys.did import issuer_id
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope, in_scope


def check_scope(programme: Programme, scope: Scope) -> None:
    """Check that a scope is the owner's and covers the programme. Raises RegistryActRefused."""
    if scope.did != programme.issuer:
        raise RegistryActRefused(Code.SCOPE_MISSING, f"/did is {scope.did}, another institution")
    outside = _outside(programme, scope)
    if outside is not None:
        place, value, allowed = outside.words
        raise RegistryActRefused(outside.code, f"{place} is {value}, and the scope has {allowed}")


def check_accreditor_scope(programme: Programme, scope: Scope, accreditor: bytes) -> None:
    """Check that a scope is an accreditor's and covers the programme as well. Raises RegistryActRefused."""
    if issuer_id(scope.did) != accreditor:
        raise RegistryActRefused(Code.SCOPE_MISSING, f"/did is {scope.did}, another institution")
    outside = _outside(programme, scope)
    if outside is not None:
        place, value, allowed = outside.words
        raise RegistryActRefused(
            outside.code, f"{place} is {value}, and the scope of the accreditor {scope.did} has {allowed}"
        )


class _OutsideScope(NamedTuple):
    """The place of a programme that a scope does not cover. `words`: the place, its value, what is allowed."""

    code: Code
    words: tuple[str, str, str]


def _outside(programme: Programme, scope: Scope) -> _OutsideScope | None:
    broken = in_scope(programme, scope)
    if broken is None:
        return None
    places = {
        Code.SCOPE_LEVEL_MISMATCH: ("/level/mx", programme.level_mx, sorted(scope.levels)),
        Code.SCOPE_SECTOR_MISMATCH: ("/sector", programme.sector, sorted(scope.sectors)),
        Code.SCOPE_PROGRAMME_MISMATCH: ("/id", programme.id, sorted(scope.programmes)),
    }
    place, value, allowed = places[broken]
    return _OutsideScope(broken, (place, value, ", ".join(allowed)))


def check_recorded(scope: Scope, recorded: bytes) -> None:
    """Check that a scope is the one that the ledger names. Raises RegistryActRefused."""
    if scope.digest != recorded:
        raise RegistryActRefused(
            Code.SCOPE_MISSING, f"the ledger names the scope 0x{recorded.hex()}, the file is 0x{scope.digest.hex()}"
        )
