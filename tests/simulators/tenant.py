"""The tenant of one institution under keys of its own, on an installation's chain."""

from pathlib import Path

from acredita.anchoring.types import Address
from acredita.node.runtime.tenant import Tenant, generate_keys, open_tenant
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.write_path.writer import AnchoringPolicy
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.scrypt_cost import LEAST_N

from tests.simulators.installation import Installation


def new_tenant(installation: Installation, database: Database, folder: Path) -> Tenant:
    """Generate keys in the folder and open a tenant; the institution is not accredited."""
    keystore = Keystore.create(folder / "ut.keystore", b"secreto", n=LEAST_N)
    generate_keys(keystore)
    return open_tenant(
        profile="ut",
        name="UT (DEMO)",
        base="https://registro.example",
        keystore=keystore,
        database=database,
        leases=Leases(database, "test"),
        ledger=installation.ledger,
        contract=Address(installation.deployment.credential_log),
        policy=AnchoringPolicy(depth=0),
        clock=installation.clock,
    )
