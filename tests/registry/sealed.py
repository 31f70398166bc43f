"""A world of tests read through the sealed endpoints of a QBFT network, and the trust file that names its validators."""

from collections.abc import Sequence

from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import BlockHash
from acredita.registry.ledger_facts.trust_draft import sign_trust
from acredita.registry.ledger_facts.trust_file import Trust, parse_trust
from acredita.registry.ledger_facts.trusted_chain import NamedBlock, ValidatorSet, qbft_chain

from tests.registry.world import World, signer
from tests.simulators.qbft import PERIOD_SECONDS, VALIDATORS, QbftNetwork
from tests.simulators.qbft_lies import STRANGERS


def network_of(world: World) -> QbftNetwork:
    """Return four validators over the world's chain, which still makes a block for each transaction."""
    return QbftNetwork(world.chain, world.rpc, world.clock)


def usurped_network_of(world: World, above: int) -> QbftNetwork:
    """Return a network over the world's chain whose blocks above a height two of four validators sealed, with strangers."""
    network, chain = network_of(world), world.chain
    signers = (*VALIDATORS[:2], *STRANGERS)
    network.signers = {chain.header(number).hash: signers for number in range(above + 1, chain.head.number + 1)}
    return network


def sealed_trust(
    world: World, validators: Sequence[LocalAccount] = VALIDATORS, closing: NamedBlock | None = None
) -> Trust:
    """Read `sealed_trust_document` as a verifier does."""
    return parse_trust(sealed_trust_document(world, validators, closing))


def sealed_trust_document(
    world: World, validators: Sequence[LocalAccount] = VALIDATORS, closing: NamedBlock | None = None
) -> dict[str, object]:
    """Sign the world's trust file, vouching by validators alone. `closing`: the last block of validators before them."""
    plain = world.trust()
    addresses = tuple(validator.address for validator in validators)
    sets = [ValidatorSet(0 if closing is None else closing.number + 1, None, addresses)]
    if closing is not None:
        sets.insert(0, ValidatorSet(0, closing, addresses))
    return sign_trust(
        number=plain.number,
        issued=plain.issued,
        chain_id=plain.chain_id,
        genesis=BlockHash(plain.genesis),
        contracts=plain.contracts,
        code_hashes=plain.code_hashes,
        chain=qbft_chain(sets, period=PERIOD_SECONDS, idle=60),
        signers=[signer("authority"), signer("second signer")],
    )
