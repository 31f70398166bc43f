"""Attacks on a log: an insider's back-dated entry, a rewritten log, a stolen anchoring account."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind
from acredita.anchoring.entries import Entry, decode, issued
from acredita.anchoring.ledger import LogAheadError
from acredita.anchoring.log import MemoryNodes, ProposedCheckpoint, RunningLog
from acredita.anchoring.merkle import Frontier
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.sender import Sender
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Digest
from acredita.contracts import bindings
from acredita.contracts.abi import Call
from acredita.contracts.bindings import ContractRefused
from acredita.node.custody.key_ring import ANCHORING
from acredita.node.demo.cohorts import CohortPlan
from acredita.node.demo.environment import DemoEnvironment, DemoEvent
from acredita.node.demo.issuing import anchor
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import stored_checkpoints, stored_log
from acredita.node.storage.stored_checkpoints import StoredCheckpoint
from acredita.registry.codes import Code
from acredita.registry.credentials.build import Award, Issuer, build_credential
from acredita.registry.credentials.days import DEFAULT_ZONE, today_in
from acredita.registry.credentials.status_position import entry_at
from acredita.registry.keys.keystore import KeystorePurpose
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof, verify_proof

SECOND_ACCOUNT = "anchoring-2"
INSIDER_POSITION = 77  # any position: an insider cannot draw one


@dataclass(frozen=True)
class InsertedCredential:
    """A credential inserted into a status-only checkpoint, with its receipt and the entry that the node never wrote."""

    credential: dict[str, object]
    receipt: Receipt
    entry: Entry


def insert_backdated(demo: DemoEnvironment, key: str, plan: CohortPlan) -> InsertedCredential:
    """Sign with an earlier date as an insider of the suspended issuer, and insert the entry.

    The checkpoint is a status-only one, so that the contract accepts it.
    """
    tenant = demo.tenants[key]
    entries, newest = _log_of(tenant)
    credential, digest = _backdated(demo, tenant, plan)
    entry = issued(digest, demo.texts.programme(plan.programme, plan.version).digest)
    running = RunningLog(MemoryNodes(), Frontier(), StatusBits())
    running.extend([*entries, entry])
    proposed = running.propose(newest.checkpoint, CheckpointKind.STATUS_ONLY)
    sent = demo.sender(tenant.keystore.account(ANCHORING)).transact(_anchor(demo, proposed))
    block = demo.ledger.block(sent.block_number)
    assert block is not None
    index = running.size - 1
    receipt = Receipt(
        entry=entry,
        index=index,
        inclusion=tuple(running.inclusion_path(index, running.size)),
        checkpoint=proposed.checkpoint(block.time),
        chain_id=tenant.writer.identity.chain_id,
        genesis=tenant.writer.identity.genesis,
        contract=tenant.writer.identity.contract,
        issuer=tenant.issuer,
        epoch=newest.epoch,
        block_number=sent.block_number,
        block_hash=sent.block_hash,
        transaction=sent.transaction,
    )
    demo.report(
        DemoEvent(
            "Alguien de adentro antedata una credencial y la cuela en un anclaje de solo estado: no se reconoce.",
            "An insider back-dates a credential and slips it into a status-only checkpoint: it is not recognised.",
            Code.ISSUER_NOT_ACCREDITED_AT_ISSUANCE,
        )
    )
    return InsertedCredential(credential, receipt, entry)


def _backdated(demo: DemoEnvironment, tenant: Tenant, plan: CohortPlan) -> tuple[dict[str, object], Digest]:
    day = demo.time(plan.day)
    award = Award("Persona de adentro (DEMO)", None, today_in(DEFAULT_ZONE, day), "Competente", None)
    institution = tenant.institution
    unsigned = build_credential(
        demo.texts.programme(plan.programme, plan.version),
        award,
        Issuer(institution.did, institution.name),
        identifier=UUID(bytes=institution.context.random(16), version=4),
        status=entry_at(institution.context.base, institution.issuer, INSIDER_POSITION),
        valid_from=day,
        salt=institution.context.random(16),
    )
    key = institution.context.keys()
    signed = add_proof(
        unsigned, ProofOptions(key.cryptosuite, key.verification_method, datetime.fromtimestamp(day, UTC)), key.signer
    )
    return signed, verify_proof(signed, key.public).digest


def rewrite_log(demo: DemoEnvironment, key: str) -> str:
    """Drop an entry from the log's history. The contract demands a consistency proof, and there is none.

    Returns the contract's reason.
    """
    tenant = demo.tenants[key]
    entries, newest = _log_of(tenant)
    running = RunningLog(MemoryNodes(), Frontier(), StatusBits())
    forged = issued(Digest(b"\x01" * 32), Digest(b"\x02" * 32))
    running.extend([*entries[:5], *entries[6:], forged, forged])
    proposed = running.propose(newest.checkpoint, CheckpointKind.OPEN)
    try:
        demo.sender(tenant.keystore.account(ANCHORING)).transact(_anchor(demo, proposed))
    except ContractRefused as refused:
        demo.report(
            DemoEvent(
                f"Una bitácora reescrita: el contrato la rechaza ({refused.reason}).",
                f"A rewritten log: the contract refuses it ({refused.reason}).",
                refused.code,
            )
        )
        return refused.reason
    raise RuntimeError("the contract took a rewritten log")


def steal_and_recover(demo: DemoEnvironment, key: str) -> Checkpoint:
    """Anchor as a thief with a stolen account, then recover: the node stops, and the council opens an epoch.

    The new epoch follows the last good checkpoint. Returns the thief's checkpoint, which is void.
    """
    tenant = demo.tenants[key]
    entries, newest = _log_of(tenant)
    stolen = _steal(demo, tenant, entries, newest)
    try:
        anchor(tenant)
    except LogAheadError as stop:
        code = stop.code
    else:
        raise RuntimeError("the node did not notice a checkpoint that is not its own")
    act = demo.legal_act(f"Robo de la cuenta de anclaje de {tenant.institution.name}")
    control = demo.controls[key]
    control.end_account(tenant.writer.signer.address, act)
    last_good = newest.checkpoint.parts()
    demo.council.do("open-epoch", {"did": tenant.issuer, "last-good": last_good, "act": act}, act)
    tenant.keystore.generate(SECOND_ACCOUNT, KeystorePurpose.ANCHORING)
    reopened = demo.open_tenant(key, tenant.institution.name, tenant.keystore)
    control.add_anchoring_account(reopened.writer.signer)
    demo.report(
        DemoEvent(
            f"Roban una cuenta de anclaje: el nodo se detiene ({code}); el consejo abre una época nueva "
            "tras el último anclaje bueno y lo del ladrón queda anulado.",
            f"An anchoring account is stolen: the node stops ({code}); the council opens a new epoch "
            "after the last good checkpoint, and the thief's is void.",
            code,
        )
    )
    return stolen


def _steal(demo: DemoEnvironment, tenant: Tenant, entries: list[Entry], newest: StoredCheckpoint) -> Checkpoint:
    running = RunningLog(MemoryNodes(), Frontier(), StatusBits())
    running.extend([*entries, issued(Digest(b"\xbd" * 32), Digest(b"\xbe" * 32))])
    proposed = running.propose(newest.checkpoint, CheckpointKind.OPEN)
    sent = _thief(demo, tenant).transact(_anchor(demo, proposed))
    block = demo.ledger.block(sent.block_number)
    assert block is not None
    return proposed.checkpoint(block.time)


def _thief(demo: DemoEnvironment, tenant: Tenant) -> Sender:
    return demo.sender(tenant.keystore.account(ANCHORING))


def _anchor(demo: DemoEnvironment, proposed: ProposedCheckpoint) -> Call:
    return bindings.CredentialLog(demo.deployed.credential_log).anchor(
        proposed.kind,
        proposed.size,
        proposed.root,
        proposed.status_root,
        proposed.last.parts(),
        proposed.consistency_path,
    )


def _log_of(tenant: Tenant) -> tuple[list[Entry], StoredCheckpoint]:
    """Return the entries of the current epoch as the node has them, and its newest confirmed checkpoint."""
    with tenant.writer.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, tenant.issuer)
        if newest is None:
            raise RuntimeError("the log was never opened")
        data = stored_log.read_entries(connection, tenant.issuer, newest.epoch, 0, newest.checkpoint.size)
        return [decode(entry) for entry in data], newest
