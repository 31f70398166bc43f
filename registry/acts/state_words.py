"""Say the states of issuers and programme versions, and purposes of keys and accounts, in Spanish and English."""

from collections.abc import Mapping
from typing import Final

from acredita.contracts.answers import AccountPurpose, IssuerState, KeyPurpose, ProgrammeState
from acredita.registry.acts.shapes import Text

ISSUER_STATES: Final[Mapping[IssuerState, Text]] = {
    IssuerState.UNKNOWN: Text("unknown", "desconocida"),
    IssuerState.APPLIED: Text("applied", "solicitó"),
    IssuerState.QA_ATTESTED: Text("internal quality attested", "calidad interna declarada"),
    IssuerState.REVIEWED: Text("reviewed by an agency", "revisada por una agencia"),
    IssuerState.ACTIVE: Text("active", "activa"),
    IssuerState.SUSPENDED: Text("suspended", "suspendida"),
    IssuerState.REVOKED: Text("revoked", "revocada"),
    IssuerState.REJECTED: Text("rejected", "rechazada"),
    IssuerState.WITHDRAWN: Text("application withdrawn", "solicitud retirada"),
    IssuerState.EXPIRED: Text("expired", "vencida"),
}
PROGRAMME_STATES: Final[Mapping[ProgrammeState, Text]] = {
    ProgrammeState.UNKNOWN: Text("unknown", "desconocida"),
    ProgrammeState.SUBMITTED: Text("submitted", "presentada"),
    ProgrammeState.REVIEWED: Text("reviewed", "revisada"),
    ProgrammeState.APPROVED: Text("approved", "aprobada"),
    ProgrammeState.SUSPENDED: Text("suspended", "suspendida"),
    ProgrammeState.WITHDRAWN: Text("withdrawn", "retirada"),
    ProgrammeState.SUPERSEDED: Text("superseded", "sustituida"),
    ProgrammeState.EXPIRED: Text("expired", "vencida"),
}
KEY_PURPOSES: Final[Mapping[KeyPurpose, Text]] = {
    KeyPurpose.NONE: Text("none", "ninguno"),
    KeyPurpose.ASSERTION: Text("signs credentials", "firma credenciales"),
    KeyPurpose.NOTE: Text("signs checkpoints", "firma puntos de control"),
}
ACCOUNT_PURPOSES: Final[Mapping[AccountPurpose, Text]] = {
    AccountPurpose.NONE: Text("none", "ninguno"),
    AccountPurpose.ANCHORING: Text("anchoring account", "cuenta de anclaje"),
    AccountPurpose.CUSTODIAN: Text("custodian", "cuenta de custodia"),
    AccountPurpose.CONTROL: Text("control account", "cuenta de control"),
    AccountPurpose.AGENCY: Text("agency's account", "cuenta de una agencia"),
}
NOBODY: Final = Text("nobody", "nadie")
NONE: Final = Text("none", "no hay")
YES: Final = Text("yes", "sí")
NO: Final = Text("no", "no")
OPEN: Final = Text("no end", "sin fin")
