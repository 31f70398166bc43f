"""List every result code of ours, with one sentence for people in English and in Spanish.

Codes are part of the contract with every reader of our output: they do not change; sentences may. docs/codes.md is
written from this table (`python -m acredita.registry.codes`) together with the revert reasons of the contracts, whose codes
are in `contracts/reasons.py` and have no sentence. Code of
the registry, the node and the commands names a code as `Code.NAME`, so the type checker finds a code that is not in the
table.
"""

import sys
from enum import StrEnum
from typing import Final, Self

from acredita.contracts.reasons import REASONS, UNEXPLAINED_CODE


class Code(StrEnum):
    """A result code: its own name as text, its family, and its sentence in English (`en`) and Spanish (`es`)."""

    family: str
    en: str
    es: str

    def __new__(cls, code: str, family: str, en: str, es: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.family, member.en, member.es = family, en, es
        return member

    JSON_MALFORMED = "JSON_MALFORMED", "structure", "The file is not JSON.", "El archivo no es JSON."
    JSON_NOT_UTF8 = "JSON_NOT_UTF8", "structure", "The file is not UTF-8.", "El archivo no está en UTF-8."
    JSON_TOO_LARGE = (
        "JSON_TOO_LARGE",
        "structure",
        "The file is larger than the limit.",
        "El archivo supera el tamaño permitido.",
    )
    JSON_TOO_DEEP = (
        "JSON_TOO_DEEP",
        "structure",
        "The file is nested too deeply.",
        "El archivo tiene demasiados niveles.",
    )
    JSON_DUPLICATE_KEY = (
        "JSON_DUPLICATE_KEY",
        "structure",
        "A key occurs twice in one object.",
        "Una clave aparece dos veces en un objeto.",
    )
    JSON_SURROGATE = (
        "JSON_SURROGATE",
        "structure",
        "A text holds half a character.",
        "Un texto contiene medio carácter.",
    )
    JSON_NUMBER = (
        "JSON_NUMBER",
        "structure",
        "A number is not finite or not exact.",
        "Un número no es finito o no es exacto.",
    )
    JSON_NULL = "JSON_NULL", "structure", "A value is null.", "Un valor es nulo."
    NOT_A_CREDENTIAL = (
        "NOT_A_CREDENTIAL",
        "structure",
        "No verifiable credential can be read in what was sent.",
        "En lo recibido no se pudo leer ninguna credencial verificable.",
    )
    FORM_NOT_ALLOWED = (
        "FORM_NOT_ALLOWED",
        "structure",
        "The credential is secured in another form than this registry issues.",
        "La credencial está protegida en otra forma que la que emite este registro.",
    )
    CONTEXT_NOT_ALLOWED = (
        "CONTEXT_NOT_ALLOWED",
        "structure",
        "The JSON-LD contexts are not the pinned ones.",
        "Los contextos JSON-LD no son los fijados.",
    )
    JSONLD_KEYWORD = (
        "JSONLD_KEYWORD",
        "structure",
        "A JSON-LD keyword or alias could change the reading.",
        "Una palabra clave de JSON-LD podría cambiar la lectura.",
    )
    PROFILE_UNKNOWN_KEY = (
        "PROFILE_UNKNOWN_KEY",
        "structure",
        "The credential has a key the profile does not know.",
        "La credencial tiene una clave que el perfil no conoce.",
    )
    PROFILE_MISSING = "PROFILE_MISSING", "structure", "A key of the profile is missing.", "Falta una clave del perfil."
    PROFILE_TYPE = (
        "PROFILE_TYPE",
        "structure",
        "A value has another type than the profile requires.",
        "Un valor no es del tipo que pide el perfil.",
    )
    PROFILE_VALUE = (
        "PROFILE_VALUE",
        "structure",
        "A value is not one the profile allows.",
        "Un valor no es de los que permite el perfil.",
    )
    PROFILE_SET = (
        "PROFILE_SET",
        "structure",
        "A list that stands for a set repeats an item, or is not in its one order.",
        "Una lista que representa un conjunto repite un elemento o no está en su único orden.",
    )
    PROFILE_CONTRADICTION = (
        "PROFILE_CONTRADICTION",
        "structure",
        "Two parts of the credential contradict each other.",
        "Dos partes de la credencial se contradicen.",
    )
    SCHEMA_INVALID = (
        "SCHEMA_INVALID",
        "structure",
        "The credential breaks the profile's JSON Schema.",
        "La credencial no cumple el esquema del perfil.",
    )
    SCHEMA_MISSING = (
        "SCHEMA_MISSING",
        "structure",
        "A member the schema requires is missing.",
        "Falta un miembro que el esquema exige.",
    )
    SCHEMA_UNKNOWN_KEY = (
        "SCHEMA_UNKNOWN_KEY",
        "structure",
        "The schema knows no such member.",
        "El esquema no conoce ese miembro.",
    )
    SCHEMA_VALUE = "SCHEMA_VALUE", "structure", "A value breaks the schema.", "Un valor no cumple el esquema."
    PROOF_INVALID = (
        "PROOF_INVALID",
        "proof",
        "The signature does not fit the content.",
        "La firma no corresponde al contenido.",
    )
    PROOF_MISSING = "PROOF_MISSING", "proof", "There is no signature.", "No hay firma."
    PROOF_MALFORMED = "PROOF_MALFORMED", "proof", "The proof is not well formed.", "La prueba está mal formada."
    PROOF_KEY_REFUSED = (
        "PROOF_KEY_REFUSED",
        "proof",
        "The key the proof names cannot be used.",
        "La clave que nombra la prueba no es utilizable.",
    )
    PROOF_PURPOSE_MISMATCH = (
        "PROOF_PURPOSE_MISMATCH",
        "proof",
        "The proof was made for another purpose.",
        "La prueba se hizo con otro propósito.",
    )
    PROOF_DOMAIN_MISMATCH = (
        "PROOF_DOMAIN_MISMATCH",
        "proof",
        "The proof was made for another verifier.",
        "La prueba se hizo para otro verificador.",
    )
    PROOF_CHALLENGE_MISMATCH = (
        "PROOF_CHALLENGE_MISMATCH",
        "proof",
        "The proof answers another challenge.",
        "La prueba responde a otro reto.",
    )
    PROOF_EXPIRED = "PROOF_EXPIRED", "proof", "The proof has expired.", "La prueba venció."
    CRYPTOSUITE_UNKNOWN = (
        "CRYPTOSUITE_UNKNOWN",
        "proof",
        "This cryptosuite is not known here.",
        "Esta suite criptográfica no se conoce aquí.",
    )
    CONTEXT_UNKNOWN = "CONTEXT_UNKNOWN", "proof", "A context is not available.", "Un contexto no está disponible."
    KEY_UNREADABLE = (
        "KEY_UNREADABLE",
        "proof",
        "The key the proof names has a form that is not read here.",
        "La clave que nombra la prueba tiene una forma que aquí no se lee.",
    )
    DID_UNRESOLVED = (
        "DID_UNRESOLVED",
        "proof",
        "The issuer's DID document is not available.",
        "El documento DID del emisor no está disponible.",
    )
    DID_DIFFERS = (
        "DID_DIFFERS",
        "proof",
        "The issuer's DID document says otherwise of the key than the registry; the registry counts.",
        "El documento DID de la entidad dice otra cosa de la clave que el registro; cuenta el registro.",
    )
    KEY_NOT_OF_ISSUER = (
        "KEY_NOT_OF_ISSUER",
        "binding",
        "The key belongs to somebody else than the issuer.",
        "La clave no pertenece a la entidad emisora.",
    )
    KEY_NOT_REGISTERED = (
        "KEY_NOT_REGISTERED",
        "binding",
        "The registry does not know the key as the issuer's.",
        "El registro no reconoce la clave como de la entidad emisora.",
    )
    KEY_UNCONFIRMED = "KEY_UNCONFIRMED", "binding", "Nobody can confirm the key.", "Nadie puede confirmar la clave."
    KEY_NOT_VALID_AT_ISSUANCE = (
        "KEY_NOT_VALID_AT_ISSUANCE",
        "key",
        "The key was not in force when the credential was anchored.",
        "La clave no estaba vigente al anclarse.",
    )
    KEY_NOT_VALID_NOW = "KEY_NOT_VALID_NOW", "key", "The key is not in force now.", "La clave no está vigente ahora."
    KEY_COMPROMISED = (
        "KEY_COMPROMISED",
        "key",
        "The key was in other hands when the credential was anchored.",
        "La clave estaba comprometida al anclarse.",
    )
    KEY_COMPROMISED_NOW = (
        "KEY_COMPROMISED_NOW",
        "key",
        "The key has been compromised since; the anchor is older.",
        "La clave se comprometió después; el anclaje es anterior.",
    )
    TRUST_MISSING = "TRUST_MISSING", "chain", "No trust file was given or pinned.", "No hay archivo de confianza."
    TRUST_EXPIRED = "TRUST_EXPIRED", "chain", "The trust file has expired.", "El archivo de confianza venció."
    TRUST_NOT_YET_ISSUED = (
        "TRUST_NOT_YET_ISSUED",
        "chain",
        "The trust file is dated in the future.",
        "El archivo de confianza lleva una fecha futura.",
    )
    TRUST_MALFORMED = (
        "TRUST_MALFORMED",
        "chain",
        "The trust file is not well formed.",
        "El archivo de confianza está mal formado.",
    )
    TRUST_SIGNATURE_INVALID = (
        "TRUST_SIGNATURE_INVALID",
        "chain",
        "The trust file's signature does not fit.",
        "La firma del archivo de confianza no corresponde.",
    )
    TRUST_SIGNATURES_TOO_FEW = (
        "TRUST_SIGNATURES_TOO_FEW",
        "chain",
        "Too few of the keys that must sign the trust file have signed it.",
        "Firmaron el archivo de confianza menos claves de las necesarias.",
    )
    TRUST_NUMBER_SKIPPED = (
        "TRUST_NUMBER_SKIPPED",
        "chain",
        "The trust file does not follow the one at hand by one.",
        "El archivo de confianza no es el siguiente al que se tiene.",
    )
    TRUST_EQUIVOCATION = (
        "TRUST_EQUIVOCATION",
        "chain",
        "Two different trust files have one number.",
        "Dos archivos de confianza distintos llevan el mismo número.",
    )
    TRUST_OUTDATED = (
        "TRUST_OUTDATED",
        "chain",
        "The council has recorded a newer trust file.",
        "El consejo registró un archivo de confianza más reciente.",
    )
    TRUST_ENDS_SOON = (
        "TRUST_ENDS_SOON",
        "chain",
        "The trust file ends within 14 days, and no newer one is in its place.",
        "El archivo de confianza vence en menos de 14 días y no hay otro en su lugar.",
    )
    TRUST_OTHER_LEDGER = (
        "TRUST_OTHER_LEDGER",
        "chain",
        "The trust file names another chain, genesis or contracts.",
        "El archivo de confianza nombra otra cadena, otro génesis u otros contratos.",
    )
    TRUST_ROLLED_BACK = (
        "TRUST_ROLLED_BACK",
        "chain",
        "The trust file is older than one already seen.",
        "El archivo de confianza es anterior a uno ya visto.",
    )
    VALIDATORS_UNKNOWN = (
        "VALIDATORS_UNKNOWN",
        "chain",
        "No known validator set covers the block.",
        "Ningún conjunto de validadores conocido cubre el bloque.",
    )
    BLOCK_NOT_TRUSTED = (
        "BLOCK_NOT_TRUSTED",
        "chain",
        "The bundle's block is not one the trust file vouches for.",
        "El archivo de confianza no avala el bloque.",
    )
    EVIDENCE_MALFORMED = (
        "EVIDENCE_MALFORMED",
        "chain",
        "The evidence bundle, or the answer with proof, is not well formed.",
        "El paquete de evidencia, o la respuesta con prueba, está mal formado.",
    )
    EVIDENCE_TOO_LARGE = (
        "EVIDENCE_TOO_LARGE",
        "chain",
        "The evidence bundle, or the answer with proof, is larger than the limit.",
        "El paquete de evidencia, o la respuesta con prueba, supera el tamaño permitido.",
    )
    EVIDENCE_INCOMPLETE = (
        "EVIDENCE_INCOMPLETE",
        "chain",
        "The evidence bundle, or the answer with proof, leaves a party out.",
        "Al paquete de evidencia, o a la respuesta con prueba, le falta una de las partes.",
    )
    STATE_PROOF_INVALID = (
        "STATE_PROOF_INVALID",
        "chain",
        "The proofs do not show what is in the chain's state.",
        "Las pruebas no muestran el estado de la cadena.",
    )
    PROOF_NOT_PINNED = (
        "PROOF_NOT_PINNED",
        "chain",
        "The trust file vouches for no block at which this answer can be proven now.",
        "El archivo de confianza no avala ningún bloque en el que esta respuesta pueda probarse ahora.",
    )
    PROOF_OUTDATED = (
        "PROOF_OUTDATED",
        "chain",
        "The proof is of a block that is too old for what was asked.",
        "La prueba es de un bloque demasiado antiguo para lo que se pregunta.",
    )
    PROOF_OF_ANOTHER = (
        "PROOF_OF_ANOTHER",
        "chain",
        "The proof is about another issuer or programme than the one asked about.",
        "La prueba trata de otra entidad o de otro programa que el preguntado.",
    )
    ANSWER_ALTERED = (
        "ANSWER_ALTERED",
        "chain",
        "The proven records give another answer than the one that was told.",
        "Los registros probados dan otra respuesta que la que se dijo.",
    )
    LEDGER_MISSING = "LEDGER_MISSING", "chain", "No ledger was given.", "No se indicó ninguna cadena."
    LEDGER_UNREACHABLE = "LEDGER_UNREACHABLE", "chain", "The ledger did not answer.", "La cadena no respondió."
    LEDGER_INCOMPLETE = (
        "LEDGER_INCOMPLETE",
        "chain",
        "The ledger's answers leave something out or contradict each other.",
        "Las respuestas de la cadena omiten algo o se contradicen.",
    )
    PROOFS_UNAVAILABLE = (
        "PROOFS_UNAVAILABLE",
        "chain",
        "The ledger's state could not be proven, and nothing less was asked for.",
        "No se pudo probar el estado de la cadena, y no se pidió nada menos.",
    )
    LEDGER_BEHIND = (
        "LEDGER_BEHIND",
        "chain",
        "The ledger ends below a block that is known to be on the chain.",
        "La cadena termina antes de un bloque que se sabe que existe.",
    )
    LEDGER_FORKED = (
        "LEDGER_FORKED",
        "chain",
        "The ledger shows another block at a height that was final.",
        "La cadena muestra otro bloque a una altura que era definitiva.",
    )
    LEDGER_AHEAD_OF_CLOCK = (
        "LEDGER_AHEAD_OF_CLOCK",
        "chain",
        "The ledger's newest block is dated in the future: one of the two clocks is wrong.",
        "El bloque más reciente lleva una fecha futura: uno de los dos relojes está mal.",
    )
    LEDGER_STALLED = (
        "LEDGER_STALLED",
        "chain",
        "The ledger's newest block is too old: it has stopped.",
        "La cadena está detenida.",
    )
    GENESIS_CHANGED = (
        "GENESIS_CHANGED",
        "chain",
        "The available ledger is another chain.",
        "La cadena disponible es otra.",
    )
    CODE_CHANGED = (
        "CODE_CHANGED",
        "chain",
        "A contract's code is not the pinned one.",
        "El código de un contrato no es el fijado.",
    )
    WRONG_CHAIN = (
        "WRONG_CHAIN",
        "chain",
        "The receipt belongs to another chain or contract.",
        "El comprobante es de otra cadena u otro contrato.",
    )
    ANCHOR_NOT_FOUND = (
        "ANCHOR_NOT_FOUND",
        "chain",
        "The contract holds no such checkpoint.",
        "El contrato no contiene ese anclaje.",
    )
    ANCHORED_LATER = (
        "ANCHORED_LATER",
        "chain",
        "The anchor is younger than the requested moment.",
        "El anclaje es posterior al momento consultado.",
    )
    CHECKPOINT_VOID = "CHECKPOINT_VOID", "chain", "The checkpoint was declared void.", "El anclaje fue anulado."
    RECEIPT_MISSING = (
        "RECEIPT_MISSING",
        "chain",
        "The anchor receipt is not available.",
        "Falta el comprobante de anclaje.",
    )
    RECEIPT_IGNORED = (
        "RECEIPT_IGNORED",
        "chain",
        "The receipt that was handed in is not this credential's and was left aside.",
        "El comprobante que se entregó no es de esta credencial y no se tomó en cuenta.",
    )
    CANNOT_BE_ANCHORED = (
        "CANNOT_BE_ANCHORED",
        "chain",
        "At no time since the signature did entity, programme and key hold together: no anchor could be recognised.",
        "En ningún momento desde la firma estuvieron vigentes entidad, programa y clave: ningún anclaje valdría.",
    )
    PENDING_ANCHOR = "PENDING_ANCHOR", "chain", "Signed, not anchored yet.", "Firmada, aún sin anclar."
    ANCHOR_OVERDUE = (
        "ANCHOR_OVERDUE",
        "chain",
        "Signed more than 72 hours ago and still not anchored.",
        "Firmada hace más de 72 horas y aún sin anclar.",
    )
    MERKLE_PROOF_INVALID = (
        "MERKLE_PROOF_INVALID",
        "inclusion",
        "The inclusion proof does not lead to the anchored root.",
        "La prueba de inclusión no lleva a la raíz anclada.",
    )
    CHECKPOINT_NOT_FIRST = (
        "CHECKPOINT_NOT_FIRST",
        "inclusion",
        "The receipt does not name the first anchor of this entry.",
        "El comprobante no es del primer anclaje de la entrada.",
    )
    NOT_OF_THIS_REGISTRY = (
        "NOT_OF_THIS_REGISTRY",
        "issuer",
        "The signature is sound, and the credential is not of this registry.",
        "La firma es auténtica y la credencial no es de este registro.",
    )
    ISSUER_UNKNOWN = (
        "ISSUER_UNKNOWN",
        "issuer",
        "The registry does not know the issuer.",
        "El registro no conoce a la entidad emisora.",
    )
    ISSUER_NOT_ACCREDITED_AT_ISSUANCE = (
        "ISSUER_NOT_ACCREDITED_AT_ISSUANCE",
        "issuer",
        "The issuer was not accredited when it anchored.",
        "La entidad no estaba acreditada al anclar.",
    )
    ISSUER_NOT_ACCREDITED_NOW = (
        "ISSUER_NOT_ACCREDITED_NOW",
        "issuer",
        "The issuer is not accredited now.",
        "La entidad no está acreditada ahora.",
    )
    ISSUER_SUSPENDED_NOW = (
        "ISSUER_SUSPENDED_NOW",
        "issuer",
        "The issuer is suspended now.",
        "La entidad está suspendida ahora.",
    )
    ISSUER_UNDER_REVIEW = "ISSUER_UNDER_REVIEW", "issuer", "The issuer is under review.", "La entidad está en revisión."
    ISSUER_ACCREDITATION_EXPIRED_NOW = (
        "ISSUER_ACCREDITATION_EXPIRED_NOW",
        "issuer",
        "The issuer's accreditation has expired since.",
        "La acreditación de la entidad venció después.",
    )
    ACCREDITATION_ENDS_SOON = (
        "ACCREDITATION_ENDS_SOON",
        "issuer",
        "The issuer's accreditation ends within 90 days.",
        "La acreditación de la entidad vence en menos de 90 días.",
    )
    ISSUER_REVOKED_NOW = (
        "ISSUER_REVOKED_NOW",
        "issuer",
        "The issuer's accreditation has been revoked since.",
        "La acreditación de la entidad fue revocada después.",
    )
    ISSUER_REVOKED_RETROACTIVE = (
        "ISSUER_REVOKED_RETROACTIVE",
        "issuer",
        "Fraud: nothing the issuer anchored since then counts.",
        "Fraude: nada de lo anclado desde entonces cuenta.",
    )
    ISSUER_VOID_NOW = (
        "ISSUER_VOID_NOW",
        "issuer",
        "Fraud was declared since; the anchor is older.",
        "Se declaró fraude después; el anclaje es anterior.",
    )
    ACCREDITOR_NOT_ACTIVE_AT_ISSUANCE = (
        "ACCREDITOR_NOT_ACTIVE_AT_ISSUANCE",
        "issuer",
        "An accreditor above the issuer was not active.",
        "Un acreditador superior no estaba activo.",
    )
    ACCREDITOR_NOT_ACTIVE_NOW = (
        "ACCREDITOR_NOT_ACTIVE_NOW",
        "issuer",
        "An accreditor above the issuer is not active now.",
        "Un acreditador superior no está activo ahora.",
    )
    CHECKPOINT_STATUS_ONLY = (
        "CHECKPOINT_STATUS_ONLY",
        "issuer",
        "Issued in a checkpoint for status changes only.",
        "Emitida en un anclaje que solo admite cambios de estado.",
    )
    SCOPE_MISSING = (
        "SCOPE_MISSING",
        "issuer",
        "The issuer has no scope in force.",
        "La entidad no tiene alcance vigente.",
    )
    SCOPE_LEVEL_MISMATCH = (
        "SCOPE_LEVEL_MISMATCH",
        "issuer",
        "The programme's level is outside the scope.",
        "El nivel del programa está fuera del alcance.",
    )
    SCOPE_SECTOR_MISMATCH = (
        "SCOPE_SECTOR_MISMATCH",
        "issuer",
        "The programme's sector is outside the scope.",
        "El sector del programa está fuera del alcance.",
    )
    SCOPE_PROGRAMME_MISMATCH = (
        "SCOPE_PROGRAMME_MISMATCH",
        "issuer",
        "The programme is outside the scope.",
        "El programa está fuera del alcance.",
    )
    PROGRAMME_UNKNOWN = (
        "PROGRAMME_UNKNOWN",
        "programme",
        "The registry does not know this programme version.",
        "El registro no conoce esta versión del programa.",
    )
    PROGRAMME_NOT_OF_ISSUER = (
        "PROGRAMME_NOT_OF_ISSUER",
        "programme",
        "The programme belongs to another institution.",
        "El programa es de otra institución.",
    )
    PROGRAMME_NOT_APPROVED_AT_ISSUANCE = (
        "PROGRAMME_NOT_APPROVED_AT_ISSUANCE",
        "programme",
        "The programme was not approved when anchored.",
        "El programa no estaba aprobado al anclarse.",
    )
    PROGRAMME_NOT_APPROVED_NOW = (
        "PROGRAMME_NOT_APPROVED_NOW",
        "programme",
        "The programme is not approved now.",
        "El programa no está aprobado ahora.",
    )
    PROGRAMME_WITHDRAWN_NOW = (
        "PROGRAMME_WITHDRAWN_NOW",
        "programme",
        "The programme has been withdrawn since.",
        "El programa fue retirado después.",
    )
    PROGRAMME_SUSPENDED_NOW = (
        "PROGRAMME_SUSPENDED_NOW",
        "programme",
        "The programme is suspended now.",
        "El programa está suspendido ahora.",
    )
    PROGRAMME_WINDOW_ENDED_NOW = (
        "PROGRAMME_WINDOW_ENDED_NOW",
        "programme",
        "The programme's approval has ended since.",
        "La aprobación del programa terminó después.",
    )
    PROGRAMME_MISMATCH = (
        "PROGRAMME_MISMATCH",
        "programme",
        "The credential differs from its programme.",
        "La credencial no dice lo que dice su programa.",
    )
    DOCUMENT_MISSING = (
        "DOCUMENT_MISSING",
        "programme",
        "A programme or scope document is not available.",
        "Falta un documento de programa o de alcance.",
    )
    SUPERSEDED = (
        "SUPERSEDED",
        "status",
        "A corrected credential has taken its place.",
        "Fue sustituida por una credencial corregida.",
    )
    CREDENTIAL_REVOKED = (
        "CREDENTIAL_REVOKED",
        "status",
        "The issuer has revoked the credential.",
        "La entidad emisora la revocó.",
    )
    CREDENTIAL_SUSPENDED = (
        "CREDENTIAL_SUSPENDED",
        "status",
        "The issuer has suspended the credential.",
        "La entidad emisora la suspendió.",
    )
    STATUS_MISMATCH = (
        "STATUS_MISMATCH",
        "status",
        "Chain and published list disagree: a revocation is hidden.",
        "La cadena y la lista publicada no coinciden.",
    )
    STATUS_STALE = (
        "STATUS_STALE",
        "status",
        "What is known of the status is too old.",
        "La información de estado es demasiado antigua.",
    )
    STATUS_LATER = (
        "STATUS_LATER",
        "status",
        "The evidence is younger than the requested moment.",
        "La evidencia es posterior al momento consultado.",
    )
    STATUS_PROOF_INVALID = (
        "STATUS_PROOF_INVALID",
        "status",
        "The proof does not show the anchored status.",
        "La prueba no muestra el estado anclado.",
    )
    STATUS_LIST_FOREIGN = (
        "STATUS_LIST_FOREIGN",
        "status",
        "The status list is another issuer's.",
        "La lista de estado es de otra entidad.",
    )
    STATUS_LIST_INVALID = (
        "STATUS_LIST_INVALID",
        "status",
        "The available status list is not reliable.",
        "La lista de estado disponible no es confiable.",
    )
    STATUS_LIST_LENGTH_ERROR = (
        "STATUS_LIST_LENGTH_ERROR",
        "status",
        "The status list is shorter than the standard requires.",
        "La lista de estado es más corta de lo que pide la norma.",
    )
    LOG_MISSING = (
        "LOG_MISSING",
        "status",
        "The issuer's log is not available up to the chain's head.",
        "Falta la bitácora de la entidad hasta el último anclaje.",
    )
    ARCHIVE_MALFORMED = (
        "ARCHIVE_MALFORMED",
        "audit",
        "The file is no archive of a registry.",
        "El archivo no es un archivo de auditoría de un registro.",
    )
    ARCHIVE_ALTERED = (
        "ARCHIVE_ALTERED",
        "audit",
        "The archive is damaged: it is not as it was written.",
        "El archivo de auditoría está dañado: no es como se escribió.",
    )
    CREDENTIAL_EXPIRED = (
        "CREDENTIAL_EXPIRED",
        "dates",
        "The credential's validity has ended.",
        "La vigencia de la credencial terminó.",
    )
    CREDENTIAL_NOT_YET_VALID = (
        "CREDENTIAL_NOT_YET_VALID",
        "dates",
        "The credential's validity has not begun.",
        "La vigencia de la credencial aún no comienza.",
    )
    SUBJECT_MISMATCH = (
        "SUBJECT_MISMATCH",
        "subject",
        "The identifier given is not the subject's.",
        "El identificador no es el de la persona titular.",
    )
    STEP_DEPENDS = "STEP_DEPENDS", "step", "Waits for an earlier step.", "Depende de un paso anterior."
    PROGRAMME_MISSING_ELEMENT = (
        "PROGRAMME_MISSING_ELEMENT",
        "document",
        "The programme lacks a mandatory element.",
        "Al programa le falta un elemento obligatorio.",
    )
    PROGRAMME_UNKNOWN_KEY = (
        "PROGRAMME_UNKNOWN_KEY",
        "document",
        "The programme has a key the format does not know.",
        "El programa tiene una clave desconocida.",
    )
    PROGRAMME_MALFORMED = (
        "PROGRAMME_MALFORMED",
        "document",
        "A value of the programme has the wrong form.",
        "Un valor del programa tiene forma incorrecta.",
    )
    PROGRAMME_ATTENDANCE_ONLY = (
        "PROGRAMME_ATTENDANCE_ONLY",
        "document",
        "Attendance is the only assessment.",
        "La asistencia es la única evaluación.",
    )
    PROGRAMME_TERM_MISMATCH = (
        "PROGRAMME_TERM_MISMATCH",
        "document",
        "A term and its address do not belong together.",
        "Un término y su dirección no corresponden.",
    )
    PROGRAMME_DUPLICATE = (
        "PROGRAMME_DUPLICATE",
        "document",
        "The programme names something twice.",
        "El programa repite un elemento.",
    )
    PROGRAMME_MINIMUM_NOT_IN_SCALE = (
        "PROGRAMME_MINIMUM_NOT_IN_SCALE",
        "document",
        "The pass mark is not on the scale.",
        "El mínimo no está en la escala.",
    )
    SCOPE_MISSING_ELEMENT = (
        "SCOPE_MISSING_ELEMENT",
        "document",
        "The scope lacks an element.",
        "Al alcance le falta un elemento.",
    )
    SCOPE_UNKNOWN_KEY = (
        "SCOPE_UNKNOWN_KEY",
        "document",
        "The scope has a key the format does not know.",
        "El alcance tiene una clave desconocida.",
    )
    SCOPE_MALFORMED = (
        "SCOPE_MALFORMED",
        "document",
        "A value of the scope has the wrong form.",
        "Un valor del alcance tiene forma incorrecta.",
    )
    TERM_UNMAPPED = (
        "TERM_UNMAPPED",
        "signing",
        "A term means nothing in these contexts and would not be signed.",
        "Un término carece de significado y no quedaría firmado.",
    )
    TYPE_UNMAPPED = (
        "TYPE_UNMAPPED",
        "signing",
        "A type means nothing in these contexts.",
        "Un tipo carece de significado en estos contextos.",
    )
    TERM_REDEFINED = "TERM_REDEFINED", "signing", "A protected term is redefined.", "Se redefine un término protegido."
    CONTEXT_INVALID = "CONTEXT_INVALID", "signing", "A context is not valid.", "Un contexto no es válido."
    JSONLD_INVALID = (
        "JSONLD_INVALID",
        "signing",
        "The document is not valid JSON-LD.",
        "El documento no es JSON-LD válido.",
    )
    IRI_RELATIVE = (
        "IRI_RELATIVE",
        "signing",
        "A relative address would be signed as another.",
        "Una dirección relativa se firmaría como otra.",
    )
    IRI_INVALID = "IRI_INVALID", "signing", "An address is not a valid IRI.", "Una dirección no es un IRI válido."
    VALUE_NULL = "VALUE_NULL", "signing", "A null value would not be signed.", "Un valor nulo no quedaría firmado."
    VALUE_UNSIGNED = "VALUE_UNSIGNED", "signing", "A value would not be signed.", "Un valor no quedaría firmado."
    NUMBER_UNSAFE = (
        "NUMBER_UNSAFE",
        "signing",
        "Libraries disagree on this number.",
        "Las bibliotecas no coinciden en este número.",
    )
    CONTROL_CHARACTER = (
        "CONTROL_CHARACTER",
        "signing",
        "A text holds a control character.",
        "Un texto contiene un carácter de control.",
    )
    DOCUMENT_TOO_LARGE = (
        "DOCUMENT_TOO_LARGE",
        "signing",
        "The document holds more values or contexts than allowed.",
        "El documento tiene más valores o contextos de los permitidos.",
    )
    TOO_DEEP = "TOO_DEEP", "signing", "The document is nested too deeply.", "El documento tiene demasiados niveles."
    NOTHING_SIGNED = (
        "NOTHING_SIGNED",
        "signing",
        "Nothing of the document would be signed.",
        "Nada del documento quedaría firmado.",
    )
    WORK_LIMIT = (
        "WORK_LIMIT",
        "signing",
        "The request needs more counted operations than one request may take.",
        "La solicitud requiere más operaciones contadas de las que una solicitud puede ocupar.",
    )
    GRAPH_TOO_COMPLEX = (
        "GRAPH_TOO_COMPLEX",
        "signing",
        "The graph needs more work than allowed.",
        "El grafo exige más trabajo del permitido.",
    )
    VCDM_NOT_AN_OBJECT = (
        "VCDM_NOT_AN_OBJECT",
        "datamodel",
        "A JSON object is expected here.",
        "Aquí se espera un objeto JSON.",
    )
    VCDM_CONTEXT = (
        "VCDM_CONTEXT",
        "datamodel",
        "The contexts are not a list that begins with the data model's.",
        "Los contextos no son una lista que empiece por el del modelo de datos.",
    )
    VCDM_ID = "VCDM_ID", "datamodel", "An id is not one URL.", "Un id no es una sola URL."
    VCDM_TYPE = (
        "VCDM_TYPE",
        "datamodel",
        "The types are missing or not terms and URLs.",
        "Los tipos faltan o no son términos ni URL.",
    )
    VCDM_ISSUER = (
        "VCDM_ISSUER",
        "datamodel",
        "The issuer is missing or not named by a URL.",
        "La entidad emisora falta o no se nombra con una URL.",
    )
    VCDM_SUBJECT = (
        "VCDM_SUBJECT",
        "datamodel",
        "There is no claim about a subject.",
        "No se dice nada de ningún titular.",
    )
    VCDM_TIME = (
        "VCDM_TIME",
        "datamodel",
        "A time is not a dateTimeStamp with its zone.",
        "Un momento no es un dateTimeStamp con su zona.",
    )
    VCDM_PERIOD = (
        "VCDM_PERIOD",
        "datamodel",
        "The validity ends before it begins.",
        "La vigencia termina antes de empezar.",
    )
    VCDM_TEXT = (
        "VCDM_TEXT",
        "datamodel",
        "A name or description is neither a text nor a text with its language.",
        "Un nombre o descripción no es texto ni texto con su idioma.",
    )
    VCDM_STATUS = (
        "VCDM_STATUS",
        "datamodel",
        "A status entry is not well formed.",
        "Una entrada de estado está mal formada.",
    )
    VCDM_SCHEMA = (
        "VCDM_SCHEMA",
        "datamodel",
        "A schema reference lacks type or id.",
        "A una referencia de esquema le falta tipo o id.",
    )
    VCDM_MEMBER = (
        "VCDM_MEMBER",
        "datamodel",
        "A member that needs a type has none.",
        "A un elemento que exige tipo le falta.",
    )
    VCDM_RELATED_RESOURCE = (
        "VCDM_RELATED_RESOURCE",
        "datamodel",
        "A related resource is not well formed.",
        "Un recurso relacionado está mal formado.",
    )
    RELATED_RESOURCE_MISMATCH = (
        "RELATED_RESOURCE_MISMATCH",
        "datamodel",
        "A related resource has another digest.",
        "Un recurso relacionado tiene otro resumen.",
    )
    RELATED_RESOURCE_UNCHECKED = (
        "RELATED_RESOURCE_UNCHECKED",
        "datamodel",
        "A related resource is not available.",
        "Un recurso relacionado no está disponible.",
    )
    VCDM_TERM_HIDDEN = (
        "VCDM_TERM_HIDDEN",
        "datamodel",
        "A term of the data model is used under another name.",
        "Lo que define el modelo de datos se dice con otro nombre.",
    )
    VCDM_PROOF = (
        "VCDM_PROOF",
        "datamodel",
        "A proof is not an object with a type.",
        "Una prueba no es un objeto con tipo.",
    )
    VCDM_HOLDER = (
        "VCDM_HOLDER",
        "datamodel",
        "The holder is not named by a URL.",
        "Quien presenta no se nombra con una URL.",
    )
    VCDM_PRESENTED = (
        "VCDM_PRESENTED",
        "datamodel",
        "What is presented is not a secured credential.",
        "Lo presentado no es una credencial asegurada.",
    )
    VCDM_ENVELOPE = (
        "VCDM_ENVELOPE",
        "datamodel",
        "The envelope holds no secured document.",
        "El sobre no contiene un documento asegurado.",
    )
    PROFILE_UNKNOWN = (
        "PROFILE_UNKNOWN",
        "vcapi",
        "The node has no such signing profile.",
        "El nodo no tiene ese perfil de firma.",
    )
    ISSUER_NOT_OF_PROFILE = (
        "ISSUER_NOT_OF_PROFILE",
        "vcapi",
        "The issuer is not the signing profile's.",
        "La entidad emisora no es la del perfil de firma.",
    )
    HOLDER_NOT_OF_KEY = (
        "HOLDER_NOT_OF_KEY",
        "vcapi",
        "The key belongs to somebody else than the holder.",
        "La clave no pertenece a quien presenta.",
    )
    ACHIEVEMENT_NOT_APPROVED = (
        "ACHIEVEMENT_NOT_APPROVED",
        "vcapi",
        "The achievement is not that of an approved programme of the institution.",
        "El logro no es el de un programa aprobado de la institución.",
    )
    STATUS_ENTRY_UNKNOWN = (
        "STATUS_ENTRY_UNKNOWN",
        "vcapi",
        "This node keeps no such status entry.",
        "Este nodo no lleva esa entrada de estado.",
    )
    STATUS_FINAL = "STATUS_FINAL", "vcapi", "A revocation is final.", "Una revocación es definitiva."
    STATUS_UNCHECKED = (
        "STATUS_UNCHECKED",
        "vcapi",
        "The status list is not available.",
        "La lista de estado no está disponible.",
    )
    SOURCE_NOT_ALLOWED = (
        "SOURCE_NOT_ALLOWED",
        "vcapi",
        "The node may not fetch from that source.",
        "El nodo no puede consultar esa fuente.",
    )
    SOURCE_UNREACHABLE = (
        "SOURCE_UNREACHABLE",
        "vcapi",
        "The source gave no usable answer.",
        "La fuente no dio una respuesta utilizable.",
    )
    STATUS_RANGE = (
        "STATUS_RANGE",
        "vcapi",
        "The index lies outside the status list.",
        "El índice está fuera de la lista de estado.",
    )
    CHALLENGE_UNCHECKED = (
        "CHALLENGE_UNCHECKED",
        "vcapi",
        "The proof answers a challenge nobody named.",
        "La prueba responde a un reto que nadie indicó.",
    )
    CHECK_UNKNOWN = (
        "CHECK_UNKNOWN",
        "vcapi",
        "No check of this name exists.",
        "No existe una comprobación con ese nombre.",
    )
    FILE_EMPTY = "FILE_EMPTY", "file", "The file has no rows.", "El archivo no tiene filas."
    FILE_NOT_UTF8 = "FILE_NOT_UTF8", "file", "The file is not UTF-8.", "El archivo no está en UTF-8."
    FILE_MALFORMED = (
        "FILE_MALFORMED",
        "file",
        "The file is not a table that can be read.",
        "El archivo no es una tabla legible.",
    )
    FILE_CHANGED = (
        "FILE_CHANGED",
        "file",
        "The file was changed while it was read.",
        "El archivo cambió mientras se leía.",
    )
    FILE_TOO_LONG = (
        "FILE_TOO_LONG",
        "file",
        "The file has more rows, or longer lines, than allowed.",
        "El archivo supera las filas o la longitud permitidas.",
    )
    FILE_TOO_LARGE = (
        "FILE_TOO_LARGE",
        "file",
        "The file, or a part of it, is larger than the limit.",
        "El archivo, o una parte de él, supera el tamaño permitido.",
    )
    FILE_PACKING_UNKNOWN = (
        "FILE_PACKING_UNKNOWN",
        "file",
        "The archive is packed in a way that is not read here: pack it again as a plain ZIP without a password.",
        "El archivo está comprimido de una forma que aquí no se lee: comprímalo otra vez como ZIP normal, sin contraseña.",
    )
    FILE_TWICE = (
        "FILE_TWICE",
        "file",
        "The file holds two documents where one is expected.",
        "El archivo tiene dos documentos donde se espera uno.",
    )
    BAKED_MALFORMED = (
        "BAKED_MALFORMED",
        "file",
        "The image cannot be read, or cannot hold a credential.",
        "La imagen no se puede leer o no puede llevar una credencial.",
    )
    BAKED_TOO_LARGE = (
        "BAKED_TOO_LARGE",
        "file",
        "The image, or what it carries, is larger than the limit.",
        "La imagen, o lo que lleva, supera el tamaño permitido.",
    )
    BAKED_EMPTY = (
        "BAKED_EMPTY",
        "file",
        "The image carries no credential.",
        "La imagen no lleva ninguna credencial.",
    )
    BAKED_TWICE = (
        "BAKED_TWICE",
        "file",
        "The image carries two documents where one is expected.",
        "La imagen lleva dos documentos donde se espera uno.",
    )
    COLUMN_MISSING = "COLUMN_MISSING", "file", "A column is missing.", "Falta una columna."
    COLUMN_UNKNOWN = "COLUMN_UNKNOWN", "file", "A column is not one of the format's.", "Una columna no es del formato."
    COLUMN_DUPLICATE = "COLUMN_DUPLICATE", "file", "A column occurs twice.", "Una columna aparece dos veces."
    ROW_MALFORMED = (
        "ROW_MALFORMED",
        "row",
        "The row has not one value for each column.",
        "La fila no tiene un valor por columna.",
    )
    ROW_VALUE_MISSING = "ROW_VALUE_MISSING", "row", "A required value is empty.", "Falta un valor obligatorio."
    ROW_IDENTIFIER_INVALID = (
        "ROW_IDENTIFIER_INVALID",
        "row",
        "The identifier cannot be used.",
        "El identificador no es utilizable.",
    )
    ROW_DID_INVALID = "ROW_DID_INVALID", "row", "The DID is not well formed.", "El DID está mal formado."
    ROW_DATE_FUTURE = "ROW_DATE_FUTURE", "row", "The date lies in the future.", "La fecha está en el futuro."
    ROW_EVIDENCE_INVALID = (
        "ROW_EVIDENCE_INVALID",
        "row",
        "The evidence address is not a web address.",
        "La dirección de la evidencia no es una dirección web.",
    )
    ROW_DUPLICATE = (
        "ROW_DUPLICATE",
        "row",
        "Person and date are already in an earlier row.",
        "La persona y la fecha ya están en una fila anterior.",
    )
    RESULT_NOT_PASSED = "RESULT_NOT_PASSED", "row", "The result does not pass.", "El resultado no es aprobatorio."
    ROW_RESULT_UNKNOWN = (
        "ROW_RESULT_UNKNOWN",
        "row",
        "The result is not on the programme's scale.",
        "El resultado no está en la escala del programa.",
    )
    ROW_DATE_INVALID = "ROW_DATE_INVALID", "row", "The date cannot be used.", "La fecha no es utilizable."
    ROW_VALIDITY_OVER = (
        "ROW_VALIDITY_OVER",
        "row",
        "The validity would already be over.",
        "La vigencia ya habría terminado.",
    )
    NONCE_FOREIGN = (
        "NONCE_FOREIGN",
        "ledger",
        "The anchoring account was used by somebody else.",
        "La cuenta de anclaje fue usada por alguien más.",
    )
    LOG_AHEAD = (
        "LOG_AHEAD",
        "ledger",
        "The chain is ahead of this node's storage.",
        "La cadena va adelante del almacenamiento de este nodo.",
    )
    ISSUER_NOT_ACTIVE = (
        "ISSUER_NOT_ACTIVE",
        "ledger",
        "The issuer is not active: the chain takes no new credentials.",
        "La entidad no está activa: la cadena no admite credenciales nuevas.",
    )
    ACCOUNT_NOT_ALLOWED = (
        "ACCOUNT_NOT_ALLOWED",
        "ledger",
        "The chain does not let this account anchor.",
        "La cadena no permite anclar a esta cuenta.",
    )
    CHECKPOINT_PREVIOUS_MISMATCH = (
        "CHECKPOINT_PREVIOUS_MISMATCH",
        "ledger",
        "The contract's last anchor is not the one we hold.",
        "El último anclaje del contrato no es el que tenemos.",
    )
    IDEMPOTENT = "IDEMPOTENT", "node", "The same row was issued before.", "La misma fila ya se había emitido."
    QUOTA_EXCEEDED = (
        "QUOTA_EXCEEDED",
        "node",
        "Too many credentials wait for their anchor.",
        "Demasiadas credenciales esperan su anclaje.",
    )
    CREDENTIAL_UNKNOWN = (
        "CREDENTIAL_UNKNOWN",
        "node",
        "This node has no such credential.",
        "Este nodo no tiene esa credencial.",
    )
    POSITIONS_CONTENDED = (
        "POSITIONS_CONTENDED",
        "node",
        "Other writers keep drawing the same status positions.",
        "Otros procesos eligen las mismas posiciones de estado.",
    )
    GENESIS_UNEXPECTED = (
        "GENESIS_UNEXPECTED",
        "node",
        "The chain that answers, or the one of the log, is not the one that was named.",
        "La cadena que responde, o la de la bitácora, no es la indicada.",
    )
    LEDGER_NOT_GONE = (
        "LEDGER_NOT_GONE",
        "node",
        "The chain of this log answers: there is nothing to migrate.",
        "La cadena de esta bitácora responde: no hay nada que migrar.",
    )
    LOG_ID_REPEATED = (
        "LOG_ID_REPEATED",
        "node",
        "The new log would have the old log's identifier.",
        "La bitácora nueva tendría el identificador de la anterior.",
    )
    WRITER_BUSY = (
        "WRITER_BUSY",
        "node",
        "Another process writes for this institution.",
        "Otro proceso escribe por esta institución.",
    )
    WORKER_LOST = "WORKER_LOST", "node", "A process that signs was ended.", "Un proceso que firma fue terminado."
    PROFILE_TAKEN = (
        "PROFILE_TAKEN",
        "node",
        "The profile name belongs to another DID.",
        "El nombre del perfil pertenece a otro DID.",
    )
    KEYSTORE_CHANGED = (
        "KEYSTORE_CHANGED",
        "node",
        "The keystore is not the one the node opened: restart the node.",
        "El almacén de claves no es el que abrió el nodo: hay que reiniciarlo.",
    )
    KEY_IS_THE_DID = (
        "KEY_IS_THE_DID",
        "node",
        "The DID is the key itself: it cannot be followed.",
        "El DID es la clave misma: no puede sucederle otra.",
    )
    KEY_IS_THE_LAST = (
        "KEY_IS_THE_LAST",
        "node",
        "No other key of this purpose is in force.",
        "Ninguna otra clave para este fin está vigente.",
    )
    KEY_STILL_NEEDED = (
        "KEY_STILL_NEEDED",
        "node",
        "Something made with the key waits for its anchor.",
        "Algo hecho con la clave espera su anclaje.",
    )
    KEY_UNKNOWN = "KEY_UNKNOWN", "node", "The keystore has no such key.", "El almacén no tiene esa clave."
    KEY_NOT_COMPROMISED = (
        "KEY_NOT_COMPROMISED",
        "node",
        "The registry has no mark on the key.",
        "El registro no señala la clave como comprometida.",
    )
    CONTROL_NOT_OURS = (
        "CONTROL_NOT_OURS",
        "node",
        "The account is not the institution's control account.",
        "La cuenta no es la de control de la institución.",
    )
    CONTROL_ELSEWHERE = (
        "CONTROL_ELSEWHERE",
        "node",
        "The control account is on another machine and acts there first.",
        "La cuenta de control está en otra máquina y actúa ahí primero.",
    )
    COMPROMISE_TOO_FAR_BACK = (
        "COMPROMISE_TOO_FAR_BACK",
        "node",
        "Only the council dates a compromise further back than 72 hours.",
        "Solo el consejo fecha un compromiso a más de 72 horas.",
    )
    TIME_OUT_OF_RANGE = (
        "TIME_OUT_OF_RANGE",
        "node",
        "The time lies in the future, or is none.",
        "El momento está en el futuro o no es válido.",
    )
    INTERNAL_ERROR = (
        "INTERNAL_ERROR",
        "node",
        "A run ended with an unexpected error, which was logged.",
        "Una ejecución terminó con un error inesperado, que quedó registrado.",
    )
    STORAGE_UNAVAILABLE = (
        "STORAGE_UNAVAILABLE",
        "node",
        "The database or the public folder could not be read or written.",
        "No se pudo leer o escribir la base de datos o la carpeta pública.",
    )
    STORAGE_READ_ONLY = (
        "STORAGE_READ_ONLY",
        "node",
        "The database only reads here: a standby, or the database of a read node.",
        "Aquí la base de datos solo se lee: es una réplica, o la de un nodo de lectura.",
    )
    STORAGE_UNSAFE = (
        "STORAGE_UNSAFE",
        "node",
        "A setting of the database server allows it to lose what it has confirmed.",
        "Un ajuste del servidor de base de datos le permite perder lo que ya confirmó.",
    )
    STORAGE_BEHIND = (
        "STORAGE_BEHIND",
        "node",
        "The standby that is read is too far behind its primary, or cut off from it.",
        "La réplica que se lee está demasiado atrasada respecto de su primario, o separada de él.",
    )
    SCHEMA_MISMATCH = (
        "SCHEMA_MISMATCH",
        "node",
        "The database is of another version of the software.",
        "La base de datos es de otra versión del programa.",
    )
    LEASE_LOST = (
        "LEASE_LOST",
        "node",
        "Another process writes for this institution now.",
        "Otro proceso escribe ahora para esta institución.",
    )
    ANCHORING_LATE = (
        "ANCHORING_LATE",
        "node",
        "A change of status has waited for the chain for more than five minutes.",
        "Un cambio de estado espera la cadena desde hace más de cinco minutos.",
    )
    BASE_CHANGED = (
        "BASE_CHANGED",
        "node",
        "Credentials of the institution name another address than the configuration.",
        "Las credenciales de la institución nombran otra dirección que la configuración.",
    )
    BASE_NOT_PUBLIC = (
        "BASE_NOT_PUBLIC",
        "node",
        "The node's address is not one that everybody reaches over https.",
        "La dirección del nodo no es una a la que todos lleguen por https.",
    )
    PUBLISH_FAILED = (
        "PUBLISH_FAILED",
        "node",
        "The public files could not be written.",
        "No se pudieron escribir los archivos públicos.",
    )
    HISTORY_MISMATCH = (
        "HISTORY_MISMATCH",
        "audit",
        "The records do not fold to the contract's history hash.",
        "Los registros no dan el resumen histórico del contrato.",
    )
    RECORD_UNKNOWN = (
        "RECORD_UNKNOWN",
        "audit",
        "A contract logged an event this version does not know.",
        "Un contrato registró un evento que esta versión no conoce.",
    )
    ACCOUNT_TWO_ROLES = (
        "ACCOUNT_TWO_ROLES",
        "audit",
        "The account of a council member also belongs to an institution or an agency.",
        "La cuenta de un miembro del consejo pertenece también a una institución o a una agencia.",
    )
    KEY_STATEMENT_MISSING = (
        "KEY_STATEMENT_MISSING",
        "audit",
        "A key's own statement is not available.",
        "Falta la declaración de una clave.",
    )
    KEY_STATEMENT_INVALID = (
        "KEY_STATEMENT_INVALID",
        "audit",
        "A key's own statement does not hold.",
        "La declaración de una clave no es válida.",
    )
    HEAD_MISMATCH = (
        "HEAD_MISMATCH",
        "audit",
        "The events do not end where the contract's log does.",
        "Los eventos no terminan donde termina la bitácora del contrato.",
    )
    WORD_CHAIN_BROKEN = (
        "WORD_CHAIN_BROKEN",
        "audit",
        "A checkpoint does not follow the one before.",
        "Un anclaje no sigue al anterior.",
    )
    WORD_MISMATCH = (
        "WORD_MISMATCH",
        "audit",
        "An event and the contract's storage differ.",
        "Un evento y el almacenamiento del contrato difieren.",
    )
    ROOT_MISMATCH = (
        "ROOT_MISMATCH",
        "audit",
        "The entries do not give the anchored root.",
        "Las entradas no dan la raíz anclada.",
    )
    STATUS_ROOT_MISMATCH = (
        "STATUS_ROOT_MISMATCH",
        "audit",
        "The entries do not give the anchored status.",
        "Las entradas no dan el estado anclado.",
    )
    STATUS_UNANCHORED = (
        "STATUS_UNANCHORED",
        "audit",
        "A published list revokes what no entry of the log does.",
        "Una lista publicada revoca lo que ninguna entrada de la bitácora revoca.",
    )
    STATUS_LIST_MISSING = (
        "STATUS_LIST_MISSING",
        "audit",
        "The log revokes in a list that is not available.",
        "La bitácora revoca en una lista que no está disponible.",
    )
    STATUS_LIST_OLD = (
        "STATUS_LIST_OLD",
        "audit",
        "The status list at hand is older than what the log revokes.",
        "La lista de estado disponible es anterior a lo que la bitácora revoca.",
    )
    ENTRY_UNKNOWN = (
        "ENTRY_UNKNOWN",
        "audit",
        "An anchored entry is of no known version.",
        "Una entrada anclada es de versión desconocida.",
    )
    ENTRY_MISPLACED = (
        "ENTRY_MISPLACED",
        "audit",
        "An opening entry is in the wrong position.",
        "Una entrada de apertura está fuera de lugar.",
    )
    ISSUED_IN_STATUS_CHECKPOINT = (
        "ISSUED_IN_STATUS_CHECKPOINT",
        "audit",
        "An issued entry came with a status-only checkpoint: never recognised.",
        "Una emisión llegó en un anclaje de solo estado: no se reconoce.",
    )
    REPLACED_AFTER_REVOCATION = (
        "REPLACED_AFTER_REVOCATION",
        "audit",
        "A credential was corrected after it was revoked.",
        "Una credencial se corrigió después de revocada.",
    )
    ISSUED_BY_TWO = (
        "ISSUED_BY_TWO",
        "audit",
        "Two issuers' logs issue one digest.",
        "Las bitácoras de dos entidades emiten un mismo resumen.",
    )
    ANCHORED_BY_COMPROMISED_ACCOUNT = (
        "ANCHORED_BY_COMPROMISED_ACCOUNT",
        "audit",
        "An account that was in other hands at the time anchored entries that count.",
        "Una cuenta que entonces estaba en otras manos ancló entradas que cuentan.",
    )
    DID_LOOKS_ALIKE = (
        "DID_LOOKS_ALIKE",
        "audit",
        "Documents name different DIDs that look alike.",
        "Hay documentos con DID distintos que se parecen a la vista.",
    )
    ISSUED_TWICE = "ISSUED_TWICE", "audit", "A digest was issued twice.", "Un resumen se emitió dos veces."
    BODY_MALFORMED = (
        "BODY_MALFORMED",
        "http",
        "The request's body is not what the route takes.",
        "El cuerpo de la solicitud no es el que espera la ruta.",
    )
    BODY_TOO_LARGE = (
        "BODY_TOO_LARGE",
        "http",
        "The request's body is larger than the limit.",
        "El cuerpo de la solicitud supera el tamaño permitido.",
    )
    BODY_TOO_SLOW = (
        "BODY_TOO_SLOW",
        "http",
        "The request's body took too long.",
        "El cuerpo de la solicitud tardó demasiado.",
    )
    TOO_MANY_REQUESTS = (
        "TOO_MANY_REQUESTS",
        "http",
        "Too many requests are being answered at once.",
        "Se atienden demasiadas solicitudes a la vez.",
    )
    KEY_MISSING = (
        "KEY_MISSING",
        "http",
        "A required key of the body is missing.",
        "Falta una clave obligatoria del cuerpo.",
    )
    VALUE_MALFORMED = (
        "VALUE_MALFORMED",
        "http",
        "A value of the request has the wrong form.",
        "Un valor de la solicitud tiene una forma incorrecta.",
    )
    TIME_MALFORMED = (
        "TIME_MALFORMED",
        "http",
        "A time of the request has the wrong form.",
        "Un momento de la solicitud tiene una forma incorrecta.",
    )
    PARAMETER_MALFORMED = (
        "PARAMETER_MALFORMED",
        "http",
        "A part of the address has the wrong form.",
        "Una parte de la dirección tiene una forma incorrecta.",
    )
    RECEIPT_MALFORMED = (
        "RECEIPT_MALFORMED",
        "http",
        "The receipt sent with the credential is not well formed.",
        "El comprobante enviado con la credencial está mal formado.",
    )
    FORM_MALFORMED = (
        "FORM_MALFORMED",
        "http",
        "The posted form is not well formed.",
        "El formulario enviado está mal formado.",
    )
    FORM_EMPTY = (
        "FORM_EMPTY",
        "http",
        "The posted form holds no credential.",
        "El formulario enviado no contiene ninguna credencial.",
    )
    TOKEN_MISSING = (
        "TOKEN_MISSING",
        "http",
        "The request has no access token.",
        "La solicitud no lleva testigo de acceso.",
    )
    TOKEN_UNKNOWN = (
        "TOKEN_UNKNOWN",
        "http",
        "The access token is unknown, expired or revoked.",
        "El testigo de acceso es desconocido, venció o fue revocado.",
    )
    RIGHT_MISSING = (
        "RIGHT_MISSING",
        "http",
        "The access token does not carry this right here.",
        "El testigo de acceso no da este derecho aquí.",
    )
    NOT_FOUND = "NOT_FOUND", "http", "There is nothing of that name here.", "Aquí no hay nada con ese nombre."
    INSTITUTION_UNKNOWN = (
        "INSTITUTION_UNKNOWN",
        "http",
        "This node does not write for that institution.",
        "Este nodo no escribe para esa institución.",
    )
    METHOD_NOT_ALLOWED = (
        "METHOD_NOT_ALLOWED",
        "http",
        "This address takes another method.",
        "Esta dirección admite otro método.",
    )
    HTTP_ERROR = (
        "HTTP_ERROR",
        "http",
        "The request was refused by the HTTP server.",
        "El servidor HTTP rechazó la solicitud.",
    )
    AUTHORITY_UNKNOWN = (
        "AUTHORITY_UNKNOWN",
        "http",
        "This is the registry of another authority.",
        "Este es el registro de otra autoridad.",
    )
    ACTION_UNKNOWN = (
        "ACTION_UNKNOWN",
        "http",
        "The registry does not answer about this action.",
        "El registro no responde sobre esta acción.",
    )
    ENTITY_UNKNOWN = (
        "ENTITY_UNKNOWN",
        "http",
        "The entity is not named by a DID that is known here.",
        "La entidad no se nombra con un DID conocido aquí.",
    )
    RESOURCE_UNKNOWN = (
        "RESOURCE_UNKNOWN",
        "http",
        "The registry does not answer about this resource.",
        "El registro no responde sobre este recurso.",
    )
    ISSUER_NOT_ACCREDITED = (
        "ISSUER_NOT_ACCREDITED",
        "http",
        "The issuer is not accredited at the requested time.",
        "La entidad no está acreditada en el momento consultado.",
    )
    PROGRAMME_NOT_APPROVED = (
        "PROGRAMME_NOT_APPROVED",
        "http",
        "The programme version is not approved at the requested time.",
        "La versión del programa no está aprobada en el momento consultado.",
    )
    NOTE_KEY_CLOSED = (
        "NOTE_KEY_CLOSED",
        "http",
        "The institution's note key is not open on this node.",
        "La clave de notas de la institución no está abierta en este nodo.",
    )
    INTERNAL = (
        "INTERNAL",
        "http",
        "An unexpected error, which was logged.",
        "Un error inesperado, que quedó registrado.",
    )
    ACCOUNT_FILE_EXISTS = (
        "ACCOUNT_FILE_EXISTS",
        "act",
        "The account file exists and is not written over.",
        "El archivo de la cuenta ya existe y no se sobrescribe.",
    )
    ACCOUNT_FILE_MALFORMED = (
        "ACCOUNT_FILE_MALFORMED",
        "act",
        "The file is not an account of Web3 Secret Storage 3 within the limits.",
        "El archivo no es una cuenta de Web3 Secret Storage 3 dentro de los límites.",
    )
    ACCOUNT_PASSPHRASE_WRONG = (
        "ACCOUNT_PASSPHRASE_WRONG",
        "act",
        "The passphrase does not open the account file.",
        "La contraseña no abre el archivo de la cuenta.",
    )
    ACCOUNT_ROLE = (
        "ACCOUNT_ROLE",
        "act",
        "The account has another role, or not the role that the act needs.",
        "La cuenta tiene otra función, o no la que el acto necesita.",
    )
    ACT_FILE_MISMATCH = (
        "ACT_FILE_MISMATCH",
        "act",
        "The act's file does not have the hash that the act names.",
        "El archivo de la resolución no tiene la huella que el acto nombra.",
    )
    ACT_UNREADABLE = (
        "ACT_UNREADABLE",
        "act",
        "The calldata is none of the acts of the contracts.",
        "Los datos de la llamada no son ningún acto de los contratos.",
    )
    ACT_OTHER_LEDGER = (
        "ACT_OTHER_LEDGER",
        "act",
        "The file belongs to another chain or other contracts than the trust file names.",
        "El archivo es de otra cadena o de otros contratos que los del archivo de confianza.",
    )
    ACT_UNCONFIRMED = (
        "ACT_UNCONFIRMED",
        "act",
        "The transaction is in a block, but the ledger's state does not show its effect yet.",
        "La transacción está en un bloque, pero el estado de la cadena no muestra aún su efecto.",
    )
    TRANSACTION_MALFORMED = (
        "TRANSACTION_MALFORMED",
        "act",
        "The bytes are no transaction of the form that is sent.",
        "Los bytes no son una transacción de la forma que se envía.",
    )
    TRANSACTION_MISMATCH = (
        "TRANSACTION_MISMATCH",
        "act",
        "The signed transaction is another than the one that was prepared.",
        "La transacción firmada es otra que la preparada.",
    )
    TRANSACTION_OTHER_CHAIN = (
        "TRANSACTION_OTHER_CHAIN",
        "act",
        "The transaction was signed for another chain.",
        "La transacción se firmó para otra cadena.",
    )
    TRANSACTION_REVERTED = (
        "TRANSACTION_REVERTED",
        "act",
        "The transaction is in a block and changed nothing.",
        "La transacción está en un bloque y no cambió nada.",
    )
    DEPLOYMENT_DIFFERS = (
        "DEPLOYMENT_DIFFERS",
        "act",
        "The contracts, their council or the trust draft are not what the deployment's record and the installed package give.",
        "Los contratos, su consejo o el borrador de confianza no son lo que dan el registro del despliegue y el paquete.",
    )
    NONCE_LAGGING = (
        "NONCE_LAGGING",
        "act",
        "The endpoint gave a nonce that the account had used. The same command later counts anew.",
        "El servidor dio un nonce que la cuenta ya había usado. El mismo comando, más tarde, vuelve a contar.",
    )
    SIGNER_UNAVAILABLE = (
        "SIGNER_UNAVAILABLE",
        "act",
        "The external signer gave no signature.",
        "El firmador externo no dio firma.",
    )
    MIRROR_LOG_DIFFERS = (
        "MIRROR_LOG_DIFFERS",
        "mirror",
        "The source serves other entries than the ledger anchored.",
        "La fuente sirve otras entradas que las ancladas en la cadena.",
    )
    MIRROR_LOG_SHORT = (
        "MIRROR_LOG_SHORT",
        "mirror",
        "The source has fewer entries than the ledger anchored.",
        "La fuente tiene menos entradas que las ancladas en la cadena.",
    )
    MIRROR_TILE_MALFORMED = (
        "MIRROR_TILE_MALFORMED",
        "mirror",
        "The source serves a tile that is no bundle of entries.",
        "La fuente sirve una tesela que no es un paquete de entradas.",
    )
    MIRROR_LOG_TOO_LONG = (
        "MIRROR_LOG_TOO_LONG",
        "mirror",
        "One checkpoint adds more entries than a mirror takes at once.",
        "Un anclaje añade más entradas de las que un espejo toma de una vez.",
    )
    MIRROR_COPY_DIFFERS = (
        "MIRROR_COPY_DIFFERS",
        "mirror",
        "The copy in the mirror's folder is not the log that the ledger states; it is left as it is.",
        "La copia en la carpeta del espejo no es la bitácora que la cadena declara; se deja como está.",
    )
    MIRROR_LIST_OLDER = (
        "MIRROR_LIST_OLDER",
        "mirror",
        "The source serves an older status list than the mirror or the chain has.",
        "La fuente sirve una lista de estado más antigua que la del espejo o la de la cadena.",
    )
    MIRROR_DOCUMENT_DIFFERS = (
        "MIRROR_DOCUMENT_DIFFERS",
        "mirror",
        "The source serves another document than the one of this hash.",
        "La fuente sirve otro documento que el de esta huella.",
    )
    MIRROR_NOTE_REFUSED = (
        "MIRROR_NOTE_REFUSED",
        "mirror",
        "The source serves a signed checkpoint that is not the institution's, or that the ledger does not have.",
        "La fuente sirve un punto de control firmado que no es de la institución, o que la cadena no tiene.",
    )
    MIRROR_BUDGET_SPENT = (
        "MIRROR_BUDGET_SPENT",
        "mirror",
        "The source has cost what one round allows, or failed three times; the next round asks it again.",
        "La fuente ha costado lo que una vuelta permite, o falló tres veces; la siguiente vuelta la consulta de nuevo.",
    )
    MIRROR_NOT_WRITTEN = (
        "MIRROR_NOT_WRITTEN",
        "mirror",
        "The copies could not be written, or the folder mirrors another ledger.",
        "Las copias no se pudieron escribir, o la carpeta es espejo de otra cadena.",
    )
    MIRROR_BUSY = (
        "MIRROR_BUSY",
        "mirror",
        "Another process mirrors into the folder.",
        "Otro proceso copia en la carpeta.",
    )
    MIRROR_NO_SOURCE = (
        "MIRROR_NO_SOURCE",
        "mirror",
        "There is no source to mirror: a pinned trust file names none, and none was given.",
        "No hay fuente que copiar: el archivo de confianza fijado no nombra ninguna y no se indicó otra.",
    )
    LOG_EQUIVOCATION = (
        "LOG_EQUIVOCATION",
        "witness",
        "The institution signed two checkpoints of one log that cannot both be true.",
        "La institución firmó dos puntos de control de una bitácora que no pueden ser ciertos a la vez.",
    )
    LOG_NOTE_NOT_ANCHORED = (
        "LOG_NOTE_NOT_ANCHORED",
        "witness",
        "The institution signed another checkpoint than the ledger holds under its number.",
        "La institución firmó otro punto de control que el que la cadena tiene con ese número.",
    )
    WITNESS_NOTE_MISSING = (
        "WITNESS_NOTE_MISSING",
        "witness",
        "No source has the signed checkpoint of the log, or the statement of the key that signs it.",
        "Ninguna fuente tiene el punto de control firmado de la bitácora, o la declaración de la clave que lo firma.",
    )
    WITNESS_NOTE_AHEAD = (
        "WITNESS_NOTE_AHEAD",
        "witness",
        "The signed checkpoint is newer than the ledger as the endpoint shows it; it is not cosigned yet.",
        "El punto de control firmado es más nuevo que la cadena que muestra el servidor; aún no se cofirma.",
    )
    WITNESS_TILES_MISSING = (
        "WITNESS_TILES_MISSING",
        "witness",
        "No source has the tiles that lead from the checkpoint seen before to the newer one.",
        "Ninguna fuente tiene las teselas que llevan del punto de control visto antes al nuevo.",
    )
    WITNESS_BUSY = (
        "WITNESS_BUSY",
        "witness",
        "Another process is the witness of the folder.",
        "Otro proceso es el testigo de la carpeta.",
    )
    NODE_ANSWER_DIFFERS = (
        "NODE_ANSWER_DIFFERS",
        "monitor",
        "The node's API answers otherwise than the ledger records. The answer is not signed, and accuses no institution.",
        "La interfaz del nodo responde otra cosa que lo que la cadena registra. No va firmada y no acusa a ninguna institución.",
    )
    NODE_NOT_COMPARED = (
        "NODE_NOT_COMPARED",
        "monitor",
        "The node is silent, ahead of the ledger, or not whole; its answers could not be compared.",
        "El nodo no responde, va por delante de la cadena o no está completo; sus respuestas no se pudieron comparar.",
    )
    MONITOR_CHAIN_SILENT = (
        "MONITOR_CHAIN_SILENT",
        "monitor",
        "The ledger shows no new block, or does not answer, for longer than allowed.",
        "La cadena no muestra un bloque nuevo, o no responde, por más tiempo del permitido.",
    )
    MONITOR_SOURCE_SILENT = (
        "MONITOR_SOURCE_SILENT",
        "monitor",
        "A source has not answered for longer than allowed.",
        "Una fuente no responde por más tiempo del permitido.",
    )
    MONITOR_BLOCK_TIME = (
        "MONITOR_BLOCK_TIME",
        "monitor",
        "The time of a block is more than five minutes off the moment at which it was first seen.",
        "La hora de un bloque difiere más de cinco minutos del momento en que se vio por primera vez.",
    )
    MONITOR_INSTITUTION_STOPPED = (
        "MONITOR_INSTITUTION_STOPPED",
        "monitor",
        "The institution publishes changes that no checkpoint anchors.",
        "La institución publica cambios que ningún punto de control ancla.",
    )
    MONITOR_LIST_OLD = (
        "MONITOR_LIST_OLD",
        "monitor",
        "No source has a status list as new as the institution's log.",
        "Ninguna fuente tiene una lista de estado tan nueva como la bitácora de la institución.",
    )
    MONITOR_INCOMPLETE = (
        "MONITOR_INCOMPLETE",
        "monitor",
        "A part of the monitor's round could not be done; the next round does it again.",
        "Una parte de la vuelta del monitor no se pudo hacer; la siguiente la repite.",
    )
    SIGNATURE_FOREIGN = (
        "SIGNATURE_FOREIGN",
        "act",
        "The signature is of another account, or over something else.",
        "La firma es de otra cuenta, o sobre otra cosa.",
    )
    DOCUMENT_NOT_NAMED = (
        "DOCUMENT_NOT_NAMED",
        "documents",
        "No record of the ledger names a document with this SHA-256.",
        "Ningún registro de la cadena nombra un documento con este SHA-256.",
    )
    DOCUMENT_OF_APPLICANT = (
        "DOCUMENT_OF_APPLICANT",
        "documents",
        "Only a party that was never active names the document. The authority's node alone takes it.",
        "Solo nombra el documento una parte que nunca estuvo activa. Solo lo recibe el nodo de la autoridad.",
    )
    DOCUMENT_SIZE = (
        "DOCUMENT_SIZE",
        "documents",
        "The document is empty or larger than 2 MiB.",
        "El documento está vacío o pasa de 2 MiB.",
    )
    DOCUMENT_DIGEST_MISMATCH = (
        "DOCUMENT_DIGEST_MISMATCH",
        "documents",
        "The bytes do not have the SHA-256 under which they were sent.",
        "Los bytes no tienen el SHA-256 con que se enviaron.",
    )
    DOCUMENT_KIND_MISMATCH = (
        "DOCUMENT_KIND_MISMATCH",
        "documents",
        "The document is not of the kind that the ledger's record names, or not in its one form.",
        "El documento no es de la clase que nombra el registro de la cadena, o no está en su forma única.",
    )
    DOCUMENTS_FULL = (
        "DOCUMENTS_FULL",
        "documents",
        "The subject has all the documents that a node keeps of it: 64, or 4 MiB.",
        "El nodo ya guarda todos los documentos que admite de este sujeto: 64, o 4 MiB.",
    )
    DOCUMENT_WITHHELD = (
        "DOCUMENT_WITHHELD",
        "documents",
        "The signers of the trust file withhold the document. It is neither missing nor altered.",
        "Quienes firman el archivo de confianza retienen el documento. Ni falta ni está alterado.",
    )
    WITHHELD_MALFORMED = (
        "WITHHELD_MALFORMED",
        "documents",
        "The list of withheld documents is malformed, or a signature in it does not hold.",
        "La lista de documentos retenidos está mal formada, o una de sus firmas no es válida.",
    )
    WITHHELD_SIGNATURES_TOO_FEW = (
        "WITHHELD_SIGNATURES_TOO_FEW",
        "documents",
        "The list of withheld documents lacks signatures by keys of the trust file.",
        "A la lista de documentos retenidos le faltan firmas de claves del archivo de confianza.",
    )
    WITHHELD_OTHER_LEDGER = (
        "WITHHELD_OTHER_LEDGER",
        "documents",
        "The list of withheld documents is for another chain than the trust file names.",
        "La lista de documentos retenidos es de otra cadena que la del archivo de confianza.",
    )
    WITHHELD_LIST_OLDER = (
        "WITHHELD_LIST_OLDER",
        "documents",
        "A list of withheld documents with this number or a higher one is in force.",
        "Ya rige una lista de documentos retenidos con este número o uno mayor.",
    )
    PROPOSAL_STORED = (
        "PROPOSAL_STORED",
        "documents",
        "The node has the proposal already, with another title or other names.",
        "El nodo ya tiene la propuesta, con otro título u otros nombres.",
    )
    CHAIN_ID_DIFFERS = (
        "CHAIN_ID_DIFFERS",
        "network",
        "The endpoint's chain has another number than the one that is named.",
        "La cadena del servidor tiene otro número que el indicado.",
    )
    HEADER_FALSE = (
        "HEADER_FALSE",
        "network",
        "A block's header does not have the hash that the endpoint tells.",
        "El encabezado de un bloque no tiene la huella que dice el servidor.",
    )
    VALIDATORS_DIFFER = (
        "VALIDATORS_DIFFER",
        "network",
        "The validators in force are others than those that are named.",
        "Los validadores vigentes son otros que los indicados.",
    )
    SEALS_TOO_FEW = (
        "SEALS_TOO_FEW",
        "network",
        "Fewer than two thirds of the named validators sealed a block.",
        "Menos de dos tercios de los validadores indicados sellaron un bloque.",
    )
    PERIOD_DIFFERS = (
        "PERIOD_DIFFERS",
        "network",
        "Blocks come faster or slower than the period says.",
        "Los bloques llegan antes o después de lo que dice el periodo.",
    )
    ENDPOINT_SYNCING = (
        "ENDPOINT_SYNCING",
        "network",
        "The endpoint is still fetching blocks.",
        "El servidor todavía está descargando bloques.",
    )
    PEERS_TOO_FEW = (
        "PEERS_TOO_FEW",
        "network",
        "The endpoint has too few peers to make blocks with them.",
        "El servidor tiene muy pocos vecinos para hacer bloques con ellos.",
    )
    VERSION_UNTOLD = (
        "VERSION_UNTOLD",
        "network",
        "The endpoint does not tell its program and version.",
        "El servidor no dice su programa ni su versión.",
    )
    BASE_FEE_NOT_ZERO = (
        "BASE_FEE_NOT_ZERO",
        "network",
        "The chain has a base fee, or none that can be zero.",
        "La cadena cobra una tarifa base, o no tiene una que pueda ser cero.",
    )
    GAS_LIMIT_LOW = (
        "GAS_LIMIT_LOW",
        "network",
        "A block does not hold the largest transaction.",
        "En un bloque no cabe la transacción más grande.",
    )
    PUSH0_MISSING = (
        "PUSH0_MISSING",
        "network",
        "The chain does not know the opcode PUSH0, which the contracts need (fork `shanghai`).",
        "La cadena no conoce la instrucción PUSH0, que los contratos necesitan (bifurcación `shanghai`).",
    )
    CONTRACT_SIZE_LOW = (
        "CONTRACT_SIZE_LOW",
        "network",
        "The chain makes no contract of the size that is needed.",
        "La cadena no crea contratos del tamaño que se necesita.",
    )
    REVERT_WITHOUT_REASON = (
        "REVERT_WITHOUT_REASON",
        "network",
        "The endpoint leaves out the reason of a refusal; messages are less exact.",
        "El servidor omite el motivo de un rechazo; los mensajes son menos precisos.",
    )
    PENDING_REFUSED = (
        "PENDING_REFUSED",
        "network",
        "The endpoint does not answer for the pending block.",
        "El servidor no responde por el bloque pendiente.",
    )
    LOG_RANGE_LOW = (
        "LOG_RANGE_LOW",
        "network",
        "The endpoint refuses a log query of as many blocks as are asked for.",
        "El servidor rechaza una consulta de eventos de tantos bloques como se piden.",
    )
    LOGS_BEYOND_HEAD = (
        "LOGS_BEYOND_HEAD",
        "network",
        "The endpoint answers a log query beyond its newest block as if there were no events; the totals of the contracts show it.",
        "El servidor responde una consulta después de su último bloque como si no hubiera eventos; los totales de los contratos lo muestran.",
    )
    BEYOND_HEAD_ANSWERED = (
        "BEYOND_HEAD_ANSWERED",
        "network",
        "The endpoint answers for a block that does not exist yet.",
        "El servidor responde por un bloque que aún no existe.",
    )
    STATE_WINDOW_LOW = (
        "STATE_WINDOW_LOW",
        "network",
        "The endpoint has forgotten state that proofs need.",
        "El servidor olvidó estados que las pruebas necesitan.",
    )
    STATE_FORGOTTEN = (
        "STATE_FORGOTTEN",
        "network",
        "The endpoint does not keep the state of all blocks; nothing asks for it.",
        "El servidor no guarda el estado de todos los bloques; nada lo pide.",
    )
    ENDPOINT_UNAUTHORISED = (
        "ENDPOINT_UNAUTHORISED",
        "network",
        "The endpoint does not accept the token or certificate, or wants one.",
        "El servidor no acepta el token o certificado, o pide uno.",
    )
    ENDPOINT_OPEN = (
        "ENDPOINT_OPEN",
        "network",
        "The endpoint answers everybody, without token or certificate.",
        "El servidor responde a cualquiera, sin token ni certificado.",
    )
    ACCOUNTS_OPEN = (
        "ACCOUNTS_OPEN",
        "network",
        "The endpoint took a stranger's transaction: there is no account allow-list.",
        "El servidor aceptó la transacción de un desconocido: no hay lista de cuentas permitidas.",
    )
    SENDER_NOT_ALLOWED = (
        "SENDER_NOT_ALLOWED",
        "network",
        "The account that was given may not send transactions.",
        "La cuenta indicada no puede enviar transacciones.",
    )
    PRICE_NOT_ZERO = (
        "PRICE_NOT_ZERO",
        "network",
        "The endpoint refuses transactions of price zero.",
        "El servidor rechaza transacciones de precio cero.",
    )
    TRANSACTION_REFUSED = (
        "TRANSACTION_REFUSED",
        "network",
        "The endpoint refuses the transaction for another reason.",
        "El servidor rechaza la transacción por otro motivo.",
    )
    TRANSACTION_NOT_MINED = (
        "TRANSACTION_NOT_MINED",
        "network",
        "A transaction of price zero was taken, and got into no block.",
        "Una transacción de precio cero se aceptó y no entró en ningún bloque.",
    )
    PROPOSER_PASSES_OVER = (
        "PROPOSER_PASSES_OVER",
        "network",
        "A proposer leaves transactions of price zero out of its blocks.",
        "Un proponente deja fuera de sus bloques las transacciones de precio cero.",
    )
    PROPOSER_ABSENT = (
        "PROPOSER_ABSENT",
        "network",
        "A validator proposed no block while transactions waited.",
        "Un validador no propuso ningún bloque mientras había transacciones en espera.",
    )
    NOTHING_EXPECTED = (
        "NOTHING_EXPECTED",
        "network",
        "Neither a trust file nor a genesis.json says what is expected.",
        "Ni un archivo de confianza ni un genesis.json dicen qué se espera.",
    )
    CHAIN_TOO_SHORT = (
        "CHAIN_TOO_SHORT",
        "network",
        "The chain is too short to tell; check again when it has more blocks.",
        "La cadena es demasiado corta para saberlo; revise de nuevo cuando tenga más bloques.",
    )
    ACCOUNT_WANTED = (
        "ACCOUNT_WANTED",
        "network",
        "This needs an account that may send: --account, or --from with --signer.",
        "Esto necesita una cuenta que pueda enviar: --account, o --from con --signer.",
    )
    QUESTION_REFUSED = (
        "QUESTION_REFUSED",
        "network",
        "The endpoint refuses a question that the check needs.",
        "El servidor rechaza una pregunta que la revisión necesita.",
    )
    ANSWER_UNREADABLE = (
        "ANSWER_UNREADABLE",
        "network",
        "The endpoint's answer is not one to the question.",
        "La respuesta del servidor no corresponde a la pregunta.",
    )
    CHECK_CUT_SHORT = (
        "CHECK_CUT_SHORT",
        "network",
        "The time or the number of questions of the check was spent.",
        "Se agotó el tiempo o el número de preguntas de la revisión.",
    )


def sentence(code: str, language: str) -> str:
    """Return the sentence of a code in `es` or `en`; a code of a contract's revert has none and is returned itself."""
    known = CODES.get(code)
    return code if known is None else (known.es if language == "es" else known.en)


CODES: Final[dict[str, Code]] = {code.value: code for code in Code}


def markdown() -> str:
    """Return the whole text of docs/codes.md."""
    lines = ["# Result codes", "", "Written by `python -m acredita.registry.codes > docs/codes.md`.", ""]
    families = dict.fromkeys(code.family for code in CODES.values())
    for family in families:
        lines += [f"## {family}", "", "| code | means | en español |", "| --- | --- | --- |"]
        lines += [f"| `{c.value}` | {c.en} | {c.es} |" for c in CODES.values() if c.family == family]
        lines.append("")
    lines += ["## Revert reasons of the contracts", "", "| reason | code |", "| --- | --- |"]
    lines += [f"| `{reason}` | `{code}` |" for reason, code in sorted(REASONS.items())]
    lines += [f"| any other | `{UNEXPLAINED_CODE}` |", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(markdown())
