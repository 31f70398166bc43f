"""Spanish forms of the sentences and helps of documents that are sent to nodes."""

from typing import Final

DOCUMENT_TEXTS: Final = {
    "{}: JSON expected, found TOML; acredita programme validate {} --out {} makes it, of a scope acredita scope validate": (
        "{0}: se espera JSON y es TOML; lo hace acredita programme validate {1} --out {2}, "
        "o para un alcance acredita scope validate"
    ),
    "sent to {}: {}": "enviado a {0}: {1}",
    "sent as {}": "enviado como {0}",
    "the node had {} already": "el nodo ya tenía {0}",
    "fetched from {}": "traído de {0}",
    "{} has no document {}": "{0} no tiene el documento {1}",
    "{} has no proposal {}": "{0} no tiene la propuesta {1}",
    "--act goes with the number of a proposal": "--act va con el número de una propuesta",
    "64 hex digits, a number or `withheld` expected": "se esperan 64 cifras hexadecimales, un número o `withheld`",
    "{} withholds no document": "{0} no retiene ningún documento",
    "the last list does not withhold it": "la última lista no lo retiene",
    "nothing changes: at least one HASH that is not withheld, or --release, expected": (
        "nada cambia: se espera al menos un HASH que no esté retenido, o --release"
    ),
    "{} is no key of the trust file: nothing was signed": (
        "{0} no es clave del archivo de confianza: no se firmó nada"
    ),
    "list {} withholds {} documents": "la lista {0} retiene {1} documentos",
    "list {}, {} signatures missing": "lista {0}, faltan {1} firmas",
    "list {}: {} of {} signatures": "lista {0}: {1} de {2} firmas",
    "list {} is for another chain": "la lista {0} es de otra cadena",
    "a list with a number above {} expected, found {}": (
        "se espera una lista con un número mayor que {0}, se encontró {1}"
    ),
    "a number from 1 to {} expected": "se espera un número de 1 a {0}",
    "each hash once expected, in the order of their texts": "se espera cada huella una vez, en el orden de sus textos",
    "{} is withheld": "{0} está retenido",
    "the host withholds it": "el servidor lo retiene",
    "{} to {} bytes expected, found {}": "se esperan de {0} a {1} bytes, se encontraron {2}",
    "the proposal has no number of the chain yet": "la propuesta no tiene todavía número en la cadena",
    "the node gives other bytes as {}": "el nodo da otros bytes como {0}",
    "no JSON": "no hay JSON",
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
    "Send documents that the ledger names to a node, fetch them from one, and withhold them.": (
        "Envía a un nodo documentos que la cadena nombra, los trae de él, y los retiene."
    ),
    "The address of the node.": "La dirección del nodo.",
    "Documents: programmes, scopes, key statements, acts, and files of proposals.": (
        "Documentos: programas, alcances, declaraciones de claves, resoluciones, y archivos de propuestas."
    ),
    "Send documents to a node, which takes what a record of the ledger names by its SHA-256, and proposals of the council."
    "\n\nA list of withheld documents is sent in the same way. JSON is sent in its JCS form. Exit 1 where one is refused, 3 "
    "where the node could not tell.": (
        "Envía documentos a un nodo, que recibe lo que un registro de la cadena nombra por su SHA-256, y propuestas del "
        "consejo.\n\nUna lista de documentos retenidos se envía igual. El JSON se envía en su forma JCS. Termina con 1 si "
        "uno se rechaza, con 3 si el nodo no lo pudo decir."
    ),
    "The SHA-256 of a document, the number of a proposal, or `withheld`: the list of withheld documents.": (
        "El SHA-256 de un documento, el número de una propuesta, o `withheld`: la lista de documentos retenidos."
    ),
    "The list to write. It is not signed yet, and not written over.": (
        "La lista por escribir. Todavía no está firmada, y no se sobrescribe."
    ),
    "The SHA-256 of each document to withhold.": "El SHA-256 de cada documento por retener.",
    "The list in force. Without it, the new list is the first, with the number 1.": (
        "La lista que rige. Sin ella, la nueva es la primera, con el número 1."
    ),
    "A document that is no longer withheld.": "Un documento que deja de estar retenido.",
    "Write the next list of withheld documents: those of the last list, and these. It counts once enough signers sign it."
    "\n\nA node answers for a withheld document that it is withheld; mirrors and audits know it.": (
        "Escribe la siguiente lista de documentos retenidos: los de la última, y estos. Vale cuando la firman suficientes "
        "firmantes.\n\nUn nodo responde de un documento retenido que está retenido; los espejos y las auditorías lo saben."
    ),
    "The list of withheld documents. The signature is added to it.": (
        "La lista de documentos retenidos. La firma se le agrega."
    ),
    "Sign a list of withheld documents with a key of the trust file, after showing what it withholds.": (
        "Firma una lista de documentos retenidos con una clave del archivo de confianza, tras mostrar lo que retiene."
    ),
    "The file to write. It is not written over.": "El archivo por escribir. No se sobrescribe.",
    "The file to write the act of a proposal to. It is not written over.": (
        "El archivo en que se escribe la resolución de una propuesta. No se sobrescribe."
    ),
    "Fetch a document by its SHA-256, which is checked, or a proposal by its number, which is compared when it is used."
    "\n\nExit 1 where the node has none.": (
        "Trae un documento por su SHA-256, que se comprueba, o una propuesta por su número, que se compara al usarla."
        "\n\nTermina con 1 si el nodo no lo tiene."
    ),
    "Send the act's documents to this node, once the act is on the chain.": (
        "Envía los documentos del acto a este nodo, una vez que el acto está en la cadena."
    ),
}
