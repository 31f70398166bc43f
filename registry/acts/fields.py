"""Name the fields that several acts have in common."""

from typing import Final

from acredita.registry.acts.shapes import ActField, FieldKind, Text

ISSUER: Final = ActField("did", FieldKind.PARTY, Text("The DID of the institution.", "El DID de la institución."))
AGENCY: Final = ActField("did", FieldKind.PARTY, Text("The DID of the agency.", "El DID de la agencia."))
ACT: Final = ActField(
    "act",
    FieldKind.ACT,
    Text(
        "The file of the act. Its SHA-256 is recorded; JSON counts in its JCS form.",
        "El archivo de la resolución. Se registra su SHA-256; el JSON cuenta en su forma JCS.",
    ),
)
UNTIL: Final = ActField(
    "until",
    FieldKind.END,
    Text(
        "The last day, YYYY-MM-DD, which ends in the zone of --zone, or a moment in RFC 3339.",
        "El último día, AAAA-MM-DD, que termina en la zona de --zone, o un momento RFC 3339.",
    ),
)
OPEN_UNTIL: Final = ActField(
    "until",
    FieldKind.OPEN_END,
    Text(
        "The last day, YYYY-MM-DD, which ends in the zone of --zone, or a moment in RFC 3339. Without it, no end.",
        "El último día, AAAA-MM-DD, que termina en la zona de --zone, o un momento RFC 3339. Sin él, no hay fin.",
    ),
)
SINCE: Final = ActField(
    "since",
    FieldKind.SINCE,
    Text("The moment since which it holds, in RFC 3339.", "El momento desde el que vale, en RFC 3339."),
)
SCOPE: Final = ActField(
    "scope",
    FieldKind.SCOPE,
    Text("The scope document, or its SHA-256.", "El documento de alcance, o su SHA-256."),
)
ACCOUNT: Final = ActField(
    "account-address",
    FieldKind.ACCOUNT,
    Text("The address of the account.", "La dirección de la cuenta."),
)
CONSENT: Final = ActField(
    "consent",
    FieldKind.CONSENT,
    Text(
        "The account's consent, as `acredita account consent` writes it. Without it, the account consented by its own "
        "call, or is the party's already.",
        "El consentimiento de la cuenta, como lo escribe `acredita account consent`. Sin él, la cuenta consintió por su "
        "propia llamada o ya es de la parte.",
    ),
)
VERSION: Final = ActField(
    "programme",
    FieldKind.VERSION,
    Text(
        "The programme document (JSON), or DID#0x and its SHA-256.",
        "El documento del programa (JSON), o DID#0x y su SHA-256.",
    ),
)
VERSIONS: Final = ActField(
    "programme",
    FieldKind.VERSIONS,
    Text(
        "A programme document (JSON), or DID#0x and its SHA-256. Repeat the option, at most 200 times.",
        "Un documento de programa (JSON), o DID#0x y su SHA-256. Repita la opción, a lo más 200 veces.",
    ),
)
MEMBERS: Final = ActField(
    "member",
    FieldKind.ACCOUNTS,
    Text(
        "The address of a member. Repeat the option for each one; the list replaces the present members.",
        "La dirección de un miembro. Repita la opción para cada uno; la lista reemplaza a los miembros actuales.",
    ),
)
THRESHOLD: Final = ActField(
    "threshold",
    FieldKind.NUMBER,
    Text("The number of members who must approve.", "El número de miembros que deben aprobar."),
)
KEY: Final = ActField(
    "key", FieldKind.DIGEST, Text("The id of the key, 64 hex digits.", "El id de la clave, 64 cifras hexadecimales.")
)
PROPOSAL: Final = ActField(
    "proposal", FieldKind.NUMBER, Text("The number of the proposal.", "El número de la propuesta.")
)
RECOVERY: Final = ActField(
    "recovery", FieldKind.NUMBER, Text("The number of the recovery.", "El número de la recuperación.")
)
PREDECESSOR: Final = ActField(
    "predecessor",
    FieldKind.ACCOUNT,
    Text("The address of the registry before this one.", "La dirección del registro anterior a este."),
)
STATE_HASH: Final = ActField(
    "state-hash",
    FieldKind.DIGEST,
    Text("The final state hash of the registry before this one.", "La huella del estado final del registro anterior."),
)
REPORT: Final = ActField(
    "report",
    FieldKind.FILE,
    Text("The file of the report, or its SHA-256.", "El archivo del dictamen, o su SHA-256."),
)
FAVOURABLE: Final = ActField(
    "favourable", FieldKind.FLAG, Text("The review is favourable.", "La revisión es favorable.")
)
TARGET: Final = ActField("target", FieldKind.ACCOUNT, Text("The contract that is called.", "El contrato que se llama."))
CALLDATA_HASH: Final = ActField(
    "calldata-hash",
    FieldKind.DIGEST,
    Text("The keccak-256 of the calldata.", "El keccak-256 de los datos de la llamada."),
)
ACT_DIGEST: Final = ActField("act", FieldKind.ACT, Text("The SHA-256 of the act.", "El SHA-256 de la resolución."))
