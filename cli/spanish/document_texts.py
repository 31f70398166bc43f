"""Spanish forms of the sentences and helps of documents that are sent to nodes."""

from typing import Final

DOCUMENT_TEXTS: Final = {
    "sent to {}: {}": "enviado a {0}: {1}",
    "sent as {}": "enviado como {0}",
    "the node had {} already": "el nodo ya tenía {0}",
    "fetched from {}": "traído de {0}",
    "{} has no document {}": "{0} no tiene el documento {1}",
    "{} has no proposal {}": "{0} no tiene la propuesta {1}",
    "64 hex digits or a number expected": "se esperan 64 cifras hexadecimales o un número",
    "{} to {} bytes expected, found {}": "se esperan de {0} a {1} bytes, se encontraron {2}",
    "the proposal has no number of the chain yet": "la propuesta no tiene todavía número en la cadena",
    "the node gives other bytes as {}": "el nodo da otros bytes como {0}",
    "no JSON as proposal {}": "no hay JSON como propuesta {0}",
    "200 or 201 expected, found {}": "se espera 200 o 201, se encontró {0}",
    "200 expected, found {}": "se espera 200, se encontró {0}",
    "at most {} bytes": "a lo más {0} bytes",
    # of the node that answers
    "no record names {}": "ningún registro nombra {0}",
    "only applicants name {}": "solo solicitantes nombran {0}",
    "SHA-256 {} expected, found {}": "se espera el SHA-256 {0}, se encontró {1}",
    "a document of the kind {} expected: {}": "se espera un documento de la clase {0}: {1}",
    "at most {} documents and {} bytes of one subject": "a lo más {0} documentos y {1} bytes de un sujeto",
    "the record names no key": "el registro no nombra ninguna clave",
    "the statement is of another key than the record's": "la declaración es de otra clave que la del registro",
    "the JCS form expected (RFC 8785)": "se espera la forma JCS (RFC 8785)",
    "proposal {} is stored with another title or other names": (
        "la propuesta {0} está guardada con otro título u otros nombres"
    ),
    "the calldata do not name this party": "los datos de la llamada no nombran a esta parte",
    "the index is not at the ledger's head": "el índice no está en la cabeza de la cadena",
    "records of the ledger are missing here": "aquí faltan registros de la cadena",
    "too many requests of one address for records or documents": (
        "demasiadas solicitudes de registros o documentos desde una misma dirección"
    ),
    "the ledger does not answer now": "la cadena no responde ahora",
    "the ledger cannot be read now": "la cadena no se puede leer ahora",
    "the node's storage cannot be used now": "el almacenamiento del nodo no se puede usar ahora",
}

DOCUMENT_HELP_TEXTS: Final = {
    "Send documents that the ledger names to a node, and fetch them from one.": (
        "Envía a un nodo documentos que la cadena nombra, y los trae de él."
    ),
    "The address of the node.": "La dirección del nodo.",
    "Documents: programmes, scopes, key statements, acts, and files of proposals.": (
        "Documentos: programas, alcances, declaraciones de claves, resoluciones, y archivos de propuestas."
    ),
    "Send documents to a node, which takes what a record of the ledger names by its SHA-256, and proposals of the council."
    "\n\nJSON is sent in its JCS form. Exit 1 where one is refused, 3 where the node could not tell.": (
        "Envía documentos a un nodo, que recibe lo que un registro de la cadena nombra por su SHA-256, y propuestas del "
        "consejo.\n\nEl JSON se envía en su forma JCS. Termina con 1 si uno se rechaza, con 3 si el nodo no lo pudo decir."
    ),
    "The SHA-256 of a document, or the number of a proposal.": "El SHA-256 de un documento, o el número de una propuesta.",
    "The file to write. It is not written over.": "El archivo por escribir. No se sobrescribe.",
    "Fetch a document by its SHA-256, which is checked, or a proposal by its number, which is compared when it is used."
    "\n\nExit 1 where the node has none.": (
        "Trae un documento por su SHA-256, que se comprueba, o una propuesta por su número, que se compara al usarla."
        "\n\nTermina con 1 si el nodo no lo tiene."
    ),
    "Send the act's documents to this node, once the act is on the chain.": (
        "Envía los documentos del acto a este nodo, una vez que el acto está en la cadena."
    ),
}
