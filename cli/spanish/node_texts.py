"""Spanish forms of the sentences of a node's care: log and chain, mirrors, migration, keys, evidence, images."""

from typing import Final

NODE_TEXTS: Final = {
    # log and chain
    "chain id": "número de cadena",
    "chain id of the trust file": "número de cadena del archivo de confianza",
    "genesis of the trust file": "génesis del archivo de confianza",
    "code of the trust file's credential log": "código de la bitácora del archivo de confianza",
    "the chain has no block 0": "la cadena no tiene el bloque 0",
    "the ledger has no block 0": "la cadena no tiene el bloque 0",
    "the ledger has no block {} any more": "la cadena ya no tiene el bloque {0}",
    "the ledger lost block {} while it was being read": "la cadena perdió el bloque {0} mientras se leía",
    "the endpoint has no contract at the address of the credential log": (
        "el servidor no tiene ningún contrato en la dirección de la bitácora"
    ),
    "code of the credential log": "código de la bitácora",
    "the contract shows checkpoint {}, its own blocks hold {}": (
        "el contrato muestra el anclaje {0}, sus propios bloques tienen {1}"
    ),
    "epoch {}": "época {0}",
    "checkpoint {}": "anclaje {0}",
    "opening of epoch {}": "apertura de la época {0}",
    "receipt says {}, the contract does not agree": "el recibo dice {0}, el contrato no coincide",
    "the contract is at epoch {}, its events end at {}": "el contrato está en la época {0}, sus eventos terminan en {1}",
    "the contract shows epoch {}, its own blocks hold our epoch {}": (
        "el contrato muestra la época {0}, sus propios bloques tienen nuestra época {1}"
    ),
    "the endpoint's logs lack the opening of epoch {}": "en los registros del servidor falta la apertura de la época {0}",
    "nonce of the anchoring account": "número de transacción de la cuenta de anclaje",
    "this process only reads the database: no passphrase is configured": (
        "este proceso solo lee la base de datos: no hay frase de paso configurada"
    ),
    "the commit is on this server, but its synchronous standby has not confirmed it": (
        "el cambio está en este servidor, pero su réplica síncrona no lo ha confirmado"
    ),
    "database.url: the server is a standby; the primary expected": (
        "database.url: el servidor es una réplica; se espera el primario"
    ),
    "the server has {} = {}, so it may lose commits; on expected": (
        "el servidor tiene {0} = {1}, así que puede perder cambios confirmados; se espera on"
    ),
    "database.url: sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME expected, several hosts as ?host=A&host=B": (
        "database.url: se espera sqlite:///ARCHIVO o postgresql+psycopg://USUARIO@HOST/BASE; varios hosts como "
        "?host=A&host=B"
    ),
    "the driver of PostgreSQL is not installed: pip install 'acredita[postgres]'": (
        "el controlador de PostgreSQL no está instalado: pip install 'acredita[postgres]'"
    ),
    "every connection to the database is taken": "todas las conexiones a la base de datos están ocupadas",
    "schema {} expected, {} found": "se espera el esquema {0} y se encontró {1}",
    "fencing number {} is no longer the newest": "el número de guarda {0} ya no es el más nuevo",
    "transaction names {}, chain is {}": "la transacción nombra {0}, la cadena es {1}",
    "format is {}, expected {}": "el formato es {0}, se espera {1}",
    "{} is {} in this database; {} needs another name": "{0} es {1} en esta base de datos; {2} necesita otro nombre",
    "put the right chain back or, where it is gone for good: {}": (
        "ponga de vuelta la cadena correcta o, si se perdió para siempre: {0}"
    ),
    "if an old backup was restored: {}": "si se restauró un respaldo antiguo: {0}",
    # mirrors, backups, migration
    "{} is not one table": "{0} no es una tabla",
    "checkpoint {}: the event is not what the contract holds": "anclaje {0}: el evento no es lo que tiene el contrato",
    "checkpoint {} of this log is not the chain's": "el anclaje {0} de esta bitácora no es el de la cadena",
    "checkpoint {}: {} entries expected, {} found": "anclaje {0}: se esperan {1} entradas, se encontraron {2}",
    "checkpoint {}: the mirror's entries give another root": "anclaje {0}: las entradas del espejo dan otra raíz",
    "checkpoint {}: {}": "anclaje {0}: {1}",
    "another process has moved this log": "otro proceso movió esta bitácora",
    "{} does not name the chain that answers: put the authority's new trust file there, or deploy anew with --redeploy where "
    "one operator holds the authority's keys": (
        "{0} no nombra la cadena que responde: ponga ahí el nuevo archivo de confianza de la autoridad, o despliegue "
        "otra vez con --redeploy donde una sola persona tiene las claves de la autoridad"
    ),
    "the new registry does not know the anchoring account as ours": (
        "el registro nuevo no conoce la cuenta de anclaje como nuestra"
    ),
    "the stored list {} cannot be read: {}": "la lista guardada {0} no se puede leer: {1}",
    "the mirror has no entries {} to {}": "el espejo no tiene las entradas {0} a {1}",
    "{} for {}": "{0} para {1}",
    "a bundle whose entries are not {} bytes long": "un paquete cuyas entradas no miden {0} bytes",
    "{}: a bundle takes longer than {} s": "{0}: un paquete tarda más de {1} s",
    "a bundle of more than {} bytes": "un paquete de más de {0} bytes",
    "the old trust file names the next one's number: put it back first": (
        "el archivo de confianza anterior da el número del siguiente: póngalo de vuelta primero"
    ),
    "programme {} is not in documents/": "el programa {0} no está en documents/",
    "exactly one of blocks, validators expected, and of validators one set at least": (
        "se espera blocks o validators, uno de los dos, y de validators al menos un conjunto"
    ),
    # signing profiles and issuing
    "signing_profile {}: {} does not sign with {}": "signing_profile {0}: {1} no firma con {2}",
    "signing_profile {}: no institution {}": "signing_profile {0}: no existe la institución {1}",
    "context {}": "contexto {0}",
    "context {}: {}: {}": "contexto {0}: {1}: {2}",
    "signed by {}, not by {}": "firmada por {0}, no por {1}",
    "the issuer is another one": "la entidad emisora es otra",
    "the achievement is not the one the programme builds": "el logro no es el que da el programa",
    "a stored credential does not open under its own key": "una credencial guardada no se abre con su propia clave",
    # keys and DIDs
    "a DID has at most {} characters, found {}": "un DID tiene a lo más {0} caracteres, se encontraron {1}",
    "the fragment {} is not the key of {}": "el fragmento {0} no es la clave de {1}",
    "not a did:key: {}": "no es un did:key: {0}",
    "not a did:web in its one spelling, in lower-case ASCII: {}": (
        "no es un did:web en su única escritura, en ASCII minúsculo: {0}"
    ),
    "a did:key or did:web, in its one spelling": "un did:key o did:web, en su única escritura",
    "{}: not a point of the curve": "{0}: no es un punto de la curva",
    "the statement's signature is not by the key it names": "la declaración no está firmada por la clave que nombra",
    "the statement is for another chain, registry, issuer or purpose": (
        "la declaración es de otra cadena, registro, entidad o propósito"
    ),
    "{}: {} bytes expected for {}": "{0}: se esperan {1} bytes para {2}",
    "{}: not a private key of {}": "{0}: no es una clave privada de {1}",
    "{}: a key that is {} does not become {}": "{0}: una clave {1} no pasa a {2}",
    "{}: {} keys are {}, not {}": "{0}: las claves {1} son {2}, no {3}",
    "{}: a key for {} expected, this one is for {}": "{0}: se espera una clave para {1}, esta es para {2}",
    "unknown multicodec prefix {}": "prefijo multicodec desconocido {0}",
    "curve {} is not one of ours": "la curva {0} no es de las nuestras",
    "at most {} characters, found {}": "a lo más {0} caracteres, se encontraron {1}",
    "a base58btc value begins with z": "un valor base58btc empieza con z",
    "Ed25519: y is not reduced": "Ed25519: y no está reducida",
    "Ed25519: a point of small order signs anything": "Ed25519: un punto de orden pequeño firma cualquier cosa",
    "Ed25519: not a point of the curve": "Ed25519: no es un punto de la curva",
    "{}: a compressed point begins with 2 or 3": "{0}: un punto comprimido empieza con 2 o 3",
    "{} is not in the base58 alphabet": "{0} no está en el alfabeto base58",
    # images and carriers
    "neither an SVG image nor JSON": "no es una imagen SVG ni JSON",
    "neither its receipt nor its entry is at hand": "no están ni su comprobante ni su entrada",
    "{}: neither its receipt nor its entry is at hand": "{0}: no están ni su comprobante ni su entrada",
    "at most {} credentials in one document": "a lo más {0} credenciales en un documento",
    "at most {} chunks": "a lo más {0} fragmentos",
    "the image carries a credential already": "la imagen ya lleva una credencial",
    "a chunk is longer than the image": "un fragmento es más largo que la imagen",
    "a text chunk ends too early": "un fragmento de texto termina antes de tiempo",
    "at most {} bytes of credential": "a lo más {0} bytes de credencial",
    "IHDR expected as the first chunk": "se espera IHDR como primer fragmento",
    "a packed text chunk does not unpack": "un fragmento de texto empacado no se puede desempacar",
    "the svg tag does not end": "la etiqueta svg no termina",
    "at most {} elements": "a lo más {0} elementos",
    "an element inside the credential": "un elemento dentro de la credencial",
    "a body that was not asked to be packed is packed": "la respuesta viene empacada sin que se pidiera",
    # evidence
    "the ledger holds none of the blocks the trust file names": (
        "la cadena no tiene ninguno de los bloques que nombra el archivo de confianza"
    ),
    "the trust file knows no validators of block {}": "el archivo de confianza no tiene los validadores del bloque {0}",
    "block {} lacks seals of two thirds of its validators": "al bloque {0} le faltan sellos de dos tercios de validadores",
    "fewer than two thirds of {} validators sealed {}": "menos de dos tercios de {0} validadores sellaron {1}",
    "anchored after block {}, the one to be shown": "anclada después del bloque {0}, el que se muestra",
    "no log of {} up to the chain's head at hand": "no está la bitácora de {0} hasta el final de la cadena",
    "its answers prove nothing: {}: {}": "sus respuestas no prueban nada: {0}: {1}",
    "the trust file names no block within reach of {}": "el archivo de confianza no nombra ningún bloque cercano a {0}",
    "block {} is another one than the trust file names": "el bloque {0} es otro que el que nombra el archivo de confianza",
    "at most {} bytes expected, {} found": "se esperan a lo más {0} bytes, se encontraron {1}",
    "fixed, root, status root and previous word expected, 32 bytes each": (
        "se esperan fixed, raíz, raíz de estado y palabra anterior, de 32 bytes cada una"
    ),
    "beyond what a reader takes: {}": "más de lo que acepta un lector: {0}",
    "a record of {} is of no event this version knows": "un registro de {0} es de un evento que esta versión no conoce",
    "no {} at the address the trust file names": "no hay {0} en la dirección que nombra el archivo de confianza",
    "the code of {} is not the one the trust file pins": "el código de {0} no es el que fija el archivo de confianza",
    "no records of {}": "no hay registros de {0}",
    "{}: folded {}, stored {}": "{0}: da {1}, está guardado {2}",
    "the newest checkpoint in the bundle is not the one the head names": (
        "el anclaje más nuevo del paquete no es el que nombra la cabecera"
    ),
    "block {} does not follow block {}": "el bloque {0} no sigue al bloque {1}",
    "the trust file does not name block {} {}": "el archivo de confianza no nombra el bloque {0} {1}",
    "the ledger ends at block {}, block {} was seen before": "la cadena termina en el bloque {0}, antes se vio el bloque {1}",
    "the endpoint refuses the anchor ({}), but in its registry the issuer is active": (
        "el servidor rechaza el anclaje ({0}), pero en su registro la institución está activa"
    ),
    # endpoints of the chain
    "the endpoints do not agree about any block that enough of them have reached": (
        "los servidores no coinciden en ningún bloque al que hayan llegado los suficientes"
    ),
    "{} of {} endpoints answer, not alike": "{0} de {1} servidores responden, y no lo mismo",
    "{} endpoints answer, {} have to": "responden {0} servidores, deben responder {1}",
    "there is no endpoint": "no hay ningún servidor",
    "some endpoints refuse the call ({}), another accepts it": (
        "unos servidores rechazan la llamada ({0}), otro la acepta"
    ),
    "the receipt of a deployment names no contract": "el comprobante de una instalación no nombra ningún contrato",
    "the chain counted {} transactions of the account before and {} now: nothing was done": (
        "la cadena contaba antes {0} transacciones de la cuenta y ahora {1}: no se hizo nada"
    ),
    "the chain has {} blocks, {} are to lie on top": "la cadena tiene {0} bloques, encima debe haber {1}",
    "block {} below the head is not known": "no se conoce el bloque {0}, debajo del más nuevo",
    "the ledger ends at block {}, the trust file names block {}": (
        "la cadena termina en el bloque {0}, y el archivo de confianza nombra el bloque {1}"
    ),
    "block {} was final: {} was seen, {} is there now": ("el bloque {0} era definitivo: se vio {1}, y ahora está {2}"),
    "block {}: its header does not give its hash": "bloque {0}: su cabecera no da su huella",
    "block {}: {} expected, {} found": "bloque {0}: se espera {1}, se encontró {2}",
    "block {}: {}": "bloque {0}: {1}",
    "the logs of {} up to block {} are not whole: {} expected, {} found": (
        "los registros de {0} hasta el bloque {1} no están completos: se espera {2}, se encontró {3}"
    ),
    "the answer holds a log that was not requested": "la respuesta contiene un evento que no se pidió",
    "{} requests in a batch, {} answers": "{0} preguntas en un lote, {1} respuestas",
    "block {} requested, block {} answered": "se pidió el bloque {0}, se respondió el bloque {1}",
    "no contract of ours logs {} like this": "ningún contrato nuestro registra {0} de esta forma",
    "no contract of ours logs a programme in state {}": "ningún contrato nuestro registra un programa en el estado {0}",
    "blocks {} to {} take more than {} queries of {} blocks": (
        "los bloques {0} a {1} requieren más de {2} consultas de {3} bloques"
    ),
    "the answers of a batch do not have the ids of its questions, each once": (
        "las respuestas de un lote no tienen los ids de sus preguntas, cada uno una vez"
    ),
    "block {} has a log of an event this version does not know": (
        "el bloque {0} tiene el registro de un evento que esta versión no conoce"
    ),
    "unreadable log of block {}: {}": "registro ilegible del bloque {0}: {1}",
    "block {} has a log that is no record": "el bloque {0} tiene un registro que no es un asiento",
    "no invisible character expected; {} is number {}": (
        "se espera un texto sin caracteres invisibles; {0} es el número {1}"
    ),
    "the contracts stand at the old chain id and address: deploy them at another address": (
        "los contratos están en el id de cadena y la dirección de antes: instálelos en otra dirección"
    ),
}
