"""Say what still misses before a node does its work, whose step it is, and by which command.

The state is the ledger's at one block, and the node's folder. So a second look shows what misses then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from acredita.anchoring.types import Digest
from acredita.contracts.answers import IssuerState
from acredita.contracts.bindings import IssuerRegistry
from acredita.node.administration.key_statements import KeyOffers, OfferedKey
from acredita.node.ledger.view import NodeObserver
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.runtime.tenant import Tenant
from acredita.registry.acts.shapes import Text
from acredita.registry.keys.keystore import KeystorePurpose
from acredita.registry.ledger_facts.histories import ProgrammeState


class Party(StrEnum):
    """Parties whose step may miss."""

    INSTITUTION = "institution"  # by its control account
    OPERATOR = "operator"  # of this node
    AGENCY = "agency"
    COUNCIL = "council"


PARTIES: Final = {
    Party.INSTITUTION: Text("the institution, by its control account", "la institución, con su cuenta de control"),
    Party.OPERATOR: Text("the operator of this node", "quien opera este nodo"),
    Party.AGENCY: Text("a quality agency", "una agencia de calidad"),
    Party.COUNCIL: Text("the council", "el consejo"),
}
_APPLYING: Final = (IssuerState.UNKNOWN, IssuerState.APPLIED, IssuerState.QA_ATTESTED, IssuerState.REVIEWED)
_AGAIN: Final = (IssuerState.UNKNOWN, IssuerState.REJECTED, IssuerState.WITHDRAWN)
FILE: Final = Text("FILE", "ARCHIVO")
_ACCOUNT: Final = Text("ACCOUNT", "CUENTA")
_DAY: Final = Text("DAY", "DÍA")
_TITLE: Final = Text("TITLE", "TÍTULO")


@dataclass(frozen=True)
class JoinStep:
    """One step that misses. `command`: of the party whose step it is, with words in capitals to fill in."""

    name: str
    whose: Party
    command: str


@dataclass(frozen=True)
class InstitutionSteps:
    """The steps of one institution of a node. `reach`: the options by which a command on this machine finds the ledger."""

    tenant: Tenant
    observer: NodeObserver
    folder: TrustFolder
    offers: KeyOffers
    handover: Path
    reach: str
    language: str

    def state(self) -> IssuerState:
        """Return the institution's state now. An accreditation ends by the clock, also where no block follows.

        Raises LedgerUnavailable.
        """
        registry = IssuerRegistry(self.observer.contracts.issuer_registry)
        now = self.observer.ledger.read(registry.issuer_now(self.tenant.issuer))
        has_ended = now.state is IssuerState.ACTIVE and 0 < now.until <= self.offers.clock()
        return IssuerState.EXPIRED if has_ended else now.state

    def missing(self) -> list[JoinStep]:
        """Return the steps that miss, in their order, and write the files of keys to hand over.

        Raises LedgerUnavailable, OSError.
        """
        state = self.state()
        steps = [self._apply()] if state in _AGAIN else []
        steps += map(self._key, self.offers.write(self.handover))
        if state in (IssuerState.APPLIED, *_AGAIN):
            steps.append(self._own("attest", f"attest --did {self._did} --attestation {self._file}"))
        if state in (IssuerState.APPLIED, IssuerState.QA_ATTESTED, *_AGAIN):
            command = f"acredita agency review --did {self._did} --favourable --report {self._file}"
            steps.append(JoinStep("review", Party.AGENCY, command))
        steps += self._decision(state)
        return [*steps, *self._documents(), *self._programme()]

    @property
    def _did(self) -> str:
        return self.tenant.institution.did

    @property
    def _file(self) -> str:
        return FILE.said(self.language)

    def _own(self, name: str, words: str, command: str = "institution") -> JoinStep:
        """Return a step of the institution's control account."""
        account = f"--account {_ACCOUNT.said(self.language)} {self.reach}"
        return JoinStep(name, Party.INSTITUTION, f"acredita {command} {words} {account}")

    def _apply(self) -> JoinStep:
        return self._own("apply", f"apply --did {self._did} --act {self._file}")

    def _key(self, offered: OfferedKey) -> JoinStep:
        if offered.purpose is KeystorePurpose.ANCHORING:
            return self._own("anchoring_account", f"accounts add --did {self._did} --consent {offered.file}")
        return self._own(f"{offered.purpose.value}_key", f"keys add --did {self._did} --statement {offered.file}")

    def _decision(self, state: IssuerState) -> list[JoinStep]:
        """Return what the council must decide before the institution may issue."""
        until = f"--until {_DAY.said(self.language)}"
        acts = dict.fromkeys((*_APPLYING, *_AGAIN), ("activate", f"{until} --scope {self._file}"))
        acts |= {IssuerState.SUSPENDED: ("reinstate", ""), IssuerState.EXPIRED: ("renew", until)}
        if state not in acts:
            return []
        name, options = acts[state]
        act = f"--act {self._file} --title {_TITLE.said(self.language)} --out {self._file}"
        command = " ".join(f"acredita council propose {name} --did {self._did} {options} {act}".split())
        return [JoinStep(name, Party.COUNCIL, command)]

    def _documents(self) -> Iterable[JoinStep]:
        """Yield a step for the scope and each approved programme that is not among the node's documents."""
        party = self.observer.party(self.tenant.issuer)
        scope = None if party is None else party.scope_at(self.observer.block.time)
        if scope is not None and any(scope) and self.folder.scope(scope) is None:
            yield self._document("scope", scope)
        for digest in self._approved():
            if self.folder.programme(digest) is None:
                yield self._document("programme", digest)

    def _document(self, kind: str, digest: Digest) -> JoinStep:
        out = self.folder.base / "documents" / f"{digest.hex()}.json"
        command = f"acredita {kind} validate {self._file} --out {out}"
        return JoinStep(f"{kind}_document", Party.OPERATOR, command)

    def _programme(self) -> list[JoinStep]:
        """Return the steps up to an approved programme version: submitted by the institution, approved by the council."""
        if self._approved():
            return []
        program = f"--programme {self._file}"
        act = f"--act {self._file} --title {_TITLE.said(self.language)} --out {self._file}"
        steps = [
            JoinStep("approve_programme", Party.COUNCIL, f"acredita council propose approve-programme {program} {act}")
        ]
        waiting = self._in_state(ProgrammeState.SUBMITTED, ProgrammeState.REVIEWED)
        return steps if waiting else [self._own("programme", f"submit {program}", "programme"), *steps]

    def _approved(self) -> list[Digest]:
        return self._in_state(ProgrammeState.APPROVED)

    def _in_state(self, *states: ProgrammeState) -> list[Digest]:
        """Return the institution's programme versions in one of these states now. Raises LedgerUnavailable."""
        own = [digest for owner, digest in self.observer.versions if owner == self.tenant.issuer]
        histories = ((digest, self.observer.programme(self.tenant.issuer, digest)) for digest in own)
        time = self.observer.block.time
        return [digest for digest, history in histories if history is not None and history.state_at(time) in states]
