"""List the acts that the council decides by proposal. A test holds the list against the ABI of the contracts."""

from typing import Final

from acredita.registry.acts import fields
from acredita.registry.acts.shapes import ActField, ActingRole, ActShape, FieldKind, Text

_BY_COUNCIL: Final = (ActingRole.COUNCIL,)
_BY_COUNCIL_OR_CONTROL: Final = (ActingRole.COUNCIL, ActingRole.CONTROL)  # also an accreditor's control account

COUNCIL_ACTS: Final = (
    ActShape(
        "recognise-agency",
        "IssuerRegistry",
        "recognise_agency",
        _BY_COUNCIL,
        Text(
            "Recognise a quality agency until a day, with the account it acts by, or renew it.",
            "Reconoce a una agencia de calidad hasta un día, con la cuenta con la que actúa, o la renueva.",
        ),
        (fields.AGENCY, fields.ACCOUNT, fields.UNTIL, fields.ACT, fields.CONSENT),
    ),
    ActShape(
        "end-agency",
        "IssuerRegistry",
        "end_agency",
        _BY_COUNCIL,
        Text(
            "End the recognition of an agency. Its earlier reviews stay valid.",
            "Termina el reconocimiento de una agencia. Sus revisiones anteriores siguen valiendo.",
        ),
        (fields.AGENCY, fields.ACT),
    ),
    ActShape(
        "activate",
        "IssuerRegistry",
        "activate",
        _BY_COUNCIL_OR_CONTROL,
        Text(
            "Accredit an institution until a day, within a scope.",
            "Acredita a una institución hasta un día, dentro de un alcance.",
        ),
        (fields.ISSUER, fields.UNTIL, fields.SCOPE, fields.ACT),
    ),
    ActShape(
        "renew",
        "IssuerRegistry",
        "renew",
        _BY_COUNCIL_OR_CONTROL,
        Text(
            "Renew an accreditation until a day, on a new favourable review.",
            "Renueva una acreditación hasta un día, con una nueva revisión favorable.",
        ),
        (fields.ISSUER, fields.UNTIL, fields.ACT),
    ),
    ActShape(
        "amend-scope",
        "IssuerRegistry",
        "amend_scope",
        _BY_COUNCIL_OR_CONTROL,
        Text(
            "Replace the scope of an institution from now on.",
            "Reemplaza el alcance de una institución a partir de ahora.",
        ),
        (fields.ISSUER, fields.SCOPE, fields.ACT),
    ),
    ActShape(
        "reject",
        "IssuerRegistry",
        "reject",
        _BY_COUNCIL,
        Text("Reject an application.", "Rechaza una solicitud."),
        (fields.ISSUER, fields.ACT),
    ),
    ActShape(
        "suspend",
        "IssuerRegistry",
        "suspend",
        _BY_COUNCIL,
        Text(
            "Suspend an institution, or confirm its urgent suspension.",
            "Suspende a una institución, o confirma su suspensión urgente.",
        ),
        (fields.ISSUER, fields.ACT),
    ),
    ActShape(
        "reinstate",
        "IssuerRegistry",
        "reinstate",
        _BY_COUNCIL,
        Text(
            "Lift the suspension of an institution. The end of its accreditation stays.",
            "Levanta la suspensión de una institución. El fin de su acreditación no cambia.",
        ),
        (fields.ISSUER, fields.ACT),
    ),
    ActShape(
        "revoke",
        "IssuerRegistry",
        "revoke",
        _BY_COUNCIL,
        Text("Revoke an accreditation for good.", "Revoca una acreditación en definitiva."),
        (fields.ISSUER, fields.ACT),
    ),
    ActShape(
        "delegate",
        "IssuerRegistry",
        "set_delegation",
        _BY_COUNCIL,
        Text(
            "Give an institution the right to accredit others, or take it away.",
            "Da a una institución el derecho de acreditar a otras, o se lo quita.",
        ),
        (
            fields.ISSUER,
            ActField(
                "delegates",
                FieldKind.FLAG,
                Text("The institution may accredit others.", "La institución puede acreditar a otras."),
            ),
            fields.ACT,
        ),
    ),
    ActShape(
        "replace-control",
        "IssuerRegistry",
        "replace_control",
        _BY_COUNCIL,
        Text(
            "Replace the control account of an institution, which was lost or stolen.",
            "Reemplaza la cuenta de control de una institución, perdida o robada.",
        ),
        (
            fields.ISSUER,
            fields.ACCOUNT,
            ActField(
                "keep",
                FieldKind.FLAG,
                Text(
                    "The account was lost: keys and accounts stay. Otherwise it was stolen, and they end.",
                    "La cuenta se perdió: claves y cuentas se quedan. De otro modo fue robada, y terminan.",
                ),
            ),
            ActField(
                "since",
                FieldKind.SINCE,
                Text(
                    "The moment since which the account was in other hands, in RFC 3339.",
                    "El momento desde el que la cuenta estuvo en otras manos, en RFC 3339.",
                ),
            ),
            fields.ACT,
            fields.CONSENT,
        ),
    ),
    ActShape(
        "custodian",
        "IssuerRegistry",
        "appoint_custodian",
        _BY_COUNCIL,
        Text(
            "Appoint an account that may anchor status for an institution that no longer can.",
            "Nombra una cuenta que puede anclar estados por una institución que ya no puede.",
        ),
        (fields.ISSUER, fields.ACCOUNT, fields.ACT, fields.CONSENT),
    ),
    ActShape(
        "end-account",
        "IssuerRegistry",
        "end_account",
        _BY_COUNCIL_OR_CONTROL,
        Text(
            "End an anchoring account, or a custodian, from now on.",
            "Termina una cuenta de anclaje, o de custodia, a partir de ahora.",
        ),
        (fields.ACCOUNT, fields.ACT),
    ),
    ActShape(
        "account-compromised",
        "IssuerRegistry",
        "account_compromised",
        _BY_COUNCIL_OR_CONTROL,
        Text(
            "Mark an account as compromised since a moment.",
            "Marca una cuenta como comprometida desde un momento.",
        ),
        (fields.ACCOUNT, fields.SINCE, fields.ACT),
    ),
    ActShape(
        "key-compromised",
        "IssuerRegistry",
        "key_compromised",
        _BY_COUNCIL_OR_CONTROL,
        Text("Mark a key as compromised since a moment.", "Marca una clave como comprometida desde un momento."),
        (fields.ISSUER, fields.KEY, fields.SINCE, fields.ACT),
    ),
    ActShape(
        "void-from",
        "IssuerRegistry",
        "set_void_from",
        _BY_COUNCIL,
        Text(
            "Declare that nothing an institution anchored since a moment counts.",
            "Declara que nada de lo que una institución ancló desde un momento vale.",
        ),
        (fields.ISSUER, fields.SINCE, fields.ACT),
    ),
    ActShape(
        "approve-programme",
        "ProgrammeRegistry",
        "approve",
        _BY_COUNCIL,
        Text("Approve a programme version.", "Aprueba una versión de programa."),
        (fields.VERSION, fields.OPEN_UNTIL, fields.ACT),
    ),
    ActShape(
        "approve-programmes",
        "ProgrammeRegistry",
        "approve_batch",
        _BY_COUNCIL,
        Text(
            "Approve up to 200 programme versions at once.",
            "Aprueba hasta 200 versiones de programa de una vez.",
        ),
        (fields.VERSIONS, fields.OPEN_UNTIL, fields.ACT),
    ),
    ActShape(
        "suspend-programme",
        "ProgrammeRegistry",
        "suspend",
        _BY_COUNCIL,
        Text("Suspend a programme version.", "Suspende una versión de programa."),
        (fields.VERSION, fields.ACT),
    ),
    ActShape(
        "reinstate-programme",
        "ProgrammeRegistry",
        "reinstate",
        _BY_COUNCIL,
        Text("Lift the suspension of a programme version.", "Levanta la suspensión de una versión de programa."),
        (fields.VERSION, fields.ACT),
    ),
    ActShape(
        "members",
        "Council",
        "set_members",
        _BY_COUNCIL,
        Text(
            "Replace the members of the council and its threshold. Open proposals become void.",
            "Reemplaza a los miembros del consejo y su umbral. Las propuestas abiertas quedan sin efecto.",
        ),
        (fields.MEMBERS, fields.THRESHOLD),
    ),
    ActShape(
        "record-trust",
        "Council",
        "record_trust",
        _BY_COUNCIL,
        Text(
            "Record a trust file by its number and SHA-256.",
            "Registra un archivo de confianza por su número y su SHA-256.",
        ),
        (
            ActField(
                "trust-file",
                FieldKind.TRUST_FILE,
                Text("The trust file to record.", "El archivo de confianza que se registra."),
            ),
        ),
    ),
    ActShape(
        "cancel-recovery",
        "Council",
        "cancel_recovery",
        _BY_COUNCIL,
        Text(
            "Cancel a recovery before it replaces the council.",
            "Cancela una recuperación antes de que reemplace al consejo.",
        ),
        (fields.RECOVERY,),
    ),
    ActShape(
        "open-epoch",
        "CredentialLog",
        "open_epoch",
        _BY_COUNCIL,
        Text(
            "Open a new epoch of an institution's log after its last good checkpoint.",
            "Abre una nueva época de la bitácora de una institución tras su último anclaje bueno.",
        ),
        (
            fields.ISSUER,
            ActField(
                "last-good",
                FieldKind.CHECKPOINT,
                Text(
                    "The number of the last good checkpoint of the present epoch.",
                    "El número del último anclaje bueno de la época actual.",
                ),
            ),
            fields.ACT,
        ),
    ),
    ActShape(
        "predecessor",
        "IssuerRegistry",
        "record_predecessor",
        _BY_COUNCIL,
        Text(
            "Record which issuer registry this one succeeds, and its final state. It is possible once.",
            "Registra a qué registro de emisores sucede este, y su estado final. Es posible una vez.",
        ),
        (fields.PREDECESSOR, fields.STATE_HASH, fields.ACT),
    ),
    ActShape(
        "programmes-predecessor",
        "ProgrammeRegistry",
        "record_predecessor",
        _BY_COUNCIL,
        Text(
            "Record which programme registry this one succeeds, and its final state. It is possible once.",
            "Registra a qué registro de programas sucede este, y su estado final. Es posible una vez.",
        ),
        (fields.PREDECESSOR, fields.STATE_HASH, fields.ACT),
    ),
)
