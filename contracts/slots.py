"""Storage slots of the words that a state proof shows.

Vyper puts the value of a mapping at keccak-256(slot of the mapping, 32 bytes ‖ key, 32 bytes); mappings of mappings nest.
The members of a structure are in consecutive slots. The slot of each mapping comes from the committed artifacts' storage
layout. A slot is 32 bytes, as proofs name it.
"""

from dataclasses import fields

from acredita.contracts.answers import StoredProposal
from acredita.contracts.artifact import load
from acredita.contracts.words import WORD_BYTES
from eth_hash.auto import keccak


def _word(number: int) -> bytes:
    return number.to_bytes(WORD_BYTES, "big")


def _mapped(slot: bytes, *keys: bytes) -> bytes:
    for key in keys:
        slot = bytes(keccak(slot + key))
    return slot


def _variable(contract: str, name: str) -> bytes:
    return _word(int(load(contract).storage_layout[name]["slot"]))


def total(contract: str) -> bytes:
    """Return the slot of a contract's total."""
    return _variable(contract, "total")


def party_count() -> bytes:
    """Return the slot of the number of parties in IssuerRegistry."""
    return _variable("IssuerRegistry", "party_count")


def subject_of(number: int) -> bytes:
    """Return the slot of the party with a number in IssuerRegistry, from 1."""
    return _mapped(_variable("IssuerRegistry", "subject_of"), _word(number))


def trust_number() -> bytes:
    """Return the slot of the newest recorded trust file's number in Council."""
    return _variable("Council", "trust_number")


def trust_file(number: bytes) -> bytes:
    """Return the slot of a recorded trust file's hash in Council. `number`: as a word."""
    return _mapped(_variable("Council", "trust_files"), number)


def proposal(number: bytes) -> tuple[bytes, ...]:
    """Return the slots of a proposal in Council, one for each member of StoredProposal in order. `number`: as a word."""
    first = int.from_bytes(_mapped(_variable("Council", "proposals"), number), "big")
    return tuple(_word((first + at) % 2 ** (8 * WORD_BYTES)) for at in range(len(fields(StoredProposal))))


def issuer_history(subject: bytes) -> bytes:
    """Return the slot of an issuer's or agency's history hash in IssuerRegistry."""
    return _mapped(_variable("IssuerRegistry", "history"), subject)


def programme_history(version: bytes) -> bytes:
    """Return the slot of a programme version's history hash in ProgrammeRegistry."""
    return _mapped(_variable("ProgrammeRegistry", "history"), version)


def head(issuer: bytes) -> bytes:
    """Return the slot of the packed head in CredentialLog; an empty slot means epoch 1, number 0, size 1, time 0."""
    return _mapped(_variable("CredentialLog", "heads"), issuer)


def checkpoint_word(issuer: bytes, epoch: int, number: int) -> bytes:
    """Return the slot of a checkpoint's word in CredentialLog; checkpoint 0 of epoch 1 is computed and has none."""
    return _mapped(_variable("CredentialLog", "words"), issuer, _word(epoch), _word(number))


def last_good(issuer: bytes, epoch: int) -> bytes:
    """Return the slot of a closed epoch's last good number in CredentialLog; an empty slot is 0 where the head's
    epoch is later.
    """
    return _mapped(_variable("CredentialLog", "last_good_numbers"), issuer, _word(epoch))
