"""Spanish forms of the sentences by which a node is made and joins a chain."""

from typing import Final

FOUNDING_TEXTS: Final = {
    # the options of a new node
    "made {}; next: {}": "se hizo {0}; sigue: {1}",
    "{}: must be given where nobody can be asked": "{0}: es obligatorio donde no se puede preguntar a nadie",
    "{}: not an option of a node of role {}": "{0}: no es una opción de un nodo de tipo {1}",
    "--did-web or --did-key expected, one of the two": "se espera --did-web o --did-key, una de las dos",
    "--depth goes with --rpc": "--depth va con --rpc",
    "--did-web HOST or --did-key expected: no did:web can be read at {}": (
        "se espera --did-web HOST o --did-key: en {0} no se puede leer ningún did:web"
    ),
    "an address as https://nodo.example expected: http or https, a host in ASCII, no user, no query": (
        "se espera una dirección como https://nodo.example: http o https, un host en ASCII, sin usuario ni consulta"
    ),
    "a number from 1 to 4 expected": "se espera un número de 1 a 4",
    "the file with the keystores' passphrase expected": (
        "se espera el archivo con la frase de contraseña de los almacenes de claves"
    ),
    "no endpoint is configured: set ledger.rpc, and run acredita node join": (
        "no hay ningún servidor de la cadena configurado: ponga ledger.rpc y ejecute acredita node join"
    ),
    # joining a chain
    "bound by trust file {} of {}: {}": "unido por el archivo de confianza {0} de {1}: {2}",
    "--trust URL|FILE expected: this node is not bound to a chain yet": (
        "se espera --trust URL|ARCHIVO: este nodo aún no está unido a ninguna cadena"
    ),
    "{}: ledger.rpc: must be given before a node joins a chain; the file has examples": (
        "{0}: ledger.rpc: es obligatorio antes de que un nodo se una a una cadena; el archivo tiene ejemplos"
    ),
    "{}: [keys]: the passphrase of the institution's keys must be given": (
        "{0}: [keys]: es obligatoria la frase de contraseña de las claves de la institución"
    ),
    "{}: no trust file is there": "{0}: ahí no hay ningún archivo de confianza",
    "the log of {} is tied to chain {}, genesis {}, contract {}": (
        "la bitácora de {0} está unida a la cadena {1}, génesis {2}, contrato {3}"
    ),
    "the council recorded another trust file {}, says the endpoint": (
        "el consejo registró otro archivo de confianza {0}, según el servidor"
    ),
    "institution {}: base: an address that begins with https:// or http:// expected": (
        "institution {0}: base: se espera una dirección que empiece con https:// o http://"
    ),
    "the trust file {} does not count": "el archivo de confianza {0} no cuenta",
    # the address of a node
    "credentials of {} name {}, the configuration {}: set it back, or add {} to institution.former_bases": (
        "las credenciales de {0} nombran {1}, la configuración {2}: póngala como estaba, o añada {3} a "
        "institution.former_bases"
    ),
    "another process issues under {}, this one under {}": "otro proceso expide con {0}, este con {1}",
    "this node has no institution: it serves what others publish, and issues nothing": (
        "este nodo no tiene institución: sirve lo que otros publican y no emite nada"
    ),
    "{} is a loopback address: nobody else reaches it, and credentials name it for ever": (
        "{0} es una dirección de esta misma máquina: nadie más llega a ella, y las credenciales la nombran para siempre"
    ),
    "{} is an address of one network: nobody outside reaches it, and credentials name it for ever": (
        "{0} es una dirección de una sola red: nadie llega a ella desde fuera, y las credenciales la nombran para siempre"
    ),
    "{} is not https: others do not read status lists and DID documents there": (
        "{0} no es https: otros no leen ahí listas de estado ni documentos DID"
    ),
}
