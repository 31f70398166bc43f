"""Every result code of ours, with one sentence for people in English and in Spanish.

Codes are part of the contract with whoever reads our output: they do not change; sentences may. docs/codes.md is written from
this table (`python -m acredita.registry.codes`) together with the revert reasons of the contracts. A code that is not here
may not leave the program: a test looks for every code in the sources.
"""

import sys
from dataclasses import dataclass
from typing import Final

from acredita.contracts.reasons import REASONS, UNEXPLAINED_CODE


@dataclass(frozen=True)
class Code:
    code: str
    family: str
    en: str
    es: str


_TABLE: Final = """
structure | JSON_MALFORMED | The file is not JSON. | El archivo no es JSON.
structure | JSON_NOT_UTF8 | The file is not UTF-8. | El archivo no está en UTF-8.
structure | JSON_TOO_LARGE | The file is larger than the limit. | El archivo supera el tamaño permitido.
structure | JSON_TOO_DEEP | The file is nested too deeply. | El archivo tiene demasiados niveles.
structure | JSON_DUPLICATE_KEY | A key stands twice in one object. | Una clave aparece dos veces en un objeto.
structure | JSON_SURROGATE | A text holds half a character. | Un texto contiene medio carácter.
structure | JSON_NUMBER | A number is not finite or not exact. | Un número no es finito o no es exacto.
structure | JSON_NULL | A value is null. | Un valor es nulo.
structure | NOT_A_CREDENTIAL | This is not a verifiable credential. | Esto no es una credencial verificable.
structure | CONTEXT_NOT_ALLOWED | The JSON-LD contexts are not the pinned ones. | Los contextos JSON-LD no son los fijados.
structure | JSONLD_KEYWORD | A JSON-LD keyword or alias could change the reading. | Una palabra clave de JSON-LD podría cambiar la lectura.
structure | PROFILE_UNKNOWN_KEY | The credential has a key the profile does not know. | La credencial tiene una clave que el perfil no conoce.
structure | PROFILE_MISSING | A key of the profile is missing. | Falta una clave del perfil.
structure | PROFILE_TYPE | A value has another type than the profile asks. | Un valor no es del tipo que pide el perfil.
structure | PROFILE_VALUE | A value is not one the profile allows. | Un valor no es de los que permite el perfil.
structure | PROFILE_CONTRADICTION | Two parts of the credential contradict each other. | Dos partes de la credencial se contradicen.
structure | SCHEMA_INVALID | The credential breaks the profile's JSON Schema. | La credencial no cumple el esquema del perfil.
structure | SCHEMA_MISSING | A member the schema requires is missing. | Falta un miembro que el esquema exige.
structure | SCHEMA_UNKNOWN_KEY | The schema knows no such member. | El esquema no conoce ese miembro.
structure | SCHEMA_VALUE | A value breaks the schema. | Un valor no cumple el esquema.
proof | PROOF_INVALID | The signature does not fit the content. | La firma no corresponde al contenido.
proof | PROOF_MISSING | There is no signature. | No hay firma.
proof | PROOF_MALFORMED | The proof is not well formed. | La prueba está mal formada.
proof | PROOF_KEY_REFUSED | The key the proof names cannot be used. | La clave que nombra la prueba no es utilizable.
proof | PROOF_PURPOSE_MISMATCH | The proof was made for another purpose. | La prueba se hizo con otro propósito.
proof | PROOF_DOMAIN_MISMATCH | The proof was made for another verifier. | La prueba se hizo para otro verificador.
proof | PROOF_CHALLENGE_MISMATCH | The proof answers another challenge. | La prueba responde a otro reto.
proof | PROOF_EXPIRED | The proof has expired. | La prueba venció.
proof | CRYPTOSUITE_UNKNOWN | This cryptosuite is not known here. | Esta suite criptográfica no se conoce aquí.
proof | CONTEXT_UNKNOWN | A context is not at hand. | Un contexto no está disponible.
proof | DID_UNRESOLVED | The issuer's DID document is not at hand. | El documento DID del emisor no está disponible.
binding | KEY_NOT_OF_ISSUER | The key belongs to somebody else than the issuer. | La clave no pertenece a la entidad emisora.
binding | LOG_NOT_OF_ISSUER | The receipt comes from another issuer's log. | El comprobante es de la bitácora de otra entidad.
binding | KEY_NOT_REGISTERED | The registry does not know the key as the issuer's. | El registro no reconoce la clave como de la entidad emisora.
binding | KEY_UNCONFIRMED | Nobody can confirm the key. | Nadie puede confirmar la clave.
key | KEY_NOT_VALID_AT_ISSUANCE | The key was not in force when the credential was anchored. | La clave no estaba vigente al anclarse.
key | KEY_NOT_VALID_NOW | The key is not in force now. | La clave no está vigente ahora.
key | KEY_COMPROMISED | The key was in other hands when the credential was anchored. | La clave estaba comprometida al anclarse.
key | KEY_COMPROMISED_NOW | The key has been compromised since; the anchor is older. | La clave se comprometió después; el anclaje es anterior.
chain | TRUST_MISSING | No trust file was given or pinned. | No hay archivo de confianza.
chain | TRUST_EXPIRED | The trust file has expired. | El archivo de confianza venció.
chain | TRUST_MALFORMED | The trust file is not well formed. | El archivo de confianza está mal formado.
chain | TRUST_SIGNATURE_INVALID | The trust file's signature does not fit. | La firma del archivo de confianza no corresponde.
chain | TRUST_KEY_CHANGED | The trust file is signed by another key than the pinned one. | El archivo de confianza lleva otra clave que la fijada.
chain | TRUST_ROLLED_BACK | The trust file is older than one already seen. | El archivo de confianza es anterior a uno ya visto.
chain | VALIDATORS_UNKNOWN | No known validator set covers the block. | Ningún conjunto de validadores conocido cubre el bloque.
chain | BLOCK_NOT_TRUSTED | The bundle's block is not one the trust file vouches for. | El archivo de confianza no avala el bloque.
chain | EVIDENCE_MALFORMED | The evidence bundle is not well formed. | El paquete de evidencia está mal formado.
chain | EVIDENCE_TOO_LARGE | The evidence bundle is larger than the limit. | El paquete de evidencia supera el tamaño permitido.
chain | EVIDENCE_INCOMPLETE | The evidence bundle leaves a party out. | Al paquete de evidencia le falta una de las partes.
chain | STATE_PROOF_INVALID | The proofs do not show what is in the chain's state. | Las pruebas no muestran el estado de la cadena.
chain | LEDGER_MISSING | No ledger was given. | No se indicó ninguna cadena.
chain | LEDGER_UNREACHABLE | The ledger did not answer. | La cadena no respondió.
chain | LEDGER_STALLED | The ledger's newest block is too old: it has stopped. | La cadena está detenida.
chain | GENESIS_CHANGED | The ledger at hand is another chain. | La cadena disponible es otra.
chain | CODE_CHANGED | A contract's code is not the pinned one. | El código de un contrato no es el fijado.
chain | WRONG_CHAIN | The receipt belongs to another chain or contract. | El comprobante es de otra cadena u otro contrato.
chain | ANCHOR_NOT_FOUND | The contract holds no such checkpoint. | El contrato no contiene ese anclaje.
chain | ANCHORED_LATER | The anchor is younger than the moment asked about. | El anclaje es posterior al momento consultado.
chain | CHECKPOINT_VOID | The checkpoint was declared void. | El anclaje fue anulado.
chain | RECEIPT_MISSING | The anchor receipt is not at hand. | Falta el comprobante de anclaje.
chain | PENDING_ANCHOR | Signed, not anchored yet. | Firmada, aún sin anclar.
chain | ANCHOR_OVERDUE | Signed more than 72 hours ago and still not anchored. | Firmada hace más de 72 horas y aún sin anclar.
inclusion | LEAF_MISMATCH | The receipt is for another credential. | El comprobante es de otra credencial.
inclusion | MERKLE_PROOF_INVALID | The inclusion proof does not lead to the anchored root. | La prueba de inclusión no lleva a la raíz anclada.
inclusion | CHECKPOINT_NOT_FIRST | The receipt does not name the first anchor of this entry. | El comprobante no es del primer anclaje de la entrada.
issuer | ISSUER_UNKNOWN | The registry does not know the issuer. | El registro no conoce a la entidad emisora.
issuer | ISSUER_NOT_ACCREDITED_AT_ISSUANCE | The issuer was not accredited when it anchored. | La entidad no estaba acreditada al anclar.
issuer | ISSUER_NOT_ACCREDITED_NOW | The issuer is not accredited now. | La entidad no está acreditada ahora.
issuer | ISSUER_SUSPENDED_NOW | The issuer is suspended now. | La entidad está suspendida ahora.
issuer | ISSUER_UNDER_REVIEW | The issuer is under review. | La entidad está en revisión.
issuer | ISSUER_ACCREDITATION_EXPIRED_NOW | The issuer's accreditation has expired since. | La acreditación de la entidad venció después.
issuer | ISSUER_REVOKED_NOW | The issuer's accreditation has been revoked since. | La acreditación de la entidad fue revocada después.
issuer | ISSUER_REVOKED_RETROACTIVE | Fraud: nothing the issuer anchored since then counts. | Fraude: nada de lo anclado desde entonces cuenta.
issuer | ISSUER_VOID_NOW | Fraud was declared since; the anchor is older. | Se declaró fraude después; el anclaje es anterior.
issuer | ACCREDITOR_NOT_ACTIVE_AT_ISSUANCE | An accreditor above the issuer was not active. | Un acreditador superior no estaba activo.
issuer | ACCREDITOR_NOT_ACTIVE_NOW | An accreditor above the issuer is not active now. | Un acreditador superior no está activo ahora.
issuer | CHECKPOINT_STATUS_ONLY | Issued in a checkpoint for status changes only. | Emitida en un anclaje que solo admite cambios de estado.
issuer | SCOPE_MISSING | The issuer has no scope in force. | La entidad no tiene alcance vigente.
issuer | SCOPE_LEVEL_MISMATCH | The programme's level is outside the scope. | El nivel del programa está fuera del alcance.
issuer | SCOPE_SECTOR_MISMATCH | The programme's sector is outside the scope. | El sector del programa está fuera del alcance.
issuer | SCOPE_PROGRAMME_MISMATCH | The programme is outside the scope. | El programa está fuera del alcance.
programme | PROGRAMME_UNKNOWN | The registry does not know this programme version. | El registro no conoce esta versión del programa.
programme | PROGRAMME_NOT_OF_ISSUER | The programme belongs to another institution. | El programa es de otra institución.
programme | PROGRAMME_NOT_APPROVED_AT_ISSUANCE | The programme was not approved when anchored. | El programa no estaba aprobado al anclarse.
programme | PROGRAMME_NOT_APPROVED_NOW | The programme is not approved now. | El programa no está aprobado ahora.
programme | PROGRAMME_WITHDRAWN_NOW | The programme has been withdrawn since. | El programa fue retirado después.
programme | PROGRAMME_SUSPENDED_NOW | The programme is suspended now. | El programa está suspendido ahora.
programme | PROGRAMME_WINDOW_ENDED_NOW | The programme's approval has ended since. | La aprobación del programa terminó después.
programme | PROGRAMME_MISMATCH | The credential does not say what its programme says. | La credencial no dice lo que dice su programa.
programme | DOCUMENT_MISSING | A programme or scope document is not at hand. | Falta un documento de programa o de alcance.
status | SUPERSEDED | A corrected credential has taken its place. | Fue sustituida por una credencial corregida.
status | CREDENTIAL_REVOKED | The issuer has revoked the credential. | La entidad emisora la revocó.
status | CREDENTIAL_SUSPENDED | The issuer has suspended the credential. | La entidad emisora la suspendió.
status | STATUS_MISMATCH | Chain and published list disagree: a revocation is hidden. | La cadena y la lista publicada no coinciden.
status | STATUS_STALE | What is known of the status is too old. | La información de estado es demasiado antigua.
status | STATUS_LATER | The evidence is younger than the moment asked about. | La evidencia es posterior al momento consultado.
status | STATUS_PROOF_INVALID | The proof does not show the anchored status. | La prueba no muestra el estado anclado.
status | STATUS_LIST_FOREIGN | The status list is another issuer's. | La lista de estado es de otra entidad.
status | STATUS_LIST_INVALID | The status list at hand cannot be relied on. | La lista de estado disponible no es confiable.
status | STATUS_LIST_LENGTH_ERROR | The status list is shorter than the standard asks. | La lista de estado es más corta de lo que pide la norma.
status | LOG_MISSING | The issuer's log is not at hand up to the chain's head. | Falta la bitácora de la entidad hasta el último anclaje.
dates | CREDENTIAL_EXPIRED | The credential's validity has ended. | La vigencia de la credencial terminó.
dates | CREDENTIAL_NOT_YET_VALID | The credential's validity has not begun. | La vigencia de la credencial aún no comienza.
subject | SUBJECT_MISMATCH | The identifier given is not the subject's. | El identificador no es el de la persona titular.
step | STEP_DEPENDS | Waits for an earlier step. | Depende de un paso anterior.
document | PROGRAMME_MISSING_ELEMENT | The programme lacks a mandatory element. | Al programa le falta un elemento obligatorio.
document | PROGRAMME_UNKNOWN_KEY | The programme has a key the format does not know. | El programa tiene una clave desconocida.
document | PROGRAMME_MALFORMED | A value of the programme has the wrong form. | Un valor del programa tiene forma incorrecta.
document | PROGRAMME_ATTENDANCE_ONLY | Attendance is the only assessment. | La asistencia es la única evaluación.
document | PROGRAMME_TERM_MISMATCH | A term and its address do not belong together. | Un término y su dirección no corresponden.
document | PROGRAMME_DUPLICATE | The programme names something twice. | El programa repite un elemento.
document | PROGRAMME_MINIMUM_NOT_IN_SCALE | The pass mark is not on the scale. | El mínimo no está en la escala.
document | SCOPE_MISSING_ELEMENT | The scope lacks an element. | Al alcance le falta un elemento.
document | SCOPE_UNKNOWN_KEY | The scope has a key the format does not know. | El alcance tiene una clave desconocida.
document | SCOPE_MALFORMED | A value of the scope has the wrong form. | Un valor del alcance tiene forma incorrecta.
signing | TERM_UNMAPPED | A term means nothing in these contexts and would not be signed. | Un término carece de significado y no quedaría firmado.
signing | TYPE_UNMAPPED | A type means nothing in these contexts. | Un tipo carece de significado en estos contextos.
signing | TERM_REDEFINED | A protected term is redefined. | Se redefine un término protegido.
signing | CONTEXT_INVALID | A context is not valid. | Un contexto no es válido.
signing | JSONLD_INVALID | The document is not valid JSON-LD. | El documento no es JSON-LD válido.
signing | IRI_RELATIVE | A relative address would be signed as another. | Una dirección relativa se firmaría como otra.
signing | IRI_INVALID | An address is not a valid IRI. | Una dirección no es un IRI válido.
signing | VALUE_NULL | A null value would not be signed. | Un valor nulo no quedaría firmado.
signing | VALUE_UNSIGNED | A value would not be signed. | Un valor no quedaría firmado.
signing | NUMBER_UNSAFE | Libraries disagree on this number. | Las bibliotecas no coinciden en este número.
signing | CONTROL_CHARACTER | A text holds a control character. | Un texto contiene un carácter de control.
signing | TOO_DEEP | The document is nested too deeply. | El documento tiene demasiados niveles.
signing | NOTHING_SIGNED | Nothing of the document would be signed. | Nada del documento quedaría firmado.
signing | GRAPH_TOO_COMPLEX | The graph asks for more work than allowed. | El grafo exige más trabajo del permitido.
datamodel | VCDM_NOT_AN_OBJECT | A JSON object is expected here. | Aquí se espera un objeto JSON.
datamodel | VCDM_CONTEXT | The contexts are not a list that begins with the data model's. | Los contextos no son una lista que empiece por el del modelo de datos.
datamodel | VCDM_ID | An id is not one URL. | Un id no es una sola URL.
datamodel | VCDM_TYPE | The types are missing or not terms and URLs. | Los tipos faltan o no son términos ni URL.
datamodel | VCDM_ISSUER | The issuer is missing or not named by a URL. | La entidad emisora falta o no se nombra con una URL.
datamodel | VCDM_SUBJECT | Nothing is said about a subject. | No se dice nada de ningún titular.
datamodel | VCDM_TIME | A time is not a dateTimeStamp with its zone. | Un momento no es un dateTimeStamp con su zona.
datamodel | VCDM_PERIOD | The validity ends before it begins. | La vigencia termina antes de empezar.
datamodel | VCDM_TEXT | A name or description is neither a text nor a text with its language. | Un nombre o descripción no es texto ni texto con su idioma.
datamodel | VCDM_STATUS | A status entry is not well formed. | Una entrada de estado está mal formada.
datamodel | VCDM_SCHEMA | A schema reference lacks type or id. | A una referencia de esquema le falta tipo o id.
datamodel | VCDM_MEMBER | A member that needs a type has none. | A un elemento que exige tipo le falta.
datamodel | VCDM_RELATED_RESOURCE | A related resource is not well formed. | Un recurso relacionado está mal formado.
datamodel | RELATED_RESOURCE_MISMATCH | A related resource has another digest. | Un recurso relacionado tiene otro resumen.
datamodel | RELATED_RESOURCE_UNCHECKED | A related resource is not at hand. | Un recurso relacionado no está disponible.
datamodel | VCDM_TERM_HIDDEN | What the data model defines is said under another name. | Lo que define el modelo de datos se dice con otro nombre.
datamodel | VCDM_PROOF | A proof is not an object with a type. | Una prueba no es un objeto con tipo.
datamodel | VCDM_HOLDER | The holder is not named by a URL. | Quien presenta no se nombra con una URL.
datamodel | VCDM_PRESENTED | What is presented is not a secured credential. | Lo presentado no es una credencial asegurada.
datamodel | VCDM_ENVELOPE | The envelope holds no secured document. | El sobre no contiene un documento asegurado.
vcapi | PROFILE_UNKNOWN | The node has no such signing profile. | El nodo no tiene ese perfil de firma.
vcapi | ISSUER_NOT_OF_PROFILE | The issuer is not the signing profile's. | La entidad emisora no es la del perfil de firma.
vcapi | HOLDER_NOT_OF_KEY | The key belongs to somebody else than the holder. | La clave no pertenece a quien presenta.
vcapi | ACHIEVEMENT_NOT_APPROVED | The achievement is not that of an approved programme of the institution. | El logro no es el de un programa aprobado de la institución.
vcapi | STATUS_ENTRY_UNKNOWN | This node keeps no such status entry. | Este nodo no lleva esa entrada de estado.
vcapi | STATUS_FINAL | A revocation is final. | Una revocación es definitiva.
vcapi | STATUS_UNCHECKED | The status list is not at hand. | La lista de estado no está disponible.
vcapi | SOURCE_NOT_ALLOWED | The node may not fetch from that source. | El nodo no puede consultar esa fuente.
vcapi | SOURCE_UNREACHABLE | The source gave no usable answer. | La fuente no dio una respuesta utilizable.
vcapi | STATUS_RANGE | The index lies outside the status list. | El índice está fuera de la lista de estado.
vcapi | CHALLENGE_UNCHECKED | The proof answers a challenge nobody named. | La prueba responde a un reto que nadie indicó.
vcapi | CHECK_UNKNOWN | No check of this name exists. | No existe una comprobación con ese nombre.
file | FILE_EMPTY | The file has no rows. | El archivo no tiene filas.
file | FILE_NOT_UTF8 | The file is not UTF-8. | El archivo no está en UTF-8.
file | FILE_MALFORMED | The file is not a table that can be read. | El archivo no es una tabla legible.
file | FILE_CHANGED | The file was changed while it was read. | El archivo cambió mientras se leía.
file | FILE_TOO_LONG | The file has more rows, or longer lines, than allowed. | El archivo supera las filas o la longitud permitidas.
file | COLUMN_MISSING | A column is missing. | Falta una columna.
file | COLUMN_UNKNOWN | A column is not one of the format's. | Una columna no es del formato.
file | COLUMN_DUPLICATE | A column stands twice. | Una columna aparece dos veces.
row | ROW_MALFORMED | The row has not one value for each column. | La fila no tiene un valor por columna.
row | ROW_VALUE_MISSING | A required value is empty. | Falta un valor obligatorio.
row | ROW_IDENTIFIER_INVALID | The identifier cannot be used. | El identificador no es utilizable.
row | ROW_DID_INVALID | The DID is not well formed. | El DID está mal formado.
row | ROW_DATE_FUTURE | The date lies in the future. | La fecha está en el futuro.
row | ROW_EVIDENCE_INVALID | The evidence address is not a web address. | La dirección de la evidencia no es una dirección web.
row | ROW_DUPLICATE | Person and date are already in an earlier row. | La persona y la fecha ya están en una fila anterior.
row | RESULT_NOT_PASSED | The result does not pass. | El resultado no es aprobatorio.
row | ROW_RESULT_UNKNOWN | The result is not on the programme's scale. | El resultado no está en la escala del programa.
row | ROW_DATE_INVALID | The date cannot be used. | La fecha no es utilizable.
row | ROW_VALIDITY_OVER | The validity would already be over. | La vigencia ya habría terminado.
ledger | NONCE_FOREIGN | The anchoring account was used by somebody else. | La cuenta de anclaje fue usada por alguien más.
ledger | LOG_AHEAD | The chain is ahead of this node's storage. | La cadena va adelante del almacenamiento de este nodo.
ledger | ISSUER_NOT_ACTIVE | The issuer is not active: the chain takes no new credentials. | La entidad no está activa: la cadena no admite credenciales nuevas.
ledger | ACCOUNT_NOT_ALLOWED | The chain does not let this account anchor. | La cadena no permite anclar a esta cuenta.
ledger | CHECKPOINT_PREVIOUS_MISMATCH | The contract's last anchor is not the one we hold. | El último anclaje del contrato no es el que tenemos.
node | IDEMPOTENT | The same row was issued before. | La misma fila ya se había emitido.
node | QUOTA_EXCEEDED | Too many credentials wait for their anchor. | Demasiadas credenciales esperan su anclaje.
node | CREDENTIAL_UNKNOWN | This node has no such credential. | Este nodo no tiene esa credencial.
node | POSITIONS_CONTENDED | Other writers keep drawing the same status positions. | Otros procesos eligen las mismas posiciones de estado.
node | GENESIS_UNEXPECTED | The chain that answers, or the one of the log, is not the one that was named. | La cadena que responde, o la de la bitácora, no es la indicada.
node | LEDGER_NOT_GONE | The chain of this log answers: there is nothing to migrate. | La cadena de esta bitácora responde: no hay nada que migrar.
node | TRUST_OUTDATED | The trust file does not name the chain that answers. | El archivo de confianza no nombra la cadena que responde.
node | LOG_ID_REPEATED | The new log would have the old log's identifier. | La bitácora nueva tendría el identificador de la anterior.
node | WRITER_BUSY | Another process writes for this institution. | Otro proceso escribe por esta institución.
node | WORKER_LOST | A process that signs was ended. | Un proceso que firma fue terminado.
node | PROFILE_TAKEN | The profile name belongs to another DID. | El nombre del perfil pertenece a otro DID.
node | KEYSTORE_CHANGED | The keystore is not the one the node opened: restart the node. | El almacén de claves no es el que abrió el nodo: hay que reiniciarlo.
node | KEY_IS_THE_DID | The DID is the key itself: it cannot be followed. | El DID es la clave misma: no puede sucederle otra.
node | KEY_IS_THE_LAST | No other key of this purpose is in force. | Ninguna otra clave para este fin está vigente.
node | KEY_STILL_NEEDED | Something made with the key waits for its anchor. | Algo hecho con la clave espera su anclaje.
node | KEY_UNKNOWN | The keystore has no such key. | El almacén no tiene esa clave.
node | KEY_NOT_COMPROMISED | The registry has no mark on the key. | El registro no señala la clave como comprometida.
node | CONTROL_NOT_OURS | The account is not the institution's control account. | La cuenta no es la de control de la institución.
node | COMPROMISE_TOO_FAR_BACK | Only the council dates a compromise further back than 72 hours. | Solo el consejo fecha un compromiso a más de 72 horas.
node | TIME_OUT_OF_RANGE | The time lies in the future, or is none. | El momento está en el futuro o no es válido.
audit | HISTORY_MISMATCH | The records do not fold to the contract's history hash. | Los registros no dan el resumen histórico del contrato.
audit | RECORD_UNKNOWN | A contract logged an event this version does not know. | Un contrato registró un evento que esta versión no conoce.
audit | KEY_STATEMENT_MISSING | A key's own statement is not at hand. | Falta la declaración de una clave.
audit | KEY_STATEMENT_INVALID | A key's own statement does not hold. | La declaración de una clave no es válida.
audit | HEAD_MISMATCH | The events do not end where the contract's log does. | Los eventos no terminan donde termina la bitácora del contrato.
audit | WORD_CHAIN_BROKEN | A checkpoint does not follow the one before. | Un anclaje no sigue al anterior.
audit | WORD_MISMATCH | An event and the contract's storage differ. | Un evento y el almacenamiento del contrato difieren.
audit | ROOT_MISMATCH | The entries do not give the anchored root. | Las entradas no dan la raíz anclada.
audit | STATUS_ROOT_MISMATCH | The entries do not give the anchored status. | Las entradas no dan el estado anclado.
audit | STATUS_UNANCHORED | A published list revokes what no entry of the log does. | Una lista publicada revoca lo que ninguna entrada de la bitácora revoca.
audit | STATUS_LIST_MISSING | The log revokes in a list that is not at hand. | La bitácora revoca en una lista que no está disponible.
audit | ENTRY_UNKNOWN | An anchored entry is of no known version. | Una entrada anclada es de versión desconocida.
audit | ENTRY_MISPLACED | An opening entry stands where none belongs. | Una entrada de apertura está fuera de lugar.
audit | ISSUED_IN_STATUS_CHECKPOINT | An issued entry came with a status-only checkpoint: never recognised. | Una emisión llegó en un anclaje de solo estado: no se reconoce.
audit | REPLACED_AFTER_REVOCATION | A credential was corrected after it was revoked. | Una credencial se corrigió después de revocada.
audit | ISSUED_TWICE | A digest was issued twice. | Un resumen se emitió dos veces.
"""


def _read(table: str) -> dict[str, Code]:
    rows = [line.split(" | ") for line in table.strip().splitlines()]
    return {code: Code(code, family, en, es) for family, code, en, es in rows}


CODES: Final[dict[str, Code]] = _read(_TABLE)


def sentence(code: str, language: str) -> str:
    """The sentence of a code in `es` or `en`; a code of a contract's revert has none of its own and speaks for itself."""
    found = CODES.get(code)
    return code if found is None else (found.es if language == "es" else found.en)


def markdown() -> str:
    """docs/codes.md, whole."""
    lines = ["# Result codes", "", "Written by `python -m acredita.registry.codes > docs/codes.md`.", ""]
    families = dict.fromkeys(code.family for code in CODES.values())
    for family in families:
        lines += [f"## {family}", "", "| code | means | en español |", "| --- | --- | --- |"]
        lines += [f"| `{c.code}` | {c.en} | {c.es} |" for c in CODES.values() if c.family == family]
        lines.append("")
    lines += ["## Revert reasons of the contracts", "", "| reason | code |", "| --- | --- |"]
    lines += [f"| `{reason}` | `{code}` |" for reason, code in sorted(REASONS.items())]
    lines += [f"| any other | `{UNEXPLAINED_CODE}` |", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(markdown())
