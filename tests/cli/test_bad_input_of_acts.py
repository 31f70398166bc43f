"""Bad input of acts: one sentence with its code in the reader's language, nothing sent, nothing kept.

Each case is a whole command that the right files or accounts would have carried out. Everything below the parties' folders is
compared byte by byte, and the chain's head.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from acredita.anchoring.call_signer import LocalCallSigner
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.devnet.chain import Chain
from acredita.node.publication.trust_folder import read_json_file
from acredita.registry.acts.transaction import parse_transaction

from tests.cli.test_council import consent, decide, propose, recognise
from tests.cli.test_parties import done
from tests.simulators.several_hands import AGENCY_DID, ISSUER_DID, SeveralHands, found

ISSUER = ["--did", ISSUER_DID]
STRANGER = ["--did", "did:web:sin-solicitud.example"]
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class OpenProposal:
    """A registry in which an institution applied, the agency's recognition is over, and one proposal is open."""

    hands: SeveralHands
    number: int
    proposal: Path
    act: Path

    def approving(self, *by: str, proposal: Path | None = None, act: Path | None = None) -> list[object]:
        files = ["--proposal", proposal or self.proposal, "--act", act or self.act]
        return ["council", "approve", self.number, *files, *by]

    def changed(self, **changes: object) -> Path:
        """Write the proposal's file with other members."""
        path = self.hands.base / "beto" / f"{'-'.join(changes)}.json"
        path.write_text(json.dumps(json.loads(self.proposal.read_text()) | changes))
        return path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> OpenProposal:
    hands = found(tmp_path_factory.mktemp("bad-input") / "world")
    recognise(hands)
    done(hands, "institution", "apply", *ISSUER, "--act", hands.act_file("ut", "solicitud"), by="ut")
    with Chain.open(hands.chain, read_only=True) as chain:
        end = time_text(int(chain.head.timestamp) + DAY_SECONDS)
    account = ["--account-address", hands.address("agencia")]
    decide(hands, "recognise-agency", "--did", AGENCY_DID, *account, "--until", end)
    assert hands.run("devnet", "advance", "25h", "--chain", hands.chain, trust=False)[0] == 0
    return OpenProposal(hands, *propose(hands, "reject", *ISSUER)[:3])


def wrong_member(world: OpenProposal) -> list[object]:
    return world.approving(*world.hands.by("nadie"))


def control_as_member(world: OpenProposal) -> list[object]:
    return world.approving(*world.hands.by("ut"))


def member_as_institution(world: OpenProposal) -> list[object]:
    act = world.hands.act_file("ana", "solicitud")
    return ["institution", "apply", "--did", "did:web:x.example", "--act", act, *world.hands.by("ana")]


def another_control_account(world: OpenProposal) -> list[object]:
    act = world.hands.act_file("nadie", "calidad")
    return ["institution", "attest", *ISSUER, "--attestation", act, *world.hands.by("nadie")]


def keys_before_the_application(world: OpenProposal) -> list[object]:
    key = ["--key", "11" * 32, "--purpose", "assertion", "--statement", "22" * 32]
    return ["institution", "keys", "add", *STRANGER, *key, *world.hands.by("nadie")]


def accredits_before_the_application(world: OpenProposal) -> list[object]:
    scope = ["--scope", "0x" + "22" * 32, "--until", "2031-01-01", "--act", world.hands.act_file("nadie", "acto")]
    return ["institution", "accredit", *STRANGER, *scope, *world.hands.by("nadie")]


def ends_an_account_of_nobody(world: OpenProposal) -> list[object]:
    ending = ["--account-address", "0x" + "33" * 20, "--act", world.hands.act_file("ut", "fin")]
    return ["institution", "accounts", "end", *ending, *world.hands.by("ut")]


def control_as_agency(world: OpenProposal) -> list[object]:
    report = world.hands.act_file("ut", "dictamen")
    return ["agency", "review", *ISSUER, "--favourable", "--report", report, *world.hands.by("ut")]


def second_approval(world: OpenProposal) -> list[object]:
    return world.approving(*world.hands.by("ana"))


def expired_agency(world: OpenProposal) -> list[object]:
    report = world.hands.act_file("agencia", "dictamen")
    return ["agency", "review", *ISSUER, "--favourable", "--report", report, *world.hands.by("agencia")]


def expired_agency_prepares(world: OpenProposal) -> list[object]:
    return [*expired_agency(world), "--prepare", world.hands.base / "agencia" / "preparado.json"]


def second_application(world: OpenProposal) -> list[object]:
    act = world.hands.act_file("ut", "solicitud")
    return ["institution", "apply", *ISSUER, "--act", act, *world.hands.by("ut")]


def suspends_a_stranger(world: OpenProposal) -> list[object]:
    act = world.hands.act_file("ana", "urgente")
    return ["council", "suspend", STRANGER[1], "--act", act, *world.hands.by("ana")]


REFUSED_BY_CONTRACT = (expired_agency, expired_agency_prepares, second_application, suspends_a_stranger)


def other_calldata(world: OpenProposal) -> list[object]:
    calldata = json.loads(world.proposal.read_text())["calldata"]
    return world.approving(*world.hands.by("beto"), proposal=world.changed(calldata=calldata[:-2] + "00"))


def other_target(world: OpenProposal) -> list[object]:
    return world.approving(*world.hands.by("beto"), proposal=world.changed(target="0x" + "77" * 20))


def other_act(world: OpenProposal) -> list[object]:
    return world.approving(*world.hands.by("beto"), act=world.hands.act_file("beto", "otra resolución"))


def proposal_of_another_chain(world: OpenProposal) -> list[object]:
    return world.approving(*world.hands.by("beto"), proposal=world.changed(chain_id=1))


def signature_for_another_chain(world: OpenProposal) -> list[object]:
    """Prepare a retraction, sign the same call for chain 1, and send it."""
    hands, path = world.hands, world.hands.base / "ana" / "otra-cadena.json"
    if not path.exists():
        words = ["council", "retract", world.number, "--from", hands.address("ana"), "--prepare", path]
        assert hands.run(*words)[0] == 0
        unsigned = replace(parse_transaction(read_json_file(path)).unsigned, chain_id=1)
        signed = LocalCallSigner(hands.account("ana")).sign_call(unsigned)
        path.write_text(json.dumps(json.loads(path.read_text()) | {"raw": to_hex(signed.raw)}))
    return ["council", "retract", world.number, "--send", path]


def signature_of_another_account(world: OpenProposal) -> list[object]:
    hands, path = world.hands, world.hands.base / "ana" / "otra-firma.json"
    if not path.exists():
        words = ["council", "retract", world.number, "--from", hands.address("ana"), "--prepare", path]
        assert hands.run(*words)[0] == 0
        unsigned = parse_transaction(read_json_file(path)).unsigned
        signed = LocalCallSigner(hands.account("beto")).sign_call(unsigned)
        path.write_text(json.dumps(json.loads(path.read_text()) | {"raw": to_hex(signed.raw)}))
    return ["council", "retract", world.number, "--send", path]


def consent_for_another_chain(world: OpenProposal) -> list[object]:
    file = consent(world.hands, "nadie", ISSUER_DID, "anchoring")
    other = file.with_name("otra-cadena.json")
    other.write_text(json.dumps(json.loads(file.read_text()) | {"chain_id": 1}))
    return ["institution", "accounts", "add", *ISSUER, "--consent", other, *world.hands.by("ut")]


CASES: Mapping[Callable[[OpenProposal], list[object]], tuple[str, str, str]] = {
    wrong_member: ("ACCOUNT_ROLE", "is no member of the council", "no es miembro del consejo"),
    control_as_member: ("ACCOUNT_ROLE", "is no member of the council", "no es miembro del consejo"),
    member_as_institution: ("ACCOUNT_ROLE", "is a member of the council", "es miembro del consejo"),
    another_control_account: ("ACCOUNT_ROLE", "is not the control account of", "no es la cuenta de control de"),
    keys_before_the_application: ("ISSUER_UNKNOWN", "institution apply", "el registro no conoce a 0x"),
    accredits_before_the_application: ("ISSUER_UNKNOWN", "institution apply", "el registro no conoce a 0x"),
    ends_an_account_of_nobody: ("ACCOUNT_ROLE", "belongs to no institution", "no es de ninguna institución"),
    control_as_agency: ("ACCOUNT_ROLE", "is no account of an agency", "no es cuenta de ninguna agencia"),
    second_approval: ("SAME_ACTOR", "approved the proposal already", "ya aprobó la propuesta"),
    expired_agency: ("AGENCY_NOT_RECOGNISED", "", ""),
    expired_agency_prepares: ("AGENCY_NOT_RECOGNISED", "", ""),
    second_application: ("TRANSITION_NOT_ALLOWED", "", ""),
    suspends_a_stranger: ("ISSUER_UNKNOWN", "does not know the institution", "no conoce a la institución"),
    other_calldata: ("CALLDATA_MISMATCH", "calldata of the file", "los datos de la llamada"),
    other_target: ("PROPOSAL_MISMATCH", "calls 0x", "llama a 0x"),
    other_act: ("ACT_FILE_MISMATCH", "an act with SHA-256", "se espera una resolución con SHA-256"),
    proposal_of_another_chain: (
        "ACT_OTHER_LEDGER",
        "a file for chain 31337 expected",
        "se espera un archivo para la cadena",
    ),
    signature_for_another_chain: (
        "TRANSACTION_OTHER_CHAIN",
        "a signature for chain 31337 expected, found one for chain 1",
        "se espera una firma para la cadena 31337, se encontró una para la cadena 1",
    ),
    signature_of_another_account: ("SIGNATURE_FOREIGN", "a signature of 0x", "se espera una firma de 0x"),
    consent_for_another_chain: ("ACT_OTHER_LEDGER", "for another chain", "para otra cadena"),
}


def contents(hands: SeveralHands) -> dict[Path, bytes]:
    """Read every file of the parties; of the chain, the height of its head is compared."""
    return {
        path: path.read_bytes() for path in hands.base.rglob("*") if path.is_file() and hands.chain not in path.parents
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_bad_input_is_one_sentence_and_leaves_nothing(world: OpenProposal, case: Callable[..., list[object]]) -> None:
    code, english, spanish = CASES[case]
    words = case(world)
    before, head = contents(world.hands), world.hands.head()
    sentences = {}
    for lang, expected in (("en", english), ("es", spanish)):
        exit_code, text = world.hands.run(*words, lang=lang)
        sentences[lang] = text.strip().splitlines()[-1]
        assert (exit_code, sentences[lang].startswith(f"acredita: {code}: ")) == (1, True), text
        assert expected in sentences[lang]
        if case in REFUSED_BY_CONTRACT:
            assert text.strip() == sentences[lang]  # what would change is not shown first
    assert sentences["en"] != sentences["es"]
    assert (contents(world.hands), world.hands.head()) == (before, head)
    assert world.hands.ask("council", "show", world.number)["approvals"] == 1
