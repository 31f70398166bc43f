"""Check a programme version before it is submitted: it is its owner's, and within the scope that the ledger names.

The contracts know digests alone. What the documents say is compared here, before anything is signed.
"""

from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope, in_scope


def check_scope(programme: Programme, scope: Scope) -> None:
    """Check that a scope is the owner's and covers the programme. Raises RegistryActRefused."""
    if scope.did != programme.issuer:
        raise RegistryActRefused(Code.SCOPE_MISSING, f"/did is {scope.did}, another institution")
    broken = in_scope(programme, scope)
    if broken is None:
        return
    places = {
        Code.SCOPE_LEVEL_MISMATCH: ("/level/mx", programme.level_mx, sorted(scope.levels)),
        Code.SCOPE_SECTOR_MISMATCH: ("/sector", programme.sector, sorted(scope.sectors)),
        Code.SCOPE_PROGRAMME_MISMATCH: ("/id", programme.id, sorted(scope.programmes)),
    }
    place, value, allowed = places[broken]
    raise RegistryActRefused(broken, f"{place} is {value}, and the scope has {', '.join(allowed)}")


def check_recorded(scope: Scope, recorded: bytes) -> None:
    """Check that a scope is the one that the ledger names. Raises RegistryActRefused."""
    if scope.digest != recorded:
        raise RegistryActRefused(
            Code.SCOPE_MISSING, f"the ledger names the scope 0x{recorded.hex()}, the file is 0x{scope.digest.hex()}"
        )
