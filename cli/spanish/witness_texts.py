"""Spanish forms of the sentences and helps of the witness."""

from typing import Final

WITNESS_TEXTS: Final = {
    "every answer agrees with the ledger": "todas las respuestas coinciden con la cadena",
    "the node says that its list is not whole": "el nodo dice que su lista no está completa",
    "the node is at block {}, the ledger at {}": "el nodo está en el bloque {0}, la cadena en el {1}",
    "a block came between two pages; ask again": "llegó un bloque entre dos páginas; consulte de nuevo",
    "{} is left out": "falta {0}",
    "{} is not on the ledger": "{0} no está en la cadena",
    "alarms {}, deliveries {}": "alarmas: {0}; entregas: {1}",
    "no answer since {}": "sin respuesta desde {0}",
    "no new block since {}": "sin bloque nuevo desde {0}",
    "list {} of {} revokes what no checkpoint has": "la lista {0} de {1} revoca lo que ningún punto de control tiene",
    "the newest list {} at any source is of {}": "la lista {0} más nueva de todas las fuentes es de {1}",
    "acredita trust pin FILE, or monitor.sources": "acredita trust pin ARCHIVO, o monitor.sources",
    "{}: both or neither expected": "{0}: se esperan los dos o ninguno",
    "{} to {} seconds expected": "se esperan de {0} a {1} segundos",
    "sender and recipients expected with host": "se esperan sender y recipients junto con host",
    "tls or starttls expected for a relay on another machine": "se espera tls o starttls para un relevo en otra máquina",
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
    "The address of a node. Repeat the option for more.": "La dirección de un nodo. Repita la opción para dar más.",
    "Compare what nodes answer about issuers, keys and programmes with the ledger, each answer at its own block.": (
        "Compara con la cadena lo que los nodos responden de entidades, claves y programas, cada respuesta en su bloque."
    ),
    "Compare what nodes answer about issuers, keys and programmes with the ledger, each answer at its own block.\n\n"
    "Exit 0 where all agree, 1 where an answer differs, 3 where a node is silent, ahead of the ledger, or not whole. An "
    "answer is not signed: a difference is a fault of the node that gave it.": (
        "Compara con la cadena lo que los nodos responden de entidades, claves y programas, cada respuesta en su bloque.\n\n"
        "Termina con 0 si todo coincide, con 1 si una respuesta difiere, con 3 si un nodo no responde, va por delante de la "
        "cadena o no está completo. Una respuesta no va firmada: una diferencia es falla del nodo que la dio."
    ),
    "Follow a registry, and tell somebody what is wrong.": "Vigila un registro, y avisa a alguien de lo que está mal.",
    "Follow a registry, and tell somebody what is wrong.\n\n"
    "A round reads the ledger and the sources, and runs the witness and the audit. Each alarm is told once until it "
    "clears. With --once: exit 0 without an alarm, 1 with one, 3 where a check could not be made or an alarm not "
    "delivered. Nothing is offered to the network.": (
        "Vigila un registro, y avisa a alguien de lo que está mal.\n\n"
        "Una vuelta sigue la cadena y las fuentes, y corre el testigo y la auditoría. Cada alarma se avisa una vez hasta "
        "que cesa. Con --once: termina con 0 sin alarmas, con 1 si hay alguna, con 3 si algo no se pudo revisar o una "
        "alarma no se entregó. No ofrece nada a la red."
    ),
    "The monitor's configuration file (TOML).": "El archivo de configuración del monitor (TOML).",
    "Take one round and end, as a timer wants it.": "Da una vuelta y termina, como lo quiere un temporizador.",
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
