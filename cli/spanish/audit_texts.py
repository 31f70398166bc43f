"""Spanish forms of what the commands of an audit say: help, refusals, and the details of findings."""

from typing import Final

AUDIT_HELP_TEXTS: Final = {
    "An archive of `acredita audit export`, in the place of ledger and files. Nobody is asked.": (
        "Un archivo de `acredita audit export`, en lugar de la cadena y los archivos. No se consulta a nadie."
    ),
    "The archive to write. It is never written over.": "El archivo de auditoría que se escribe. Nunca reemplaza a otro.",
    "Write the whole public state of a registry into one file, with which it can be audited without a network.": (
        "Escribe todo el estado público de un registro en un solo archivo, con el que se audita sin red."
    ),
    "Write the whole public state of a registry into one file, with which it can be audited without a network.\n\n"
    "The registry is audited first. Exit codes are those of `acredita audit replay`; nothing is written where nothing could "
    "be replayed.": (
        "Escribe todo el estado público de un registro en un solo archivo, con el que se audita sin red.\n\n"
        "Antes se audita el registro. Los códigos de salida son los de `acredita audit replay`; no se escribe nada si "
        "nada se pudo reproducir."
    ),
    "The archive, as `acredita audit export` writes it.": (
        "El archivo de auditoría, como lo escribe `acredita audit export`."
    ),
    "The folder to make. It can be named as a mirror with --source.": (
        "La carpeta que se hace. Se puede nombrar como espejo con --source."
    ),
    "Check every byte of an archive, and unpack it into a folder with the layout of a public folder.": (
        "Comprueba cada byte de un archivo de auditoría y lo desempaca en una carpeta con la forma de una carpeta pública."
    ),
    "Check every byte of an archive, and unpack it into a folder with the layout of a public folder.\n\n"
    "Exit 3 for an archive of which a byte was changed: it is damaged, and accuses nobody.": (
        "Comprueba cada byte de un archivo de auditoría y lo desempaca en una carpeta con la forma de una carpeta pública."
        "\n\nTermina con 3 si se cambió un byte del archivo: está dañado y no acusa a nadie."
    ),
    "The time at which status lists and keys are judged, as 2026-01-15T18:00:00Z. Without it, the present.": (
        "El momento en que se juzgan las listas de estado y las claves, como 2026-01-15T18:00:00Z. Sin él, el presente."
    ),
    "Print only the findings of this code. The answer is the same.": (
        "Escribe solo los hallazgos de este código. La respuesta es la misma."
    ),
    "Print only the findings at this place. The answer is the same.": (
        "Escribe solo los hallazgos de este lugar. La respuesta es la misma."
    ),
    "Make the key of an auditor.": "Hace la clave de quien audita.",
    "Make the key of an auditor in a keystore of its own, and print its public part.": (
        "Hace la clave de quien audita en un almacén propio y escribe su parte pública."
    ),
    "The folder to write the report to. A report in it is not replaced.": (
        "La carpeta donde se escribe el informe. Un informe que ya esté ahí no se reemplaza."
    ),
    "The auditor's keystore, as `acredita audit key new` makes it.": (
        "El almacén de claves de quien audita, como lo hace `acredita audit key new`."
    ),
    "The registry's time zone, in which months and days are counted.": (
        "La zona horaria del registro, en la que se cuentan meses y días."
    ),
    "A folder of credentials with ../receipts/ beside it. With it the report states how long anchors took.": (
        "Una carpeta de credenciales con ../receipts/ al lado. Con ella el informe dice cuánto tardaron los anclajes."
    ),
    "Address of a node. The report states how far its index is. Repeat the option for more.": (
        "La dirección de un nodo. El informe dice hasta dónde llega su índice. Repita la opción para dar más."
    ),
    "Audit a registry and write a signed report: JSON, and pages as HTML and PDF in Spanish and English.": (
        "Audita un registro y escribe un informe firmado: JSON, y páginas en HTML y PDF, en español e inglés."
    ),
    "Audit a registry and write a signed report: JSON, and pages as HTML and PDF in Spanish and English.\n\n"
    "Exit codes are those of `acredita audit replay`. Nothing is written where nothing could be replayed.": (
        "Audita un registro y escribe un informe firmado: JSON, y páginas en HTML y PDF, en español e inglés.\n\n"
        "Los códigos de salida son los de `acredita audit replay`. No se escribe nada si nada se pudo reproducir."
    ),
    "The report: the file report.json.": "El informe: el archivo report.json.",
    "The auditor's public key, as the auditor told it.": "La clave pública de quien audita, como esa persona la dio.",
    "Verify that a report is unaltered, and that the auditor's key signed it.": (
        "Comprueba que un informe no se alteró y que lo firmó la clave de quien audita."
    ),
    "Verify that a report is unaltered, and that the auditor's key signed it.\n\n"
    "Exit 0 if the key of --key signed it, 1 if not or if it was altered, 3 without --key: a signature names nobody.": (
        "Comprueba que un informe no se alteró y que lo firmó la clave de quien audita.\n\n"
        "Termina con 0 si lo firmó la clave de --key, con 1 si no o si se alteró, con 3 sin --key: la firma sola no nombra a "
        "nadie."
    ),
}

AUDIT_TEXTS: Final = {
    "--archive takes the place of --rpc, --chain, --log and --source": (
        "--archive toma el lugar de --rpc, --chain, --log y --source"
    ),
    "the archive does not hold {}": "el archivo de auditoría no contiene {0}",
    "{}: the file changed while it was being archived": "{0}: el archivo cambió mientras se archivaba",
    "{}: its header is not the one that the manifest gives": "{0}: su encabezado no es el que da el manifiesto",
    "{}: the header of an archive's first file expected": "{0}: se espera el encabezado del primer archivo",
    "{}: zeros expected after it": "{0}: se esperan ceros después de él",
    "the end: two blocks of zeros and nothing after them expected": (
        "el final: se esperan dos bloques de ceros y nada después"
    ),
    "the archive is cut short": "el archivo de auditoría está cortado",
    "{}: the canonical form (JCS) expected": "{0}: se espera la forma canónica (JCS)",
    "{}: names in order, those of the ledger among them": "{0}: se esperan nombres en orden, con los de la cadena",
    "{}: at most {} files and {} bytes": "{0}: a lo más {1} archivos y {2} bytes",
    "{}: at most {} bytes expected": "{0}: se esperan a lo más {1} bytes",
    "{}: {} expected, {} found": "{0}: se espera {1}, se encontró {2}",
    "{}: the addresses of the four contracts expected": "{0}: se esperan las direcciones de los cuatro contratos",
    "{}: no record of a ledger ({})": "{0}: no es el registro de una cadena ({1})",
    "the report is signed by another key: {}": "el informe lo firmó otra clave: {0}",
    "the report is unaltered since this key signed it; --key compares the key with the auditor's": (
        "el informe no se ha alterado desde que lo firmó esta clave; --key compara la clave con la de quien audita"
    ),
    "{}: does not state how far its index is": "{0}: no dice hasta dónde llega su índice",
    "a document of the format {} expected": "se espera un documento del formato {0}",
    "a proof {} for {} with its time expected": "se espera una prueba {0} para {1} con su hora",
    "findings: a list of objects expected": "findings: se espera una lista de objetos",
    "outcome: agrees, differs or unknown expected": "outcome: se espera agrees, differs o unknown",
    "the outcome is better than the findings": "el resultado es mejor que los hallazgos",
    "the signature does not fit the document": "la firma no corresponde al documento",
    "signed_at": "firmado",
    "{} epoch {} number {}": "{0} época {1} número {2}",
    "{} epoch {} number {} entry {}": "{0} época {1} número {2} entrada {3}",
    "{} epoch {}": "{0} época {1}",
    "{} status list {}": "{0} lista de estado {1}",
    "{} key {}": "{0} clave {1}",
    "1 issued under programme version {}": "1 expedida con la versión de programa {0}",
    "{} issued under programme version {}": "{0} expedidas con la versión de programa {1}",
    "1 issued: never recognised": "1 expedida: nunca se reconoce",
    "{} issued: never recognised": "{0} expedidas: nunca se reconocen",
    "{} entries expected, fewer available": "se esperan {0} entradas, hay menos",
    "looked in {}": "se buscó en {0}",
    "the entries do not give the anchored root": "las entradas no dan la raíz anclada",
    "the entries do not give the anchored bits": "las entradas no dan los estados anclados",
    "the copy does not begin with the opening of this log": "la copia no comienza con la apertura de esta bitácora",
    "the copy is too short, and its entries give another root": (
        "la copia es demasiado corta y sus entradas dan otra raíz"
    ),
    "an opening entry must be the first entry": "una entrada de apertura debe ser la primera",
    "no document {}": "falta el documento {0}",
    "{} revoked, no published list available": "{0} revocadas, no hay una lista publicada",
    "its proof could not be checked": "su prueba no se pudo comprobar",
    "the list is another issuer's, or of another number": "la lista es de otra entidad, o de otro número",
    "signed by no key of the issuer that may sign it": "no la firmó ninguna clave de la entidad que pueda firmarla",
    "revoked on the chain, clear in the list of {}": "revocadas en la cadena, sin revocar en la lista del {0}",
    "set in the list of {}, in no entry": "marcadas en la lista del {0}, en ninguna entrada",
    "position {}": "posición {0}",
    "position {} and {} more": "posición {0} y {1} más",
    "the statement is of another key, or another statement": "la declaración es de otra clave, o es otra declaración",
    "account {} belongs to {}": "la cuenta {0} es de {1}",
}
