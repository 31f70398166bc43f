"""Say the contracts' reasons of refusal in words, in Spanish and English. A test wants a sentence for each reason."""

from collections.abc import Mapping
from typing import Final

from acredita.contracts.reasons import ContractRefused
from acredita.registry.acts.shapes import Text

REASON_TEXTS: Final[Mapping[str, Text]] = {
    "act: missing": Text("the act's document is missing", "falta la resolución"),
    "council: not a member": Text("this account is no member of the council", "esta cuenta no es miembro del consejo"),
    "council: not by proposal": Text(
        "only an executed proposal may do this", "esto solo lo hace una propuesta ejecutada"
    ),
    "council: already approved": Text(
        "this member has approved the proposal already", "este miembro ya aprobó la propuesta"
    ),
    "council: not approved": Text(
        "this member has not approved the proposal", "este miembro no ha aprobado la propuesta"
    ),
    "council: executed": Text("the proposal was executed already", "la propuesta ya se ejecutó"),
    "council: void": Text(
        "the proposal is void, because members or threshold changed after it",
        "la propuesta quedó sin efecto, porque después cambiaron los miembros o el umbral",
    ),
    "council: retracted": Text("its proposer retracted the proposal", "quien hizo la propuesta la retiró"),
    "council: expired": Text("the proposal is older than 30 days", "la propuesta tiene más de 30 días"),
    "council: too few approvals": Text(
        "too few members approve the proposal", "muy pocos miembros aprueban la propuesta"
    ),
    "council: unknown proposal": Text("the council has no such proposal", "el consejo no tiene esa propuesta"),
    "council: calldata": Text("the calldata are not those of the proposal", "los datos no son los de la propuesta"),
    "council: other proposal": Text(
        "the proposal on the chain is another than the one that was read",
        "la propuesta en la cadena es otra que la que se leyó",
    ),
    "council: no contract": Text("there is no contract at the target", "no hay contrato en el destino"),
    "council: foreign registry": Text("the registry belongs to another council", "el registro es de otro consejo"),
    "council: members": Text(
        "the members must be 1 to 32 different accounts", "los miembros deben ser de 1 a 32 cuentas distintas"
    ),
    "council: threshold": Text(
        "the threshold does not fit the number of members", "el umbral no corresponde al número de miembros"
    ),
    "recovery: not a member": Text(
        "this account is no holder of the recovery set", "esta cuenta no es del grupo de recuperación"
    ),
    "recovery: already approved": Text(
        "this holder has approved the recovery already", "esta cuenta ya aprobó la recuperación"
    ),
    "recovery: closed": Text("the recovery was executed or cancelled", "la recuperación ya se ejecutó o se canceló"),
    "recovery: void": Text(
        "the recovery is void, because the council changed after it",
        "la recuperación quedó sin efecto, porque después cambió el consejo",
    ),
    "recovery: too few approvals": Text(
        "too few holders approve the recovery", "muy pocas cuentas aprueban la recuperación"
    ),
    "recovery: too early": Text("the public delay of 30 days is not over", "no ha pasado el plazo público de 30 días"),
    "recovery: expired": Text("the time to execute the recovery is over", "pasó el tiempo de ejecutar la recuperación"),
    "recovery: unknown": Text("the council has no such recovery", "el consejo no tiene esa recuperación"),
    "recovery: other members": Text(
        "the recovery on the chain is for other members than those that were read",
        "la recuperación en la cadena es de otros miembros que los que se leyeron",
    ),
    "registry: not the council": Text("only the council may do this", "esto solo lo hace el consejo"),
    "registry: no contract": Text("there is no contract at the address", "no hay contrato en la dirección"),
    "registry: other council": Text("the registry belongs to another council", "el registro es de otro consejo"),
    "issuer: not the control account": Text(
        "this account is not the control account of the institution",
        "esta cuenta no es la cuenta de control de la institución",
    ),
    "issuer: unknown": Text("the registry does not know the institution", "el registro no conoce a la institución"),
    "issuer: zero": Text("the institution is missing", "falta la institución"),
    "issuer: is an agency": Text("the institution is an agency", "la institución es una agencia"),
    "issuer: state": Text(
        "the institution's present state does not allow this act",
        "el estado actual de la institución no permite este acto",
    ),
    "issuer: not active": Text("the institution is not active", "la institución no está activa"),
    "issuer: too many": Text(
        "an applicant's number of these acts is used up", "se agotó el número de estos actos de quien solicita"
    ),
    "issuer: no agency review": Text(
        "no unused favourable review by a recognised agency is on record",
        "no consta una revisión favorable sin usar de una agencia reconocida",
    ),
    "issuer: no assertion key": Text(
        "the institution has no usable key that signs credentials",
        "la institución no tiene una clave vigente que firme credenciales",
    ),
    "issuer: no anchoring account": Text(
        "the institution has no usable anchoring account", "la institución no tiene una cuenta de anclaje vigente"
    ),
    "programme: not the owner": Text(
        "this account is not the control account of the programme's institution",
        "esta cuenta no es la cuenta de control de la institución del programa",
    ),
    "programme: state": Text(
        "the version's present state does not allow this act", "el estado actual de la versión no permite este acto"
    ),
    "programme: zero": Text("the programme is missing", "falta el programa"),
    "programme: known": Text("the version was submitted already", "la versión ya se presentó"),
    "programme: unknown": Text("the registry does not know the version", "el registro no conoce la versión"),
    "programme: no such entry": Text("the version has no such entry", "la versión no tiene ese registro"),
    "agency: not recognised": Text("the agency is not recognised now", "la agencia no está reconocida ahora"),
    "agency: too soon": Text(
        "the agency reviewed this in the last 24 hours", "la agencia ya hizo esta revisión en las últimas 24 horas"
    ),
    "agency: unknown": Text("the registry does not know the agency", "el registro no conoce a la agencia"),
    "agency: zero": Text("the agency is missing", "falta la agencia"),
    "agency: is an institution": Text("the agency is an institution", "la agencia es una institución"),
    "account: is the authority": Text(
        "the account belongs to the council, and cannot be a party's as well",
        "la cuenta es del consejo y no puede ser también de una parte",
    ),
    "account: too many": Text("the party has 8 usable accounts already", "la parte ya tiene 8 cuentas vigentes"),
    "account: zero": Text("the account is missing", "falta la cuenta"),
    "account: known": Text("the account was used before, for ever", "la cuenta ya se usó antes, para siempre"),
    "account: unknown": Text("the registry does not know the account", "el registro no conoce la cuenta"),
    "account: ended": Text("the account has ended", "la cuenta ya terminó"),
    "consent: missing": Text("the account did not consent", "la cuenta no consintió"),
    "consent: deadline": Text(
        "the consent's deadline has passed, or is more than 45 days ahead",
        "la fecha del consentimiento ya pasó, o está a más de 45 días",
    ),
    "consent: signature": Text(
        "the consent is not the account's for this party and purpose",
        "el consentimiento no es de la cuenta para esta parte y este propósito",
    ),
    "key: zero": Text("the key is missing", "falta la clave"),
    "key: purpose": Text("a key has purpose 1 or 2", "una clave tiene propósito 1 o 2"),
    "key: known": Text("the key was used before, for ever", "la clave ya se usó antes, para siempre"),
    "key: unknown": Text("the registry does not know the key", "el registro no conoce la clave"),
    "key: ended": Text("the key has ended", "la clave ya terminó"),
    "key: too many": Text("the party has 16 usable keys already", "la parte ya tiene 16 claves vigentes"),
    "accreditor: not accredited": Text(
        "the accreditor is not active, or has no right to accredit",
        "quien acredita no está activa o no tiene ese derecho",
    ),
    "accreditor: too deep": Text(
        "there are two accreditors above at most", "hay a lo más dos niveles de acreditación arriba"
    ),
    "member: suspends again": Text(
        "this member suspended the institution in the last 30 days",
        "este miembro suspendió a la institución en los últimos 30 días",
    ),
    "member: too many open": Text(
        "this member has three unconfirmed suspensions", "este miembro tiene tres suspensiones sin confirmar"
    ),
    "predecessor: recorded": Text("a predecessor was recorded already", "ya se registró un registro anterior"),
    "predecessor: zero": Text("the predecessor is missing", "falta el registro anterior"),
    "trust: only upward": Text(
        "the number of a trust file only rises", "el número de un archivo de confianza solo sube"
    ),
    "trust: zero": Text("the hash of the trust file is missing", "falta la huella del archivo de confianza"),
    "compromise: time": Text("the moment lies in the future", "el momento está en el futuro"),
    "compromise: too far back": Text(
        "the control account reaches 72 hours back; the council reaches further",
        "la cuenta de control alcanza 72 horas atrás; el consejo alcanza más",
    ),
    "compromise: only earlier": Text("a mark may only move earlier", "una marca solo puede moverse hacia atrás"),
    "void: time": Text("the moment lies in the future", "el momento está en el futuro"),
    "void: only earlier": Text("a mark may only move earlier", "una marca solo puede moverse hacia atrás"),
    "until: not later": Text("the end must be later than now", "el fin debe ser posterior a ahora"),
    "scope: zero": Text("the scope is missing", "falta el alcance"),
    "log: account": Text("this account may not anchor", "esta cuenta no puede anclar"),
    "log: council": Text("only the council may do this", "esto solo lo hace el consejo"),
    "log: time": Text(
        "the checkpoint is not later than the one before", "el punto de control no es posterior al anterior"
    ),
    "log: previous": Text("this checkpoint is not the one on the chain", "este punto de control no es el de la cadena"),
    "log: epoch": Text("the epoch is not closed", "la época no está cerrada"),
    "log: registry": Text("there is no registry at the address", "no hay registro en la dirección"),
    "log: kind": Text("a checkpoint has kind 0 or 1", "un punto de control es de tipo 0 o 1"),
    "log: size": Text("the log does not grow", "la bitácora no crece"),
    "log: path": Text("the consistency path is malformed", "el camino de consistencia está mal formado"),
    "log: consistency": Text("the log was rewritten", "la bitácora fue reescrita"),
}


def refusal_words(refusal: ContractRefused) -> str:
    """Return the sentence of a contract's refusal: its code, the words, and the reason that the contract gave."""
    text = REASON_TEXTS.get(refusal.reason)
    return str(refusal) if text is None else f"{refusal.code}: {text.en} ({refusal.reason})"
