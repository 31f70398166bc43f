"""Complete the arguments of an act by the file of another one: the account of a consent, the key of a statement."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from acredita.anchoring.types import Address, IssuerId, to_hex
from acredita.cli.bodies.act_files import read_act, read_file
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.contracts.bindings import KeyPurpose
from acredita.registry.acts.consent import parse_consent
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.codes import Code
from acredita.registry.keys.key_statement import KeyStatement, KeyStatementRefused, check_statement
from acredita.registry.keys.multikey import key_id

KEY_PURPOSES: Final = {"assertion": KeyPurpose.ASSERTION, "note": KeyPurpose.NOTE}
"""The purposes of a key as a command names them."""
_DIGEST_DIGITS = 64


def with_account(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an act that binds an account, with the account of its consent. Raises ArgumentRefused."""
    if arguments["account-address"] is not None:
        return dict(arguments)
    if arguments["consent"] is None:
        raise ArgumentRefused("--account-address or --consent expected")
    account = read_file(arguments["consent"], parse_consent).account
    return {**arguments, "account-address": to_hex(account)}


def with_key(arguments: Mapping[str, Any], installation: InstallationName, subject: IssuerId) -> dict[str, Any]:
    """Return the arguments of an act that adds a key, with key, purpose and hash of its statement's file.

    Raises ArgumentRefused, and ActRefused for the statement of another key, purpose, party or chain.
    """
    text = str(arguments["statement"])
    if is_digest(text):
        if arguments["key"] is None or arguments["purpose"] is None:
            raise ArgumentRefused("--key and --purpose, or the file of the --statement, expected")
        return dict(arguments)
    statement = KeyStatement(read_act(Path(text)))
    purpose, key = _read_statement(statement, text, installation, subject)
    named = {"key": key, "purpose": purpose, "statement": statement.digest.hex()}
    for name, value in named.items():
        given_here = arguments[name]
        if name != "statement" and given_here is not None and str(given_here).removeprefix("0x") != value:
            raise ActRefused(f"{Code.KEY_STATEMENT_INVALID}: {text}: the statement is of another {name}")
    return {**arguments, **named}


def is_digest(text: str) -> bool:
    """Return whether a text is 32 bytes in hex."""
    digits = text.removeprefix("0x")
    return len(digits) == _DIGEST_DIGITS and all(digit in "0123456789abcdef" for digit in digits)


def _read_statement(
    statement: KeyStatement, path: str, installation: InstallationName, subject: IssuerId
) -> tuple[str, str]:
    """Return purpose and key id of a statement that is signed by its key, for this party here."""
    registry = Address(installation.contracts.issuer_registry)
    refusals = []
    for word, purpose in KEY_PURPOSES.items():
        try:
            key = check_statement(statement, installation.chain_id, registry, subject, int(purpose))
        except KeyStatementRefused as error:
            refusals.append(str(error))
            continue
        return word, key_id(key.multikey).hex()
    raise ActRefused(f"{Code.KEY_STATEMENT_INVALID}: {path}: {refusals[-1]}")
