"""Spanish forms of the sentences and helps of mirrors."""

from typing import Final

MIRROR_TEXTS: Final = {
    "copied {} logs, {} lists, {} documents": "copiadas {0} bitácoras y {1} listas, copiados {2} documentos",
    "everything that the ledger names is here": "está todo lo que la cadena nombra",
    "some of what the ledger names is missing": "falta algo de lo que la cadena nombra",
    "not asked again in this pass": "no se vuelve a consultar en esta vuelta",
    "the bytes have another hash": "los bytes tienen otra huella",
    "the entries give another root": "las entradas dan otra raíz",
    "bundle {}": "paquete {0}",
    "{} entries expected, found {}": "se esperan {0} entradas, se encontraron {1}",
    "at most {} entries at once": "a lo más {0} entradas de una vez",
    "no checkpoint has {} entries and this root": "ningún anclaje tiene {0} entradas y esta raíz",
    "{} expected or later, found {}": "se espera {0} o posterior, se encontró {1}",
    "two lists of one moment": "dos listas de un mismo momento",
    "the list is {} of {}": "la lista es {0} de {1}",
    "issued after the present": "emitida después del presente",
    "signed by no key of the issuer that may sign it": "no la firmó ninguna clave de la entidad que pueda firmarla",
    "index {} is revoked on the chain and clear in the list": (
        "el índice {0} está revocado en la cadena y libre en la lista"
    ),
    "the note is of another log": "la nota es de otra bitácora",
    "the ledger has no such checkpoint": "la cadena no tiene ese anclaje",
    "no known key has signed the note": "ninguna clave conocida firmó la nota",
    "the folder mirrors another ledger": "la carpeta es espejo de otra cadena",
    "another process mirrors into this folder": "otro proceso copia en esta carpeta",
    "no --rpc, no --chain and no chain/ beside the trust file": (
        "no hay --rpc, ni --chain, ni chain/ junto al archivo de confianza"
    ),
    "acredita trust pin FILE, or --source URL": "acredita trust pin ARCHIVO, o --source URL",
    '"{}" with copies expected': 'se espera "{0}" con copias',
}

MIRROR_HELP_TEXTS: Final = {
    "A mirror, as an address or a folder, for what is missing beside the trust file. Repeat the option for more.": (
        "Un espejo, como dirección o carpeta, para lo que falta junto al archivo de confianza. Repita la opción para dar más."
    ),
    "Copy the logs, status lists, documents and trust files of a registry, each checked against the ledger.": (
        "Copia las bitácoras, listas de estado, documentos y archivos de confianza de un registro, cada uno comprobado con "
        "la cadena."
    ),
    "Copy the logs, status lists, documents and trust files of a registry, each checked against the ledger.\n\n"
    "Exit 0 with everything that the ledger names, 3 where some of it is still missing. What a source serves wrongly is "
    "reported and not kept.": (
        "Copia las bitácoras, listas de estado, documentos y archivos de confianza de un registro, cada uno comprobado con "
        "la cadena.\n\nTermina con 0 si está todo lo que la cadena nombra, con 3 si falta algo. Lo que una fuente sirve "
        "mal se informa y no se guarda."
    ),
    "The folder of the copies, which any static server can serve.": (
        "La carpeta de las copias, que cualquier servidor de archivos puede servir."
    ),
    "An address or a folder to copy from, beside the sources that the pinned trust file names.": (
        "Una dirección o carpeta de donde copiar, además de las fuentes que nombra el archivo de confianza fijado."
    ),
    "Go on, with one round every so many seconds. Without it, stop once nothing more is found.": (
        "Continúa, con una vuelta cada tantos segundos. Sin ella, termina cuando no encuentra nada más."
    ),
}
