"""Say how severe a finding and what the answer of an audit is, in words for an accountant, in Spanish and English."""

from typing import Final

from acredita.registry.audit.finding import FindingWeight

Words = tuple[str, str]
"""A text in Spanish and in English."""

SEVERITIES: Final[dict[FindingWeight, Words]] = {
    "divergence": ("Contradicción probada", "Proven contradiction"),
    "unknown": ("No se pudo comprobar", "Could not be checked"),
    "observation": ("Observación", "Observation"),
}
"""The weights of findings, the most severe first."""

MEANINGS: Final[dict[FindingWeight, Words]] = {
    "divergence": (
        "Una prueba firmada o sellada contradice a otra, o contradice a la cadena. Pida una explicación a quien la firmó.",
        "Signed or sealed evidence contradicts other evidence or the ledger. Ask its signer for an explanation.",
    ),
    "unknown": (
        "Falta un archivo o una respuesta. No es un reproche a nadie: consiga lo que falta y repita la auditoría.",
        "A file or an answer is missing. Nobody is accused: obtain what is missing and repeat the audit.",
    ),
    "observation": (
        "La cadena misma lo muestra y quien verifica una credencial ya lo toma en cuenta.",
        "The ledger itself shows it, and every verification of a credential already takes it into account.",
    ),
}

ANSWERS: Final[dict[str, Words]] = {
    "agrees": ("Coincide", "Agrees"),
    "differs": ("No coincide", "Does not agree"),
    "unknown": ("No se pudo determinar", "Could not tell"),
}
"""The answers of an audit."""

ANSWER_MEANINGS: Final[dict[str, Words]] = {
    "agrees": (
        "Todo lo publicado que se leyó coincide con la cadena, y no faltó nada de lo que ella nombra.",
        "All that is published and was read agrees with the ledger, and nothing that it names was missing.",
    ),
    "differs": (
        "Hay al menos una contradicción probada. Cada una se describe con su evidencia.",
        "There is at least one proven contradiction. Each is described with its evidence.",
    ),
    "unknown": (
        "No se probó ninguna contradicción que cuente, pero algo no se pudo leer. No es una respuesta positiva ni negativa.",
        "No contradiction that counts was proven, but something could not be read. This is neither a yes nor a no.",
    ),
}
