"""Name one finding of an audit: its weight, its code, its place, and the evidence for it.

- `divergence`: signed or sealed evidence contradicts itself or the proved chain. The audit does not agree.
- `unknown`: what is missing, or what only an endpoint or an unsigned copy says. The audit could not tell.
- `observation`: a fault that the ledger itself shows. The verifier answers for it.
"""

from dataclasses import dataclass
from typing import Literal

from acredita.registry.codes import Code

FindingWeight = Literal["divergence", "unknown", "observation"]
"""The weight of a finding."""


@dataclass(frozen=True)
class AuditFinding:
    """One finding of an audit. `where`: subject, epoch and number, as far as they apply.

    `evidence`: name → hash, number, short text or file that shows it. `looked_in`: where a missing part was looked for.
    """

    weight: FindingWeight
    code: Code
    where: str
    detail: str
    evidence: tuple[tuple[str, str], ...] = ()
    looked_in: tuple[str, ...] = ()
