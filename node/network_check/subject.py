"""Hold what a subject of a check is given, and the table of a subject's name and label."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from acredita.anchoring.call_signer import CallSigner
from acredita.node.config import EndpointSettings
from acredita.node.network_check.asking import AskedEndpoint
from acredita.node.network_check.checked_chain import CheckedChain
from acredita.node.network_check.expected import ExpectedChain
from acredita.node.network_check.lines import CheckLine
from acredita.registry.acts.shapes import Text


@dataclass
class CheckContext:
    """One endpoint under check. `anonymous`: the same endpoint without token and certificate, where it has one of them.

    `signer`: an account that may send. `clock`: Unix seconds. `sleep`: how waiting for blocks is done.
    """

    endpoint: AskedEndpoint
    expected: ExpectedChain
    settings: EndpointSettings
    anonymous: AskedEndpoint | None = None
    signer: CallSigner | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    is_price_refused: bool = False
    chain: CheckedChain = field(init=False)

    def __post_init__(self) -> None:
        self.chain = CheckedChain(self.endpoint)


class Subject(NamedTuple):
    """One subject: its name in the report, its label for people, and how it is looked at."""

    name: str
    label: Text
    look: Callable[[CheckContext], CheckLine]
