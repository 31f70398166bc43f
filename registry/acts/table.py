"""Find an act by its name, or by its contract's function. Every act of the contracts is in the table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from acredita.registry.acts.council_acts import COUNCIL_ACTS
from acredita.registry.acts.party_acts import PARTY_ACTS
from acredita.registry.acts.shapes import ActShape

ACTS: Final[Mapping[str, ActShape]] = MappingProxyType({act.name: act for act in (*COUNCIL_ACTS, *PARTY_ACTS)})
BY_FUNCTION: Final[Mapping[tuple[str, str], ActShape]] = MappingProxyType(
    {(act.contract, act.function): act for act in ACTS.values()}
)
