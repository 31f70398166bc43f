"""`acredita account sign|consent`: sign what was prepared elsewhere, and consent to be bound to a party.

Both work without a ledger: the trust file names chain and contracts.
"""

import json
import time
from pathlib import Path

import typer
from acredita.anchoring.types import to_hex
from acredita.cli.bodies.account_access import acting_address, call_signer
from acredita.cli.bodies.act_files import check_absent, read_file, write_new
from acredita.cli.bodies.act_options import ReadingOptions, SignerOptions
from acredita.cli.bodies.act_report import act_lines, show_lines
from acredita.cli.bodies.act_run import ask_consent
from acredita.cli.bodies.opened_installation import names_ledger, open_installation, trust_of
from acredita.cli.exit_codes import OK, ArgumentRefused
from acredita.contracts.abi import Call
from acredita.contracts.account_consent import MAX_LIFE_SECONDS, WORDS, ConsentDomain
from acredita.contracts.answers import AccountPurpose
from acredita.node.publication.trust_folder import write_json
from acredita.node.verification.language import Language
from acredita.registry.acts.calldata import DecodedAct, calldata_hash, decoded_act
from acredita.registry.acts.consent import ConsentFile
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.party_names import Names, names_of
from acredita.registry.acts.proposal import ActProposal, check_installation, parse_proposal
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.acts.shapes import Text
from acredita.registry.acts.state_words import ACCOUNT_PURPOSES
from acredita.registry.acts.transaction import parse_transaction
from acredita.registry.codes import Code
from acredita.registry.keys.did import DidRefused, issuer_id, parse_did

_DAY_SECONDS = 24 * 3600


def sign(
    file: Path,
    trust: Path | None,
    proposal: Path | None,
    yes: bool,
    as_json: bool,
    lang: Language,
    options: SignerOptions,
) -> int:
    """Run `acredita account sign`."""
    installation = InstallationName.of(trust_of(trust)[0])
    transaction = read_file(file, parse_transaction)
    transaction.check_installation(installation)
    address = acting_address(options)
    if address != transaction.sender:
        raise RegistryActRefused(
            Code.ACCOUNT_ROLE, f"{file}: prepared for {to_hex(transaction.sender)}, not for {to_hex(address)}"
        )
    names = names_of(transaction.dids)
    act = decoded_act(transaction.unsigned.call, installation.contracts)
    show_lines([*act_lines(act, names, lang), *_proposed_lines(act, proposal, installation, names, lang)])
    show_lines([f"{Text('chain', 'cadena').said(lang)} {installation.chain_id}, nonce {transaction.unsigned.nonce}"])
    ask_consent(yes, lang)
    signed = call_signer(options, lang).sign_call(transaction.unsigned)
    document = transaction.signed(signed)
    document.transaction()  # read back before it is kept
    write_json(file, document.document())
    facts = {"signed": str(file), "transaction": to_hex(signed.hash), "account": to_hex(signed.sender)}
    typer.echo(json.dumps(facts, indent=2) if as_json else Text(f"signed: {file}", f"firmado: {file}").said(lang))
    return OK


def consent(did: str, purpose: str, out: Path, days: int, reading: ReadingOptions, options: SignerOptions) -> int:
    """Run `acredita account consent`."""
    chosen = next((each for each, word in WORDS.items() if word == purpose), None)
    if chosen is None:
        raise ArgumentRefused(f"--purpose {purpose}: one of {', '.join(WORDS.values())} expected")
    if not 0 < days * _DAY_SECONDS <= MAX_LIFE_SECONDS:
        raise ArgumentRefused(f"--days {days}: from 1 to {MAX_LIFE_SECONDS // _DAY_SECONDS} expected")
    check_absent(out)
    _check_did(did)
    installation = InstallationName.of(trust_of(reading.trust)[0])
    domain = ConsentDomain(installation.chain_id, installation.contracts.issuer_registry)
    # A node compares block times: at the end of the last day, a little is left for the transaction itself.
    deadline = _present(reading) + days * _DAY_SECONDS - _MARGIN_SECONDS
    signer = call_signer(options, reading.lang)
    signed = ConsentFile(signer.address, did, chosen, domain, signer.sign_consent(domain, did, chosen, deadline))
    signed.check(installation, chosen, signer.address, issuer_id(did))  # read back before it is kept
    write_new(out, signed.document())
    _say_consent(signed, chosen, out, reading)
    return OK


_MARGIN_SECONDS = 300


def _present(reading: ReadingOptions) -> int:
    if not names_ledger(reading, trust_of(reading.trust)[1]):
        return int(time.time())
    with open_installation(reading, writing=False) as opened:
        return opened.present()


def _say_consent(signed: ConsentFile, purpose: AccountPurpose, out: Path, reading: ReadingOptions) -> None:
    if reading.as_json:
        typer.echo(json.dumps(signed.document(), indent=2))
        return
    account = to_hex(signed.account)
    sentence = Text(
        f"{account} consents as {ACCOUNT_PURPOSES[purpose].en} of {signed.did}: {out}",
        f"{account} consiente como {ACCOUNT_PURPOSES[purpose].es} de {signed.did}: {out}",
    )
    typer.echo(sentence.said(reading.lang))


def _check_did(did: str) -> None:
    try:
        parse_did(did)
    except DidRefused as error:
        raise ArgumentRefused(f"--did {did}: {error}") from error


def _proposed_lines(
    act: DecodedAct, path: Path | None, installation: InstallationName, names: Names, language: str
) -> list[str]:
    """Return what a proposal that the act names by hash does, after comparing the hashes."""
    if path is None:
        return []
    proposal = read_file(path, parse_proposal)
    check_installation(proposal, installation)
    _check_same(act, proposal)
    inner = decoded_act(proposal.call, installation.contracts)
    heading = Text("The proposed act:", "El acto propuesto:").said(language)
    return [heading, *act_lines(inner, {**names, **names_of(proposal.dids)}, language)]


def _check_same(act: DecodedAct, proposal: ActProposal) -> None:
    of_act = (act.values.get("target"), act.values.get("calldata-hash"), act.values.get("act"))
    inner = act.values.get("calldata")
    if inner is not None and isinstance(inner, bytes):
        same = calldata_hash(Call(proposal.call.to, inner)) == calldata_hash(proposal.call)
    else:
        same = of_act == (proposal.call.to, calldata_hash(proposal.call), proposal.act)
    if not same:
        raise RegistryActRefused("PROPOSAL_MISMATCH", "the act is not about the proposal of this file")
