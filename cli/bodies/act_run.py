"""Let one account do one act: simulate, show, ask, sign, send, confirm; or prepare it, or send what was signed elsewhere.

What is signed was shown before. A refusal leaves nothing sent and no file written.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from acredita.anchoring.account_sender import draft, send
from acredita.anchoring.ledger import LedgerUnavailable, TxReceipt
from acredita.anchoring.types import Address
from acredita.cli.bodies.account_access import acting_address, call_signer
from acredita.cli.bodies.act_files import read_file, write_new
from acredita.cli.bodies.act_options import ActingOptions
from acredita.cli.bodies.opened_installation import OpenInstallation
from acredita.cli.bodies.yes_or_no import agrees
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.contracts.abi import Call
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.acts.shapes import Text
from acredita.registry.acts.transaction import PreparedTransaction, parse_transaction, prepared
from acredita.registry.codes import Code


@dataclass(frozen=True)
class ActRun:
    """One account at work on one installation."""

    opened: OpenInstallation
    options: ActingOptions

    @property
    def language(self) -> str:
        """The reader's language."""
        return self.options.lang.value

    def account(self) -> Address:
        """Return the account that acts: of the options, or of the file that is sent."""
        if self.options.send is not None:
            return self._signed_file().sender
        return acting_address(self.options)

    def check_accepted(self, call: Call) -> None:
        """Check by simulation, before a call is shown, that the contracts accept it. Raises ContractRefused.

        What was signed elsewhere may be on the chain already, and is not simulated here.
        """
        if self.options.send is None:
            self.opened.ledger.simulate(call, self.account())

    def carry_out(self, call: Call, dids: Sequence[str] = ()) -> TxReceipt | None:
        """Do a call; None where it was prepared to a file. Raises what simulation, signer and ledger raise."""
        if self.options.send is not None:
            return self._send_signed(call)
        unsigned = draft(self.opened.ledger, self.account(), call)
        if self.options.prepare is not None:
            write_new(self.options.prepare, prepared(self.opened.name, self.account(), unsigned, dids).document())
            self._say_prepared(self.options.prepare)
            return None
        ask_consent(self.options.yes, self.language)
        signed = call_signer(self.options, self.language).sign_call(unsigned)
        return send(self.opened.ledger, signed, unsigned.chain_id)

    def confirm(self, shows: Callable[[], bool]) -> None:
        """Check by the ledger's state that the act has its effect. Raises LedgerUnavailable."""
        if not shows():
            raise LedgerUnavailable(f"{Code.ACT_UNCONFIRMED}: run the command that shows the state again")

    @staticmethod
    def place(receipt: TxReceipt) -> dict[str, object]:
        """Return the block and the transaction of an act, for its answer."""
        return {"block": receipt.block_number, "transaction": f"0x{receipt.transaction.hex()}"}

    def say(self, facts: dict[str, object], sentence: Text) -> None:
        """Print the command's answer: facts for a program, or a sentence."""
        typer.echo(
            json.dumps(facts, indent=2, ensure_ascii=False) if self.options.as_json else sentence.said(self.language)
        )

    def _send_signed(self, call: Call) -> TxReceipt:
        file = self._signed_file()
        file.check_installation(self.opened.name)
        if file.unsigned.call != call:
            raise RegistryActRefused(Code.TRANSACTION_MISMATCH, f"{self.options.send}: the file holds another act")
        signed = file.transaction()
        if self.opened.ledger.receipt(signed.hash) is None:
            self.opened.ledger.simulate(call, signed.sender)
        return send(self.opened.ledger, signed, file.unsigned.chain_id)

    def _signed_file(self) -> PreparedTransaction:
        assert self.options.send is not None
        return read_file(self.options.send, parse_transaction)

    def _say_prepared(self, path: Path) -> None:
        facts: dict[str, object] = {"prepared": str(path)}
        self.say(facts, Text(f"prepared, nothing sent: {path}", f"preparado, nada enviado: {path}"))


def ask_consent(yes: bool, language: str) -> None:
    """Ask the person whether to sign what was shown. Raises ActRefused for a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ArgumentRefused("--yes expected where nobody can be asked")
    if not agrees(Text("Sign this?", "¿Firmar esto?"), language):
        raise ActRefused("not signed; nothing was sent")
