"""Make the next trust file from the last one, and say in words what changes between two.

Nothing is signed here. Who signs reads `changes` first.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Address, BlockHash, to_hex
from acredita.node.verification.language import Language
from acredita.registry.ledger_facts.trust_draft import TrustDraft
from acredita.registry.ledger_facts.trust_file import CONTRACTS, LIFETIME_SECONDS, ServiceKey, Trust, TrustAuthority
from acredita.registry.ledger_facts.trusted_chain import NamedBlock, TrustedChain, ValidatorSet

SECONDS_A_DAY: Final = 24 * 3600


class ChangeRefused(Exception):
    """A change that the last trust file does not allow; the message says which."""


@dataclass(frozen=True)
class DraftOptions:
    """The changes from one trust file to the next. Empty means unchanged. `days`: from `issued` to `expires`."""

    add_keys: Sequence[str] = ()
    remove_keys: Sequence[str] = ()
    threshold: int | None = None
    add_sources: Sequence[str] = ()
    remove_sources: Sequence[str] = ()
    add_services: Sequence[ServiceKey] = ()
    remove_services: Sequence[str] = ()
    validators: Sequence[Address] = ()
    since: int | None = None
    authority: TrustAuthority | None = None
    days: int = LIFETIME_SECONDS // SECONDS_A_DAY


def next_draft(trust: Trust, options: DraftOptions, now: int, ledger: Ledger | None) -> dict[str, object]:
    """Return the unsigned file that follows a trust file.

    On a development chain with a ledger it names the newest block too, and its day is the later of clock and head.
    Raises ChangeRefused, LedgerUnavailable.
    """
    chain = trust.chain
    if options.validators:
        chain = _with_validators(chain, options, ledger)
    elif ledger is not None and trust.is_demo_chain:
        head = ledger.head()
        chain = replace(chain, listed={**chain.listed, head.number: BlockHash(head.hash)})
    draft = TrustDraft(
        number=trust.number + 1,
        issued=max(now, ledger.head().time) if ledger is not None and trust.is_demo_chain else now,
        chain_id=trust.chain_id,
        genesis=trust.genesis,
        contracts=trust.contracts,
        code_hashes=trust.code_hashes,
        chain=chain,
        keys=_changed("--remove-key", trust.keys, options.add_keys, options.remove_keys),
        threshold=options.threshold or trust.threshold,
        authority=options.authority or trust.authority,
        sources=_changed("--remove-source", trust.sources, options.add_sources, options.remove_sources),
        services=_services(trust, options),
        lifetime=options.days * SECONDS_A_DAY,
    )
    return draft.document()


def _changed(option: str, items: Sequence[str], added: Sequence[str], removed: Sequence[str]) -> list[str]:
    absent = [item for item in removed if item not in items]
    if absent:
        raise ChangeRefused(f"{option}: {absent[0]} is not in the last trust file")
    return list(dict.fromkeys([*(item for item in items if item not in removed), *added]))


def _services(trust: Trust, options: DraftOptions) -> list[ServiceKey]:
    by_key = {service.key.multibase: service for service in (*trust.services, *options.add_services)}
    kept = _changed("--remove-service", list(by_key), (), options.remove_services)
    return [by_key[key] for key in kept]


def _with_validators(chain: TrustedChain, options: DraftOptions, ledger: Ledger | None) -> TrustedChain:
    """End the open set with the block before `since`, whose hash and time the ledger gives, and open the new set there."""
    open_set, since = chain.open_set, options.since
    if open_set is None or since is None or ledger is None:
        raise ChangeRefused(
            "--validator needs --since, a ledger (--rpc) and a chain whose last set of validators is open"
        )
    last = _block(ledger, since - 1)
    if since <= open_set.first:
        raise ChangeRefused(f"--since: a height above {open_set.first} expected")
    closed = replace(open_set, last=NamedBlock(last.number, BlockHash(last.hash), last.time))
    sets = (*chain.validators[:-1], closed, ValidatorSet(since, None, tuple(options.validators)))
    return replace(chain, validators=sets)


def _block(ledger: Ledger, number: int) -> Block:
    block = ledger.block(number) if number > 0 else None
    if block is None:
        raise LedgerUnavailable(f"the ledger has no block {number}")
    return block


# --- words ---

_Said = Callable[[Trust], Mapping[str, object]]


def changes(last: Trust | None, trust: Trust, language: Language) -> list[str]:
    """Return one line for each difference between two trust files; every part of the new one where there is no last."""
    lines = []
    for (spanish, english), parts in _PARTS.items():
        before, after = {} if last is None else parts(last), parts(trust)
        label = spanish if language is Language.ES else english
        lines += [f"{label}: {sign} {text}" for sign, text in _differences(before, after)]
    return lines


def _differences(before: Mapping[str, object], after: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield from [("-", _line(name, old))] if name in before else []
            yield from [("+", _line(name, new))] if name in after else []


def _line(name: str, value: object) -> str:
    return name if value is True else f"{name} {value}".strip()


def _validators(trust: Trust) -> dict[str, object]:
    return {
        f"{validators.first}–{'' if validators.last is None else validators.last.number}": " ".join(
            to_hex(address) for address in validators.addresses
        )
        for validators in trust.chain.validators
    }


def _ledger(trust: Trust) -> dict[str, object]:
    contracts = {
        name: f"{to_hex(getattr(trust.contracts, name))} {to_hex(trust.code_hashes[name])}" for name in CONTRACTS
    }
    return {"chain_id": trust.chain_id, "genesis": to_hex(trust.genesis), **contracts}


_PARTS: Final[Mapping[tuple[str, str], _Said]] = {
    ("Número", "Number"): lambda trust: {"": trust.number},
    ("Vigencia", "In force"): lambda trust: {"": f"{time_text(trust.issued)} – {time_text(trust.expires)}"},
    ("Autoridad", "Authority"): lambda trust: {
        "did": trust.authority.did,
        "name": json.dumps(dict(trust.authority.name), ensure_ascii=False),
        "url": trust.authority.url,
    },
    ("Cadena y contratos", "Chain and contracts"): _ledger,
    ("Tipo de cadena", "Kind of chain"): lambda trust: {
        "kind": str(trust.chain.kind),
        "period": trust.chain.period,
        "idle": trust.chain.idle,
    },
    ("Bloque", "Block"): lambda trust: {str(number): to_hex(trust.blocks[number]) for number in trust.blocks},
    ("Validadores", "Validators"): _validators,
    ("Espejo", "Mirror"): lambda trust: dict.fromkeys(trust.sources, True),
    ("Clave de servicio", "Service key"): lambda trust: {
        service.key.multibase: f"{service.purpose} {time_text(service.until)}" for service in trust.services
    },
    ("Clave que firma", "Signing key"): lambda trust: dict.fromkeys(trust.keys, True),
    ("Firmas necesarias", "Signatures needed"): lambda trust: {"": trust.threshold},
}
