"""List the acts that one account does by itself: a member, a recovery holder, an institution, an agency."""

from typing import Final

from acredita.registry.acts import fields
from acredita.registry.acts.shapes import ActField, ActingRole, ActShape, FieldKind, Text

_MEMBER: Final = (ActingRole.MEMBER,)
_RECOVERY: Final = (ActingRole.RECOVERY,)
_CONTROL: Final = (ActingRole.CONTROL,)
_AGENCY: Final = (ActingRole.AGENCY,)

_OF_THE_COUNCIL: Final = (
    ActShape(
        "propose",
        "Council",
        "propose",
        _MEMBER,
        Text("Propose an act to the council.", "Propone un acto al consejo."),
        (fields.TARGET, fields.CALLDATA_HASH, fields.ACT_DIGEST),
    ),
    ActShape(
        "approve",
        "Council",
        "approve",
        _MEMBER,
        Text("Approve a proposal of the council.", "Aprueba una propuesta del consejo."),
        (fields.PROPOSAL, fields.TARGET, fields.CALLDATA_HASH, fields.ACT_DIGEST),
    ),
    ActShape(
        "retract",
        "Council",
        "retract",
        _MEMBER,
        Text(
            "Take back one's own approval of a proposal. The proposer's closes the proposal.",
            "Retira la aprobación propia de una propuesta. La de quien propuso la cierra.",
        ),
        (fields.PROPOSAL,),
    ),
    ActShape(
        "execute",
        "Council",
        "execute",
        _MEMBER,
        Text(
            "Execute a proposal that enough members approved.",
            "Ejecuta una propuesta que suficientes miembros aprobaron.",
        ),
        (
            fields.PROPOSAL,
            ActField(
                "calldata",
                FieldKind.CALLDATA,
                Text("The calldata that was proposed.", "Los datos de la llamada propuesta."),
            ),
        ),
    ),
    ActShape(
        "suspend-urgently",
        "Council",
        "suspend_urgently",
        _MEMBER,
        Text(
            "Suspend an institution at once. It lapses after 72 hours unless the council confirms it.",
            "Suspende de inmediato a una institución. Caduca a las 72 horas si el consejo no la confirma.",
        ),
        (
            ActField("registry", FieldKind.ACCOUNT, Text("The issuer registry.", "El registro de emisores.")),
            fields.ISSUER,
            fields.ACT,
        ),
    ),
    ActShape(
        "propose-recovery",
        "Council",
        "propose_recovery",
        _RECOVERY,
        Text(
            "Propose new members for a council that lost its quorum.",
            "Propone nuevos miembros para un consejo que perdió su quórum.",
        ),
        (fields.MEMBERS, fields.THRESHOLD),
    ),
    ActShape(
        "approve-recovery",
        "Council",
        "approve_recovery",
        _RECOVERY,
        Text(
            "Approve a recovery. Enough approvals start its public delay of 30 days.",
            "Aprueba una recuperación. Con suficientes aprobaciones empieza su plazo público de 30 días.",
        ),
        (
            fields.RECOVERY,
            ActField(
                "members-hash",
                FieldKind.DIGEST,
                Text("The hash of the new members and threshold.", "La huella de los nuevos miembros y el umbral."),
            ),
        ),
    ),
    ActShape(
        "execute-recovery",
        "Council",
        "execute_recovery",
        _RECOVERY,
        Text(
            "Replace the council's members by a recovery after its delay.",
            "Reemplaza a los miembros del consejo con una recuperación, pasado su plazo.",
        ),
        (fields.RECOVERY, fields.MEMBERS, fields.THRESHOLD),
    ),
)
_OF_INSTITUTIONS: Final = (
    ActShape(
        "apply",
        "IssuerRegistry",
        "apply",
        (ActingRole.ANYBODY, ActingRole.CONTROL),
        Text(
            "Apply for accreditation. The sender becomes the control account.",
            "Solicita la acreditación. Quien envía queda como cuenta de control.",
        ),
        (
            fields.ISSUER,
            ActField(
                "accreditor",
                FieldKind.PARTY_OR_COUNCIL,
                Text(
                    "The DID of the institution that accredits. Without it, the council does.",
                    "El DID de la institución que acredita. Sin él, lo hace el consejo.",
                ),
            ),
            fields.ACT,
        ),
    ),
    ActShape(
        "attest-quality",
        "IssuerRegistry",
        "attest_quality",
        _CONTROL,
        Text(
            "Attest the internal quality assurance of the institution.",
            "Declara el sistema interno de calidad de la institución.",
        ),
        (
            fields.ISSUER,
            ActField(
                "attestation",
                FieldKind.FILE,
                Text("The file of the attestation, or its SHA-256.", "El archivo de la declaración, o su SHA-256."),
            ),
        ),
    ),
    ActShape(
        "withdraw",
        "IssuerRegistry",
        "withdraw",
        _CONTROL,
        Text("Withdraw an application.", "Retira una solicitud."),
        (fields.ISSUER, fields.ACT),
    ),
    ActShape(
        "add-key",
        "IssuerRegistry",
        "add_key",
        _CONTROL,
        Text("Add a key from now on.", "Agrega una clave a partir de ahora."),
        (
            fields.ISSUER,
            fields.KEY,
            ActField("purpose", FieldKind.KEY_PURPOSE, Text("The purpose of the key.", "El propósito de la clave.")),
            ActField(
                "statement",
                FieldKind.STATEMENT,
                Text(
                    "The file of the key's statement, as `acredita keys statements` writes it: it names key and purpose. Or "
                    "its SHA-256.",
                    "El archivo de la declaración de la clave, como lo escribe `acredita keys statements`: nombra clave y "
                    "propósito. O su SHA-256.",
                ),
            ),
        ),
    ),
    ActShape(
        "end-key",
        "IssuerRegistry",
        "end_key",
        _CONTROL,
        Text("End a key from now on.", "Termina una clave a partir de ahora."),
        (fields.ISSUER, fields.KEY),
    ),
    ActShape(
        "consent",
        "IssuerRegistry",
        "consent",
        (ActingRole.ANYBODY,),
        Text(
            "Consent, as the sender, to be bound to a party, or take the consent back.",
            "Consiente, como quien envía, en quedar ligada a una parte, o retira el consentimiento.",
        ),
        (
            fields.ISSUER,
            ActField(
                "purpose", FieldKind.ACCOUNT_PURPOSE, Text("The purpose of the account.", "El propósito de la cuenta.")
            ),
        ),
    ),
    ActShape(
        "add-anchoring-account",
        "IssuerRegistry",
        "add_anchoring_account",
        _CONTROL,
        Text(
            "Add an account that can anchor for the institution and do nothing else.",
            "Agrega una cuenta que puede anclar por la institución y nada más.",
        ),
        (fields.ISSUER, fields.ACCOUNT, fields.CONSENT),
    ),
    ActShape(
        "submit-programme",
        "ProgrammeRegistry",
        "submit",
        _CONTROL,
        Text("Submit a programme version for approval.", "Presenta una versión de programa para su aprobación."),
        (
            fields.VERSION,
            ActField(
                "supersedes",
                FieldKind.DOCUMENT_OR_NONE,
                Text(
                    "The earlier document of the same institution that this version replaces.",
                    "El documento anterior de la misma institución que esta versión reemplaza.",
                ),
            ),
        ),
    ),
    ActShape(
        "withdraw-programme",
        "ProgrammeRegistry",
        "withdraw",
        _CONTROL,
        Text("Withdraw a programme version.", "Retira una versión de programa."),
        (fields.VERSION, fields.ACT),
    ),
    ActShape(
        "anchor",
        "CredentialLog",
        "anchor",
        (ActingRole.ANCHORING,),
        Text(
            "Anchor a checkpoint of an institution's log.",
            "Ancla un punto de control de la bitácora de una institución.",
        ),
        (
            ActField("kind", FieldKind.NUMBER, Text("The kind of the checkpoint.", "El tipo del punto de control.")),
            ActField("size", FieldKind.NUMBER, Text("The size of the log.", "El tamaño de la bitácora.")),
            ActField("root", FieldKind.DIGEST, Text("The root of the log.", "La raíz de la bitácora.")),
            ActField(
                "status-root", FieldKind.DIGEST, Text("The root of the status tree.", "La raíz del árbol de estados.")
            ),
            ActField("previous", FieldKind.CHECKPOINT, Text("The checkpoint before.", "El punto de control anterior.")),
            ActField("path", FieldKind.HASHES, Text("The consistency path.", "El camino de consistencia.")),
        ),
    ),
)
_OF_AGENCIES: Final = (
    ActShape(
        "review",
        "IssuerRegistry",
        "review",
        _AGENCY,
        Text(
            "Record an agency's review of an institution.", "Registra la revisión de una institución por una agencia."
        ),
        (fields.ISSUER, fields.FAVOURABLE, fields.REPORT),
    ),
    ActShape(
        "review-programme",
        "ProgrammeRegistry",
        "review",
        _AGENCY,
        Text(
            "Record an agency's review of a programme version.",
            "Registra la revisión de una versión de programa por una agencia.",
        ),
        (fields.VERSION, fields.FAVOURABLE, fields.REPORT),
    ),
)
PARTY_ACTS: Final = (*_OF_THE_COUNCIL, *_OF_INSTITUTIONS, *_OF_AGENCIES)
