"""Spanish forms of the rules that an answer with proof, or an evidence bundle, is checked by."""

from typing import Final

PROOF_TEXTS: Final = {
    "--subject {}: a DID or 64 lower-case hex digits expected": (
        "--subject {0}: se espera un DID o 64 cifras hexadecimales en minúscula"
    ),
    "--owner {}: a DID or 64 lower-case hex digits expected": (
        "--owner {0}: se espera un DID o 64 cifras hexadecimales en minúscula"
    ),
    "the answer is about {}": "la respuesta trata de {0}",
    "the answer is about a version that {} submitted": "la respuesta trata de una versión que presentó {0}",
    "the answer is about an issuer": "la respuesta trata de una entidad",
    # the answer and its records
    "the records give another answer than the one in the file": "los registros dan otra respuesta que la del archivo",
    "{}: the question needs no such records": "{0}: la pregunta no necesita esos registros",
    "{}: folded {}, stored {}": "{0}: los registros dan {1}, la cadena guarda {2}",
    "a record of {} is of no event this version knows": "un registro de {0} no es de ningún evento que esta versión conozca",
    "/question/at: a moment up to the time of the block expected": (
        "/question/at: se espera un momento hasta el tiempo del bloque"
    ),
    "/question/owner: missing": "/question/owner: falta",
    "/documents: each once expected, in the order of their digests": (
        "/documents: se espera cada uno una vez, en el orden de sus digests"
    ),
    "/documents: a document that no record names": "/documents: un documento que ningún registro nombra",
    "/nodes: those that the proof rests on expected, once each, in order": (
        "/nodes: se esperan aquellos en que se apoya la prueba, una vez cada uno, en orden"
    ),
    "an object of at most {} subjects expected": "se espera un objeto de a lo más {0} sujetos",
    # the block
    "the proof is of block {}, the trust file names block {}": (
        "la prueba es del bloque {0}, el archivo de confianza nombra el bloque {1}"
    ),
    "the block is of {}, before the moment": "el bloque es del {0}, antes de ese momento",
    "the block is of {}": "el bloque es del {0}",
    "by the clock a state has ended since the block": "según el reloj, un estado terminó después del bloque",
    "as of {} seconds ago, at most {} allowed": "de hace {0} segundos, se admiten a lo más {1}",
    "block {} does not follow block {}": "el bloque {0} no sigue al bloque {1}",
    "the trust file knows no validators of block {}": "el archivo de confianza no conoce validadores del bloque {0}",
    "fewer than two thirds of {} validators sealed {}": "menos de dos tercios de {0} validadores sellaron {1}",
    # the state
    "no {} at the address the trust file names": "no hay {0} en la dirección que nombra el archivo de confianza",
    "the code of {} is not the one the trust file pins": "el código de {0} no es el que fija el archivo de confianza",
    "node {} is not among the nodes": "el nodo {0} no está entre los nodos",
    "a slot that holds zero is not in the trie": "una casilla con cero no está en el árbol",
    "a reference to a node is a hash": "una referencia a un nodo es un hash",
    "a header of more than {} bytes": "una cabecera de más de {0} bytes",
    "a header of {} items": "una cabecera de {0} elementos",
    "at most {} nodes of {} bytes expected": "se esperan a lo más {0} nodos de {1} bytes",
    "an account of {} items": "una cuenta de {0} elementos",
    "an extension without a path": "una extensión sin camino",
    "no way through a trie node of {} items": "no hay camino por un nodo de {0} elementos",
    "a malformed path in a trie node": "un camino mal formado en un nodo del árbol",
    "a list expected in RLP": "se espera una lista en RLP",
    "bytes after an RLP item": "hay bytes después de un elemento RLP",
    "RLP ends early": "el RLP termina antes de tiempo",
    "malformed RLP": "RLP mal formado",
    "a string expected in RLP, not a list": "se espera una cadena en RLP, no una lista",
    "{} bytes expected, {} found": "se esperan {0} bytes, se encontraron {1}",
    "a number has at most 32 bytes and no leading zeros": "un número tiene a lo más 32 bytes y ningún cero al principio",
    "at most {} seals expected": "se esperan a lo más {0} sellos",
    "extraData of QBFT expected: vanity, validators, vote, round, seals": (
        "se espera extraData de QBFT: vanity, validators, vote, round, seals"
    ),
    "a seal of {} bytes expected": "se espera un sello de {0} bytes",
    "a seal that no key made": "un sello que ninguna clave hizo",
}
