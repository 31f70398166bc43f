"""Deploy the four contracts from a throw-away account, and let anybody rebuild what was deployed.

A deployment's record holds the four signed transactions. Everything else follows from them: sender and nonce give each
address, the creation code gives contract and constructor arguments, the hash finds the receipt. Nothing in the record is
believed: the creation codes must be those of the installed package, and the chain must hold what they make.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import rlp  # type: ignore[import-untyped]
from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.raw_transaction import ReadCreation, read_creation
from acredita.anchoring.sender import MemoryTransactionStore, Sender
from acredita.anchoring.transaction import SignedTransaction, TransactionSigner
from acredita.anchoring.types import HASH_BYTES, Address, BlockHash, FormatRefused, from_hex, to_hex
from acredita.contracts.abi import AbiError, Deployment, decode, encode
from acredita.contracts.artifact import load
from acredita.contracts.bindings import Council, deploy_data
from acredita.contracts.interface import interface
from acredita.node.ledger.single_operator_acts import deploy
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.members import count_of, data_of, list_of, object_of
from acredita.registry.ledger_facts.trust_file import Trust
from eth_hash.auto import keccak

FORMAT: Final = "acredita-deployment/1"
COUNCIL_FORMAT: Final = "acredita-council/1"
MAX_MEMBERS: Final = 32  # Council, MAX_MEMBERS
_MAX_CREATION_BYTES: Final = 1 << 16
_NAMES: Final = {
    "Council": "council",
    "IssuerRegistry": "issuer_registry",
    "ProgrammeRegistry": "programme_registry",
    "CredentialLog": "credential_log",
}


@dataclass(frozen=True, slots=True)
class AccountSet:
    """Accounts, of which as many as the threshold act together: the council, or its recovery set."""

    accounts: tuple[Address, ...]
    threshold: int

    def document(self) -> dict[str, object]:
        """Return it as a file has it."""
        return {"members": [to_hex(account) for account in self.accounts], "threshold": self.threshold}


@dataclass(frozen=True, slots=True)
class DeploymentRecord:
    """The four transactions that deployed an installation, in their order, and the chain that they are on."""

    chain_id: int
    genesis: BlockHash
    transactions: tuple[bytes, ...]

    def document(self) -> dict[str, object]:
        """Return the content of the file."""
        return {
            "format": FORMAT,
            "chain_id": self.chain_id,
            "genesis": to_hex(self.genesis),
            "transactions": [to_hex(raw) for raw in self.transactions],
        }


@dataclass(frozen=True, slots=True)
class RebuiltDeployment:
    """The outcome of a record's transactions: addresses, runtime codes, council and recovery set."""

    contracts: Deployment
    codes: Mapping[str, bytes]
    council: AccountSet
    recovery: AccountSet

    @property
    def code_hashes(self) -> dict[str, bytes]:
        """Contract name → keccak-256 of its runtime code, as a trust file pins it."""
        return {name: bytes(keccak(code)) for name, code in self.codes.items()}


class _RecordingStore(MemoryTransactionStore):
    """A store that keeps the bytes of every transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def persist(self, transaction: SignedTransaction) -> None:
        super().persist(transaction)
        self.sent.append(transaction.raw)


def parse_account_set(document: object) -> AccountSet:
    """Read `acredita-council/1`. Raises FormatRefused."""
    body = object_of(document, "/", frozenset({"format", "members", "threshold"}))
    if body["format"] != COUNCIL_FORMAT:
        raise FormatRefused("/format", f"{COUNCIL_FORMAT} expected")
    texts = list_of(body["members"], "/members", MAX_MEMBERS)
    accounts = tuple(Address(from_hex(text, 20, f"/members/{place}")) for place, text in enumerate(texts))
    threshold = count_of(body["threshold"], "/threshold")
    if len(set(accounts)) != len(accounts):
        raise FormatRefused("/members", "each account once expected")
    if not 0 < threshold <= len(accounts):
        raise FormatRefused("/threshold", "a number from 1 to the number of members expected")
    return AccountSet(accounts, threshold)


def parse_deployment(document: object) -> DeploymentRecord:
    """Read `acredita-deployment/1`. Raises FormatRefused."""
    body = object_of(document, "/", frozenset({"format", "chain_id", "genesis", "transactions"}))
    if body["format"] != FORMAT:
        raise FormatRefused("/format", f"{FORMAT} expected")
    texts = list_of(body["transactions"], "/transactions", len(_NAMES))
    if len(texts) != len(_NAMES):
        raise FormatRefused("/transactions", f"{len(_NAMES)} transactions expected")
    raws = tuple(data_of(raw, f"/transactions/{place}", _MAX_CREATION_BYTES) for place, raw in enumerate(texts))
    return DeploymentRecord(
        count_of(body["chain_id"], "/chain_id"),
        BlockHash(from_hex(body["genesis"], HASH_BYTES, "/genesis")),
        raws,
    )


def found_contracts(
    ledger: Ledger, account: TransactionSigner, council: AccountSet, recovery: AccountSet
) -> DeploymentRecord:
    """Deploy the four contracts and return their record. The account gets no rights.

    Raises RegistryActRefused for one account in both sets, LedgerUnavailable, TransactionRevertedError.
    """
    both = set(council.accounts) & set(recovery.accounts)
    if both:
        raise RegistryActRefused(Code.ACCOUNT_ROLE, f"{to_hex(min(both))} is a member and of the recovery set")
    store = _RecordingStore()
    sender = Sender(ledger, account, depth=0, store=store)
    deploy(sender, council.accounts, council.threshold, recovery.accounts, recovery.threshold)
    return DeploymentRecord(ledger.chain_id(), _genesis(ledger), tuple(store.sent))


def rebuild(record: DeploymentRecord) -> RebuiltDeployment:
    """Rebuild addresses, constructor arguments and runtime codes from the transactions alone.

    Raises RegistryActRefused where a creation code is not the installed package's.
    """
    creations = [read_creation(raw) for raw in record.transactions]
    contracts = Deployment(*(_address(creation) for creation in creations))
    if any(creation.chain_id != record.chain_id for creation in creations):
        raise _differs("the transactions are for another chain than the record names")
    members, threshold, recovery, recovery_threshold = _council_arguments(creations[0])
    arguments: dict[str, tuple[object, ...]] = {
        "Council": (members, threshold, recovery, recovery_threshold),
        "IssuerRegistry": (contracts.council,),
        "ProgrammeRegistry": (contracts.council, contracts.issuer_registry),
        "CredentialLog": (contracts.issuer_registry, contracts.council),
    }
    for (name, values), creation in zip(arguments.items(), creations, strict=True):
        if creation.code != deploy_data(name, *values):
            raise _differs(f"{name}: another creation code, or other constructor arguments")
    codes = {
        _NAMES[name]: load(name).runtime_bytecode
        + (b"" if name == "Council" else encode(["address"] * len(values), values))
        for name, values in arguments.items()
    }
    return RebuiltDeployment(
        contracts, codes, AccountSet(tuple(members), threshold), AccountSet(tuple(recovery), recovery_threshold)
    )


def check_deployed(ledger: Ledger, record: DeploymentRecord, rebuilt: RebuiltDeployment) -> None:
    """Check that the chain holds what the transactions make. Raises RegistryActRefused, LedgerUnavailable."""
    if ledger.chain_id() != record.chain_id or _genesis(ledger) != record.genesis:
        raise _differs("the endpoint's chain is another than the record names")
    head = ledger.head()
    for (contract, name), raw in zip(_NAMES.items(), record.transactions, strict=True):
        address = Address(getattr(rebuilt.contracts, name))
        receipt = ledger.receipt(read_creation(raw).signed.hash)
        if receipt is None:
            raise LedgerUnavailable(f"{contract}: its transaction is in no block that the endpoint knows")
        if not receipt.succeeded or receipt.contract != address:
            raise _differs(f"{contract}: its transaction made no contract at {to_hex(address)}")
        if ledger.code(address, head.hash) != rebuilt.codes[name]:
            raise _differs(f"{contract}: another code at {to_hex(address)}")
    council = Council(rebuilt.contracts.council)
    members, holders = ledger.read(council.members(), head.hash), ledger.read(council.recovery_members(), head.hash)
    on_chain = (
        AccountSet(tuple(Address(member) for member in members), ledger.read(council.threshold(), head.hash)),
        AccountSet(tuple(Address(holder) for holder in holders), ledger.read(council.recovery_threshold(), head.hash)),
    )
    if on_chain != (rebuilt.council, rebuilt.recovery):
        raise _differs("the council or its recovery set has changed since the deployment")


def check_expected(expected: AccountSet, deployed: AccountSet, option: str) -> None:
    """Check accounts and threshold against a member's own file; order is free. Raises RegistryActRefused."""
    if (set(expected.accounts), expected.threshold) != (set(deployed.accounts), deployed.threshold):
        raise _differs(f"{option}: other accounts, or another threshold, than were deployed")


def check_draft(draft: Trust, record: DeploymentRecord, rebuilt: RebuiltDeployment) -> None:
    """Check that a trust draft names this chain, these contracts and these codes. Raises RegistryActRefused."""
    if (draft.chain_id, draft.genesis) != (record.chain_id, record.genesis):
        raise _differs("the trust draft is for another chain than the record names")
    if (draft.contracts, dict(draft.code_hashes)) != (rebuilt.contracts, rebuilt.code_hashes):
        raise _differs("the trust draft names other contracts, or other codes, than were deployed")


def _council_arguments(creation: ReadCreation) -> tuple[Sequence[Address], int, Sequence[Address], int]:
    code = load("Council").bytecode
    if not creation.code.startswith(code):
        raise _differs("Council: another creation code, or other constructor arguments")
    try:
        members, threshold, recovery, recovery_threshold = decode(
            interface("Council").constructor, creation.code[len(code) :]
        )
    except AbiError as error:
        raise _differs("Council: another creation code, or other constructor arguments") from error
    return _accounts(members), int(str(threshold)), _accounts(recovery), int(str(recovery_threshold))


def _accounts(value: object) -> list[Address]:
    assert isinstance(value, list | tuple)
    return [Address(item if isinstance(item, bytes) else bytes.fromhex(item.removeprefix("0x"))) for item in value]


def _address(creation: ReadCreation) -> Address:
    """Return the address of the contract that a transaction makes."""
    sender, nonce = creation.signed.sender, creation.signed.nonce
    encoded = rlp.encode([bytes(sender), nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")])
    return Address(bytes(keccak(encoded)[-20:]))


def _genesis(ledger: Ledger) -> BlockHash:
    genesis = ledger.block(0)
    if genesis is None:
        raise LedgerUnavailable("the ledger has no block 0")
    return BlockHash(genesis.hash)


def _differs(detail: str) -> RegistryActRefused:
    return RegistryActRefused(Code.DEPLOYMENT_DIFFERS, detail)
