"""`acredita network found|verify`: deploy the contracts, and check what somebody else deployed."""

import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address, BlockHash, to_hex
from acredita.cli.bodies.account_access import address_of, passphrase_of
from acredita.cli.bodies.act_files import check_absent, read_file, write_new
from acredita.cli.bodies.act_options import PassphraseOptions
from acredita.cli.exit_codes import OK, ArgumentRefused
from acredita.cli.spanish.sentences import facts_line
from acredita.contracts.abi import Deployment
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.administration.deployment import (
    check_deployed,
    check_draft,
    check_expected,
    found_contracts,
    parse_account_set,
    parse_deployment,
    rebuild,
)
from acredita.node.administration.network_files import DEVELOPMENT_CHAIN_ID
from acredita.node.config import ConfigurationError
from acredita.node.ledger.read_only import chain_folder_ledger, ledger_over_http
from acredita.node.publication.trust_folder import read_json_file
from acredita.node.verification.language import Language
from acredita.node.verification.pinned_trust import fingerprint
from acredita.registry.acts.shapes import Text
from acredita.registry.keys.account_file import open_account
from acredita.registry.keys.multikey import KeyRefused, parse_multibase
from acredita.registry.ledger_facts.trust_draft import EXAMPLE_AUTHORITY, TrustDraft
from acredita.registry.ledger_facts.trust_file import CONTRACTS, parse_authority, parse_unsigned
from acredita.registry.ledger_facts.trusted_chain import TrustedChain, ValidatorSet, development_chain, qbft_chain

_SECRET_BYTES = 32
_LABELS = {
    "chain_id": Text("chain id", "número de cadena"),
    "genesis": Text("first block", "bloque de origen"),
    "contracts": Text("contracts", "contratos"),
    "council": Text("council", "consejo"),
    "issuer_registry": Text("issuer registry", "registro de emisores"),
    "programme_registry": Text("programme registry", "registro de programas"),
    "credential_log": Text("credential log", "bitácora de credenciales"),
    "recovery": Text("recovery set", "grupo de recuperación"),
    "members": Text("members", "miembros"),
    "threshold": Text("threshold", "umbral"),
    "draft_sha256": Text("hash of the trust draft", "hash del borrador de confianza"),
}
_NO_CONTRACTS = Deployment(*(bytes([place]) * 20 for place in range(1, 5)))


@dataclass(frozen=True)
class _NamedChain:
    """A chain as a trust file names it."""

    genesis: BlockHash
    chain: TrustedChain


@dataclass(frozen=True)
class FoundingFiles:
    """The files that a founding reads (council, recovery, authority) and writes (out, draft), and the first mirrors."""

    council: Path
    recovery: Path
    authority: Path | None
    out: Path
    draft: Path
    sources: Sequence[str] = ()


@dataclass(frozen=True)
class FoundingKeys:
    """The keys of the first trust file, and the account that deploys."""

    trust_keys: Sequence[str]
    threshold: int
    account: Path | None
    options: PassphraseOptions

    def signer(self, language: str) -> LocalAccount:
        """Return the account that deploys; one that nobody keeps where none is named."""
        if self.account is None:
            return LocalAccount(secrets.token_bytes(_SECRET_BYTES))
        return open_account(self.account, passphrase_of(self.options, self.account, language))


def found(
    files: FoundingFiles,
    keys: FoundingKeys,
    validators: Sequence[str],
    period: int | None,
    rpc: str | None,
    chain: Path | None,
    as_json: bool,
    lang: Language,
) -> int:
    """Run `acredita network found`."""
    if validators and files.authority is None:
        raise ArgumentRefused("--authority FILE expected on a network of validators")
    sets = read_file(files.council, parse_account_set), read_file(files.recovery, parse_account_set)
    named = EXAMPLE_AUTHORITY if files.authority is None else read_file(files.authority, parse_authority)
    sealers = [address_of(text, "--validator") for text in validators]
    for text in keys.trust_keys:
        _check_trust_key(text)
    for file in (files.out, files.draft):
        check_absent(file)
    signer = keys.signer(lang)
    with _opened(rpc, chain, writing=True) as ledger:
        named_chain = _chain(ledger, sealers, period)
        number = ledger.chain_id()

        def drafted(contracts: Deployment, hashes: Mapping[str, bytes]) -> dict[str, object]:
            return TrustDraft(
                number=1,
                issued=_present(ledger, number),
                chain_id=number,
                genesis=named_chain.genesis,
                contracts=contracts,
                code_hashes=hashes,
                chain=named_chain.chain,
                keys=keys.trust_keys,
                threshold=keys.threshold,
                authority=named,
                sources=files.sources,
            ).document()

        parse_unsigned(drafted(_NO_CONTRACTS, dict.fromkeys(CONTRACTS, bytes(32))))  # refused before anything is sent
        record = found_contracts(ledger, signer, *sets)
        write_new(files.out, record.document())  # the contracts are there now
        rebuilt = rebuild(record)
        document = drafted(rebuilt.contracts, rebuilt.code_hashes)
    write_new(files.draft, document)
    _say(
        {"deployment": str(files.out), "draft": str(files.draft), "sha256": fingerprint(parse_unsigned(document))},
        as_json,
        lang,
    )
    return OK


def _check_trust_key(text: str) -> None:
    """Check that an option holds a key that may sign trust files. Raises ArgumentRefused."""
    try:
        parse_multibase(text)
    except KeyRefused as error:
        raise ArgumentRefused(f"--trust-key {text}: {error}") from error


def verify(
    deployment: Path,
    council: Path | None,
    recovery: Path | None,
    draft: Path | None,
    rpc: str | None,
    chain: Path | None,
    as_json: bool,
    lang: Language,
) -> None:
    """Run `acredita network verify`."""
    record = read_file(deployment, parse_deployment)
    rebuilt = rebuild(record)
    for file, deployed, option in ((council, rebuilt.council, "--council"), (recovery, rebuilt.recovery, "--recovery")):
        if file is not None:
            check_expected(read_file(file, parse_account_set), deployed, option)
    facts: dict[str, object] = {
        "chain_id": record.chain_id,
        "genesis": to_hex(record.genesis),
        "contracts": {name: to_hex(getattr(rebuilt.contracts, name)) for name in rebuilt.codes},
        "council": rebuilt.council.document(),
        "recovery": rebuilt.recovery.document(),
    }
    if draft is not None:
        parsed = parse_unsigned(read_json_file(draft))
        check_draft(parsed, record, rebuilt)
        facts["draft_sha256"] = fingerprint(parsed)
    with _opened(rpc, chain, writing=False) as ledger:
        check_deployed(ledger, record, rebuilt)
    if as_json:
        _say(facts, as_json, lang)
        return
    for name, value in facts.items():
        typer.echo(f"{_LABELS[name].said(lang)}: {_shown(value, lang)}")


def _shown(value: object, language: str) -> str:
    """Return a fact as text: of named values one line each, of a list its items."""
    if isinstance(value, dict):
        named = ((_LABELS[name].said(language) if name in _LABELS else name, each) for name, each in value.items())
        return "".join(f"\n  {name}: {_shown(each, language)}" for name, each in named)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@contextmanager
def _opened(rpc: str | None, chain: Path | None, *, writing: bool) -> Iterator[Ledger]:
    """Open a ledger that no trust file names yet. Raises ArgumentRefused, ChainFolderError."""
    if (rpc is None) == (chain is None):
        raise ArgumentRefused("either --rpc or --chain expected")
    if rpc is not None:
        try:
            yield ledger_over_http(rpc)
        except ConfigurationError as error:
            raise ArgumentRefused(f"--rpc: {error}") from error
        return
    assert chain is not None
    if not chain.is_dir():
        raise ArgumentRefused(f"{chain}: the folder of an embedded chain expected")
    if not writing:
        with chain_folder_ledger(chain) as ledger:
            yield ledger
        return
    with Chain.open(chain) as opened:
        rpc_of_chain = Rpc(opened)
        try:
            yield RpcLedger(EmbeddedProvider(rpc_of_chain))
        finally:
            rpc_of_chain.close()


def _chain(ledger: Ledger, validators: Sequence[Address], period: int | None) -> "_NamedChain":
    """Return the chain as the first trust file names it. Raises ArgumentRefused where its validators are not told."""
    genesis, head = ledger.block(0), ledger.head()
    if genesis is None:
        raise LedgerUnavailable("the ledger has no block 0")
    named = BlockHash(genesis.hash)
    if validators and period:
        sets = [ValidatorSet(1, None, tuple(sorted(set(validators))))]
        return _NamedChain(named, qbft_chain(sets, period=period, idle=period))
    if validators or period or ledger.chain_id() != DEVELOPMENT_CHAIN_ID:
        raise ArgumentRefused("--validator for each validator, and --period, expected")
    return _NamedChain(named, development_chain({0: named, head.number: BlockHash(head.hash)}))


def _present(ledger: Ledger, chain_id: int) -> int:
    now = int(time.time())
    return max(now, ledger.head().time) if chain_id == DEVELOPMENT_CHAIN_ID else now


def _say(facts: Mapping[str, object], as_json: bool, lang: Language) -> None:
    typer.echo(
        json.dumps(facts, indent=2, ensure_ascii=False) if as_json else facts_line(facts, lang).replace("; ", "\n")
    )
