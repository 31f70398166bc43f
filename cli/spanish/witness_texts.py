"""Spanish forms of the sentences and helps of the witness."""

from typing import Final

WITNESS_TEXTS: Final = {
    "logs checked {}, notes cosigned {}": "bitácoras revisadas: {0}; notas cofirmadas: {1}",
    "looked in {}": "se buscó en {0}",
    "no key statement of a note key is at hand": "no se tiene la declaración de ninguna clave de notas",
    "no note key of the institution has signed the note": "ninguna clave de notas de la institución firmó la nota",
    "another process is the witness of this folder": "otro proceso es el testigo de esta carpeta",
    "the tiles do not lead to the checkpoint's root": "las teselas no llevan a la raíz del punto de control",
    "{} hashes expected": "se esperan {0} huellas",
    "a name of at most {} characters expected": "se espera un nombre de a lo más {0} caracteres",
    "the name of a note key has no blanks and no plus sign": (
        "el nombre de una clave de notas no lleva espacios ni signo de más"
    ),
    "acredita trust pin FILE, or --log URL": "acredita trust pin ARCHIVO, o --log URL",
    "/key: the key of {} expected": "/key: se espera la clave de {0}",
    "one size or number, two contents": "un tamaño o número, dos contenidos",
    "the newer checkpoint does not extend the older one": "el punto de control nuevo no extiende al anterior",
}

WITNESS_HELP_TEXTS: Final = {
    "Cosign the checkpoints of a registry's logs, as a witness that keeps what it saw.": (
        "Cofirma los puntos de control de las bitácoras de un registro, como testigo que guarda lo que vio."
    ),
    "Make the key of a witness.": "Hace la clave de un testigo.",
    "Make the key of a witness in a keystore of its own, and print its public part.": (
        "Hace en un almacén propio la clave de un testigo, e imprime su parte pública."
    ),
    "The folder of the witness: key, state, cosigned notes and evidence.": (
        "La carpeta del testigo: clave, estado, notas cofirmadas y pruebas."
    ),
    "The witness's name, an address without its scheme: witness.example/w1.": (
        "El nombre del testigo, una dirección sin su esquema: witness.example/w1."
    ),
    "An address or a folder with logs, beside the sources that the pinned trust file names. Repeat it for more.": (
        "Una dirección o carpeta con bitácoras, además de las fuentes que nombra el archivo de confianza fijado. "
        "Repítala para dar más."
    ),
    "Check the signed checkpoint of each log against the ledger and against the one seen before, and cosign it.": (
        "Comprueba el punto de control firmado de cada bitácora con la cadena y con el visto antes, y lo cofirma."
    ),
    "Check the signed checkpoint of each log against the ledger and against the one seen before, and cosign it.\n\n"
    "Exit 0 if every log was checked, 1 with signed evidence that an institution contradicts itself or the ledger, 3 "
    "where something was missing. Nothing is offered to the network.": (
        "Comprueba el punto de control firmado de cada bitácora con la cadena y con el visto antes, y lo cofirma.\n\n"
        "Termina con 0 si se revisó cada bitácora, con 1 si hay prueba firmada de que una institución se contradice o "
        "contradice a la cadena, con 3 si faltó algo. No ofrece nada a la red."
    ),
}
