"""Write the files of a new QBFT network of Besu nodes: first block, nodes, permissions, one configuration a node.

Nothing here is a private key, unless a development network asks for all of them. The configuration repeats Besu's own
profile for private networks, so that a reader sees each setting. Files of Besu's own tests were read for it; Besu itself
has not been run.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.qbft import MAX_SEALS, genesis_extra_data
from acredita.anchoring.types import Address, FormatRefused, to_hex
from acredita.node.administration.network_readme import BESU_IMAGE, readme
from acredita.node.administration.network_validators import (
    KEY_FILE,
    Validator,
    check_distinct,
    new_validator,
    write_private_key,
)

DEVELOPMENT_CHAIN_ID: Final = 31_337
MAX_CHAIN_ID: Final = 2**53 - 1  # whole in every JSON reader
MAX_PERIOD_SECONDS: Final = 60
GAS_LIMIT: Final = 30_000_000
CONTRACT_SIZE_LIMIT: Final = 49_152  # bytes, twice EIP-170's; the largest contract has less than 24,576
P2P_PORT: Final = 30_303
RPC_PORT: Final = 8_545
LOGS_RANGE: Final = 5_000  # blocks of one log query
DEMO_SUBNET: Final = "172.28.57"
DEMO_FIRST_HOST: Final = 11
MAX_DEMO_KEYS: Final = 20

_BFT_MIX_HASH: Final = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365"
_EPOCH_BLOCKS: Final = 30_000
_TIMEOUT_PERIODS: Final = 2  # a round takes longer than the period, or every round ends too early
_FORKS: Final = (
    "homesteadBlock",
    "eip150Block",
    "eip155Block",
    "eip158Block",
    "byzantiumBlock",
    "constantinopleBlock",
    "petersburgBlock",
    "istanbulBlock",
    "berlinBlock",
    "londonBlock",
)
# Besu's profile for private networks (config/src/main/resources/profiles/enterprise-private.toml).
_PROFILE: Final[Mapping[str, object]] = {
    "sync-mode": "FULL",
    "data-storage-format": "FOREST",
    "sync-min-peers": 1,
    "remote-connections-limit-enabled": False,
    "tx-pool": "SEQUENCED",
    "tx-pool-no-local-priority": True,
    "tx-pool-limit-by-account-percentage": 0.15,
    "rpc-http-max-active-connections": 300,
    "min-gas-price": 0,
    "bonsai-limit-trie-logs-enabled": False,
}


@dataclass(frozen=True)
class NetworkPlan:
    """The decisions about a network. `accounts`: who may send transactions. `genesis_time`: Unix seconds."""

    validators: Sequence[Validator]
    accounts: Sequence[Address]
    chain_id: int
    period: int
    genesis_time: int
    gas_limit: int = GAS_LIMIT
    is_demo: bool = False

    def check(self) -> None:
        """Check what a network must be. Raises FormatRefused."""
        if not 0 < self.chain_id <= MAX_CHAIN_ID:
            raise FormatRefused("--chain-id", f"a number from 1 to {MAX_CHAIN_ID} expected")
        if not 0 < self.period <= MAX_PERIOD_SECONDS:
            raise FormatRefused("--period", f"seconds from 1 to {MAX_PERIOD_SECONDS} expected")
        if not 0 < len(self.validators) <= MAX_SEALS:
            raise FormatRefused("--validator", f"1 to {MAX_SEALS} validators expected")
        if not self.accounts:
            raise FormatRefused("--allow", "an account that may send transactions expected, for one who founds")
        check_distinct(self.validators)


def demo_validators(count: int, chain_id: int) -> list[tuple[bytes, Validator]]:
    """Make all validators of a development network, with their private keys. Raises FormatRefused on other chains."""
    if chain_id != DEVELOPMENT_CHAIN_ID:
        raise FormatRefused(
            "--demo-keys", f"only for chain id {DEVELOPMENT_CHAIN_ID}: each validator makes its own key"
        )
    if not 0 < count <= MAX_DEMO_KEYS:
        raise FormatRefused("--demo-keys", f"a number from 1 to {MAX_DEMO_KEYS} expected")
    hosts = (f"{DEMO_SUBNET}.{DEMO_FIRST_HOST + place}" for place in range(count))
    return [new_validator(f"validator-{place + 1}", host, P2P_PORT) for place, host in enumerate(hosts)]


def write_network(folder: Path, plan: NetworkPlan, private_keys: Sequence[bytes], language: str) -> None:
    """Write the folder whole or not at all. `private_keys`: of a development network, in the order of its validators.

    Raises FormatRefused, FileExistsError.
    """
    plan.check()
    if folder.exists():
        raise FileExistsError(17, "exists already, and is not written over", str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".acredita-network-", dir=folder.resolve().parent) as scratch:
        built = Path(scratch) / "network"
        built.mkdir()
        for name, content in network_files(plan, language).items():
            (built / name).write_text(content, encoding="utf-8")
        for validator in plan.validators:
            (built / validator.name).mkdir(mode=0o700)
        for validator, private in zip(plan.validators[: len(private_keys)], private_keys, strict=True):
            write_private_key(built / validator.name / KEY_FILE, private)
        shutil.move(built, folder)


def network_files(plan: NetworkPlan, language: str) -> dict[str, str]:
    """Return the text of each file by its name."""
    enodes = [validator.enode for validator in plan.validators]
    permissions = {"nodes-allowlist": enodes, "accounts-allowlist": sorted({to_hex(each) for each in plan.accounts})}
    return {
        "genesis.json": json.dumps(genesis(plan), indent=2) + "\n",
        "static-nodes.json": json.dumps(enodes, indent=2) + "\n",
        "permissions.toml": toml(permissions),
        **{f"{validator.name}.toml": toml(node_settings(validator, plan)) for validator in plan.validators},
        "compose.yaml": compose(plan),
        "README.md": readme([(each.name, each.enode) for each in plan.validators], language, is_demo=plan.is_demo),
    }


def genesis(plan: NetworkPlan) -> dict[str, object]:
    """Return the first block: QBFT, Shanghai from the start, base fee 0, no account with a balance."""
    return {
        "config": {
            "chainId": plan.chain_id,
            **dict.fromkeys(_FORKS, 0),
            "shanghaiTime": 0,
            "zeroBaseFee": True,
            "contractSizeLimit": CONTRACT_SIZE_LIMIT,
            "qbft": {
                "blockperiodseconds": plan.period,
                "epochlength": _EPOCH_BLOCKS,
                "requesttimeoutseconds": _TIMEOUT_PERIODS * plan.period,
            },
        },
        "nonce": "0x0",
        "timestamp": hex(plan.genesis_time),
        "extraData": to_hex(genesis_extra_data([validator.address for validator in plan.validators])),
        "gasLimit": hex(plan.gas_limit),
        "baseFeePerGas": "0x0",
        "difficulty": "0x1",
        "mixHash": _BFT_MIX_HASH,
        "coinbase": to_hex(bytes(20)),
        "alloc": {},
    }


def node_settings(validator: Validator, plan: NetworkPlan) -> dict[str, object]:
    """Return the configuration of one node, with the paths of its container."""
    return {
        **_PROFILE,
        "identity": validator.name,
        "data-path": "/data",
        "genesis-file": "/network/genesis.json",
        "node-private-key-file": f"/keys/{KEY_FILE}",
        "static-nodes-file": "/network/static-nodes.json",
        "discovery-enabled": False,
        "nat-method": "NONE",
        "p2p-host": validator.host,
        "p2p-port": validator.port,
        "permissions-nodes-config-file-enabled": True,
        "permissions-nodes-config-file": "/network/permissions.toml",
        "permissions-accounts-config-file-enabled": True,
        "permissions-accounts-config-file": "/network/permissions.toml",
        "target-gas-limit": plan.gas_limit,
        "rpc-http-enabled": True,
        "rpc-http-host": "0.0.0.0",  # inside the container; the port is published on loopback
        "rpc-http-port": RPC_PORT,
        "rpc-http-api": ["ETH", "NET", "WEB3", "QBFT"],
        "rpc-max-logs-range": LOGS_RANGE,
        "host-allowlist": ["localhost", "127.0.0.1"],
    }


def toml(settings: Mapping[str, object]) -> str:
    """Return flat settings as TOML. JSON's texts, numbers, truth values and lists of texts are TOML's as well."""
    return "".join(f"{name}={json.dumps(value)}\n" for name, value in settings.items())


def compose(plan: NetworkPlan) -> str:
    """Return the Compose file: a service for each node, each to be started on its own operator's machine."""
    services = "".join(_service(place, validator, plan) for place, validator in enumerate(plan.validators))
    subnet = f"\nnetworks:\n  validators:\n    ipam:\n      config:\n        - subnet: {DEMO_SUBNET}.0/24\n"
    volumes = "".join(f"  {validator.name}:\n" for validator in plan.validators)
    return f"services:\n{services}\nvolumes:\n{volumes}{subnet if plan.is_demo else ''}"


def _service(place: int, validator: Validator, plan: NetworkPlan) -> str:
    rpc = RPC_PORT + (place if plan.is_demo else 0)
    ports = [f"127.0.0.1:{rpc}:{RPC_PORT}"]
    if not plan.is_demo:
        ports.append(f"{validator.port}:{validator.port}")
    published = "".join(f'      - "{port}"\n' for port in ports)
    address = f"    networks:\n      validators:\n        ipv4_address: {validator.host}\n" if plan.is_demo else ""
    shared = ("genesis.json", "static-nodes.json", "permissions.toml", f"{validator.name}.toml")
    mounts = "".join(f"      - ./{name}:/network/{name}:ro\n" for name in shared)
    return (
        f"  {validator.name}:\n"
        f"    image: {BESU_IMAGE}\n"
        f"    command: [--config-file=/network/{validator.name}.toml]\n"
        f"    restart: unless-stopped\n"
        f"    ports:\n{published}"
        f"    volumes:\n{mounts}"
        f"      - ./{validator.name}:/keys:ro\n"
        f"      - {validator.name}:/data\n"
        f"{address}"
    )
