"""Spanish forms of the sentences with which commands end: arguments, configuration, keys, files, ledger, acts."""

from typing import Final

ERROR_TEXTS: Final = {
    "{} expected": "se espera {0}",
    "the name of a file expected": "se espera el nombre de un archivo",
    "http or https, a host and perhaps a path expected": "se espera http o https, un servidor y acaso una ruta",
    "http or https, a host and a path expected": "se espera http o https, un servidor y una ruta",
    "a folder or an http address expected": "se espera una carpeta o una dirección http",
    "{} expected, found {}": "se espera {0}, se encontró {1}",
    "{} expected, found two": "se espera {0}, se encontraron dos",
    "interrupted": "interrumpido",
    "internal error: {}; details in {}": "error interno: {0}; los detalles están en {1}",
    # arguments
    "either digests or --all expected": "se esperan digests o --all, una de las dos cosas",
    "either --out DIR, with or without --zip, or --links expected": "se espera --out CARPETA, con o sin --zip, o --links",
    "--learners {}: from {} to {} expected": "--learners {0}: se espera de {1} a {2}",
    "--allow {}: an address of 40 hex digits expected": "--allow {0}: se espera una dirección de 40 cifras hexadecimales",
    "an RFC 3339 time such as {} expected": "se espera un momento RFC 3339 como {0}",
    "a time with its zone expected, such as {}": "se espera un momento con su zona, como {0}",
    "a time within the years 1 to 9999 of UTC": "un momento entre los años 1 y 9999 de UTC",
    "a day or a moment": "un día o un momento",
    "a day YYYY-MM-DD": "un día AAAA-MM-DD",
    "a day YYYY-MM-DD that exists": "un día AAAA-MM-DD que exista",
    "keys retire: one KEY or --due expected": "keys retire: se espera una CLAVE o --due",
    "{}: stop the node before acting on keys, or give both a chain with ledger.rpc": (
        "{0}: detenga el nodo antes de actuar sobre claves, o dé a ambos una cadena con ledger.rpc"
    ),
    "--control and --control-passphrase-file: both or neither expected": (
        "--control y --control-passphrase-file: se esperan las dos o ninguna"
    ),
    "a duration such as 0, 90m, 72h or 7d": "una duración como 0, 90m, 72h o 7d",
    "one of {}": "uno de {0}",
    "the chain changed meanwhile, run it again: {}": "la cadena cambió mientras tanto, repita el comando: {0}",
    "--redeploy, --scope FILE and --until DAY go together": "--redeploy, --scope ARCHIVO y --until DÍA van juntas",
    "keys.passphrase_descriptor: a migration opens the keystores more than once; use a file": (
        "keys.passphrase_descriptor: una migración abre los almacenes de claves más de una vez; use un archivo"
    ),
    "the authority's keystore is not here": "aquí no está el almacén de claves de la autoridad",
    "{} printable characters": "{0} caracteres imprimibles",
    "at most {} printable characters": "a lo más {0} caracteres imprimibles",
    "no token of this node has this id": "ningún token de este nodo tiene ese id",
    "a digest of 64 hex digits or a credential file": "un digest de 64 cifras hexadecimales o un archivo de credencial",
    "{}: /issuer is {}, not {}": "{0}: /issuer es {1}, no {2}",
    "{}: stop the node before acting for the authority": "{0}: detenga el nodo antes de actuar por la autoridad",
    "{} is neither a key of this trust file nor of the last one: nothing was signed": (
        "{0} no es clave de este archivo de confianza ni del último: no se firmó nada"
    ),
    "the hash of this file is {}, another one was confirmed": "el hash de este archivo es {0}, se confirmó otro",
    "trust file {}: {}": "archivo de confianza {0}: {1}",
    "trust file {} of {}: {}": "archivo de confianza {0} de {1}: {2}",
    "compare this hash with the one that the authority tells, and give it as --fingerprint HASH": (
        "compare este hash con el que dice la autoridad, y délo como --fingerprint HASH"
    ),
    "not confirmed: nothing was changed": "sin confirmar: no se cambió nada",
    "--file needs --from: the mirrors of a file that is not pinned are not asked": (
        "--file necesita --from: a los espejos de un archivo que no está fijado no se les pregunta"
    ),
    "trust file {} ends {}: {}": "el archivo de confianza {0} vence el {1}: {2}",
    "trust file {} is the newest": "el archivo de confianza {0} es el más reciente",
    "the council records it: acredita council propose record-trust --trust-file {}": (
        "el consejo lo registra: acredita council propose record-trust --trust-file {0}"
    ),
    "the council recorded trust file {}, and none after {} was found": (
        "el consejo registró el archivo de confianza {0}, y no se encontró ninguno después del {1}"
    ),
    "trust file {} is {}, the council recorded {}": "el archivo de confianza {0} es {1}, el consejo registró {2}",
    "--fingerprint: the 64 hex digits of a trust file's hash expected": (
        "--fingerprint: se esperan los 64 dígitos hexadecimales del hash de un archivo de confianza"
    ),
    "--validator needs --since, a ledger (--rpc) and a chain whose last set of validators is open": (
        "--validator necesita --since, una cadena (--rpc) y que el último conjunto de validadores esté abierto"
    ),
    "--since: a height above {} expected": "--since: se espera una altura mayor que {0}",
    "{}: {} is not in the last trust file": "{0}: {1} no está en el último archivo de confianza",
    "the ledger has no block {}": "la cadena no tiene el bloque {0}",
    "trust file {} is not the one that the council recorded last": (
        "el archivo de confianza {0} no es el último que registró el consejo"
    ),
    "trust file {} is valid from {} to {}": "el archivo de confianza {0} vale de {1} a {2}",
    "no trust file is pinned: acredita trust pin FILE": (
        "no hay archivo de confianza fijado: acredita trust pin ARCHIVO"
    ),
    "--receipt belongs to one credential: name one file": "--receipt es de una credencial: nombre un solo archivo",
    "--identifier: text in the terminal's encoding expected": "--identifier: se espera texto como el de la terminal",
    # configuration
    "{}: unknown section {}": "{0}: sección desconocida {1}",
    "[[{}]] tables expected": "se esperan tablas [[{0}]]",
    "a table": "una tabla",
    "a text": "un texto",
    "true or false": "true o false",
    "a whole number": "un número entero",
    "a number": "un número",
    "a path": "una ruta",
    "{} is not there": "{0} no está",
    "a did:web, or nothing for the did:key of its first key": "un did:web, o nada para el did:key de su primera clave",
    "descriptor {}: {}": "descriptor {0}: {1}",
    "a list of texts": "una lista de textos",
    "a list of addresses, or of tables with url": "una lista de direcciones, o de tablas con url",
    "an http or https address": "una dirección http o https",
    "an address without user and password expected; use token_file": (
        "se espera una dirección sin usuario ni contraseña; ponga token_file"
    ),
    "{}: certificate and key: both or neither expected": "{0}: certificate y key: se esperan los dos o ninguno",
    "an https address expected with certificate, ca or token_file": (
        "con certificate, ca o token_file se espera una dirección https"
    ),
    "at least one endpoint": "al menos un servidor de la cadena",
    "one token of printable ASCII": "un solo token de ASCII imprimible",
    "a key without a passphrase": "una clave sin frase de contraseña",
    "PEM with certificates": "PEM con certificados",
    "PEM with a certificate, and its key in {}": "PEM con un certificado, y su clave en {0}",
    "ledger.depth: must be given with ledger.rpc, it belongs to the chain": (
        "ledger.depth: es obligatorio con ledger.rpc, porque depende de la cadena"
    ),
    "ledger.agree: 1 to {} expected, the number of endpoints": "ledger.agree: se espera de 1 a {0}, el número de servidores",
    "anchoring.min_batch: 1 to anchoring.max_batch expected": "anchoring.min_batch: se espera de 1 a anchoring.max_batch",
    "each name once": "cada nombre una vez",
    "both or neither": "los dos o ninguno",
    "node.tls_certificate and node.tls_key": "node.tls_certificate y node.tls_key",
    "at most {} bytes": "a lo más {0} bytes",
    "no TOML file: {}": "no es un archivo TOML: {0}",
    "no such setting": "no existe ese ajuste",
    "must be given": "es obligatorio",
    "no institution {} in the configuration": "la configuración no tiene la institución {0}",
    "no institution {} in the configuration, which has {}": "la configuración no tiene la institución {0}; tiene {1}",
    "open is for policy any on a loopback address (node.host) only": (
        "open es solo para la política any en una dirección local (node.host)"
    ),
    "binding relaxed is for open profiles only": "binding relaxed es solo para perfiles open",
    "institution: must be given with policy programme": "institution: es obligatorio con la política programme",
    "keystore and status are the institution's with policy programme": (
        "con la política programme, keystore y status son los de la institución"
    ),
    "keystore: one of its own expected, this one is an institution's": (
        "keystore: se espera uno propio, este es de una institución"
    ),
    "keystore: must be given, a key in memory is for open profiles only": (
        "keystore: es obligatorio, una clave en memoria es solo para perfiles open"
    ),
    # setting a node up
    "1 to 40 of a-z, 0-9 and -, as they stand in routes and file names": (
        "de 1 a 40 de a-z, 0-9 y -, como aparecen en rutas y nombres de archivo"
    ),
    "one line of printable text": "una línea de texto imprimible",
    "a power of two from {} to {}": "una potencia de dos de {0} a {1}",
    "--proposal or --node expected: the chain has only the proposal's hash": (
        "se espera --proposal o --node: la cadena solo tiene el hash de la propuesta"
    ),
    "--act or --node expected: the chain has only the act's hash": (
        "se espera --act o --node: la cadena solo tiene el hash de la resolución"
    ),
    "exists already, and is not written over": "ya existe, y no se escribe encima",
    "{}: exists already, and is not written over": "{0}: ya existe, y no se escribe encima",
    "host[:port][/path] in lower case: {}": "servidor[:puerto][/ruta] en minúsculas: {0}",
    # passphrase and keystore
    "read-only: no passphrase is configured ([keys]), so nothing can be signed": (
        "solo lectura: no hay frase de contraseña configurada ([keys]), así que no se puede firmar nada"
    ),
    "keys.passphrase_credential is set, but systemd has named no credentials directory": (
        "keys.passphrase_credential está puesto, pero systemd no nombró ninguna carpeta de credenciales"
    ),
    "the name of a systemd credential expected, without a path": (
        "se espera el nombre de una credencial de systemd, sin ruta"
    ),
    "a regular file": "un archivo normal",
    "mode 0600 expected, found {}": "se espera el modo 0600, se encontró {0}",
    "a file of this user": "un archivo de este usuario",
    "{} to {} bytes": "de {0} a {1} bytes",
    "{}: wrong passphrase, or the file was altered": "{0}: frase de contraseña equivocada, o el archivo fue alterado",
    "{}: not a keystore": "{0}: no es un almacén de claves",
    "{}: not a keystore of format {}": "{0}: no es un almacén de claves del formato {1}",
    "an empty passphrase protects nothing": "una frase de contraseña vacía no protege nada",
    "{}: sealed anew under another passphrase; open it again": "{0}: se selló de nuevo con otra frase; ábralo otra vez",
    "{}; restart the node with the passphrase it has now": "{0}; reinicie el nodo con la frase que tiene ahora",
    "{}: no such key in {}": "{0}: no existe esa clave en {1}",
    "{}: changed by another program; open it again": "{0}: lo cambió otro programa; ábralo otra vez",
    "a name not yet in the keystore": "un nombre que no esté en el almacén de claves",
    # keys
    "{}: no assertion or note key and no anchoring account of this name": (
        "{0}: ninguna clave de firma o de notas, ni cuenta de anclaje, tiene ese nombre"
    ),
    "the registry's control account is 0x{}, this one 0x{}": "la cuenta de control del registro es 0x{0}, esta es 0x{1}",
    "{}: not in the registry; `keys rotate` goes on with it": "{0}: no está en el registro; `keys rotate` continúa con ella",
    "a compromise is dated no later than now": "la fecha del compromiso no es posterior a ahora",
    "{}: the registry has no such mark": "{0}: el registro no tiene esa marca",
    "{}: no other {} key is in force; rotate first": "{0}: no hay otra clave {1} vigente; renueve primero",
    "{}: a transaction of this account is on its way": "{0}: una transacción de esta cuenta está en camino",
    "{}: {} credentials signed with it wait for their anchor": "{0}: {1} credenciales firmadas con ella esperan su anclaje",
    "a did:key is its key: an institution that rotates has a did:web": (
        "un did:key es su clave: una institución que renueva claves tiene un did:web"
    ),
    "{}: ended, and no {} key has followed it": "{0}: terminada, y ninguna clave {1} la siguió",
    "{}: compromised, and no {} key has followed it": "{0}: comprometida, y ninguna clave {1} la siguió",
    "no key of this purpose is in use": "no hay clave en uso con ese propósito",
    "{} signs with {}, not {}": "{0} firma con {1}, no con {2}",
    "signed with a key that holds no more: issue it again with the key in force": (
        "firmada con una clave que ya no vale: expídala de nuevo con la clave vigente"
    ),
    # issuing and status
    "{}: the programme is refused:{}": "{0}: el programa se rechaza:{1}",
    "the programme cannot be issued now": "el programa no se puede expedir ahora",
    "the programme belongs to {}": "el programa pertenece a {0}",
    "the programme belongs to another institution": "el programa pertenece a otra institución",
    "the registry does not know the institution": "el registro no conoce a la institución",
    "the registry does not know this institution": "el registro no conoce esta institución",
    "the institution is {}": "la institución está {0}",
    "its accreditor {} is {}": "su acreditadora {0} está {1}",
    "its accreditor {} is {} by the record of {}, made by {}, act {}": (
        "su acreditadora {0} está {1} por el registro del {2}, de {3}, resolución {4}"
    ),
    "not entitled to accredit": "sin derecho de acreditar",
    "accredited until {}": "acreditada hasta el {0}",
    "accredited no more since {}": "sin acreditación vigente desde el {0}",
    "suspended at once until {}": "suspendida de inmediato hasta el {0}",
    "the council {}": "el consejo {0}",
    "the institution is {} by the record of {}, made by {}, act {}": (
        "la institución está {0} según el registro de {1}, hecho por {2}, acto {3}"
    ),
    "the programme version is {}": "la versión del programa está {0}",
    "outside the institution's scope": "fuera del alcance de la institución",
    "unknown": "desconocida",
    "active": "activa",
    "suspended": "suspendida",
    "expired": "vencida",
    "revoked": "revocada",
    "approved": "aprobada",
    "withdrawn": "retirada",
    "superseded": "sustituida",
    "submitted": "presentada",
    "reviewed": "revisada",
    "applied": "en solicitud",
    "qa attested": "con calidad interna declarada",
    "rejected": "rechazada",
    "other writers keep drawing the same status positions": "otros procesos toman las mismas posiciones de estado",
    "{} credentials wait for their anchor; at most {} may": "{0} credenciales esperan su anclaje; a lo más pueden {1}",
    "a revoked credential stays revoked": "una credencial revocada queda revocada",
    "a revoked credential cannot be corrected": "una credencial revocada no se puede corregir",
    "this node has no such credential of the institution": "este nodo no tiene esa credencial de la institución",
    "the credential was issued under another programme version": (
        "la credencial se expidió con otra versión del programa"
    ),
    "the credential breaks the profile's schema": "la credencial no cumple el esquema del perfil",
    "resultado: {} expected": "resultado: se espera {0}",
    "a process that signs was ended or did not start; what is stored stays, run it again and it goes on from there": (
        "un proceso que firma terminó o no empezó; lo guardado queda, repita el comando y continúa desde ahí"
    ),
    # delivery
    "1 to {} days expected": "se esperan de 1 a {0} días",
    "the programme's document is not at hand": "no está el documento del programa",
    "only a credential in force is delivered": "solo se entrega una credencial vigente",
    "delivered once it is anchored": "se entrega cuando esté anclada",
    "{} delivered, {} left out": "{0} entregadas, {1} no entregadas",
    # verification
    "no --trust and nothing pinned": "no se dio --trust y no hay nada fijado",
    "no --rpc, no --chain and no readable chain/ beside the trust file": (
        "no hay --rpc, ni --chain, ni una chain/ legible junto al archivo de confianza"
    ),
    "{}: its anchor receipt is not at hand": "{0}: no está su comprobante de anclaje",
    "its receipt": "su comprobante",
    "not a pin of this program": "no es lo que fija este programa",
    "no credential in this file": "este archivo no contiene ninguna credencial",
    "no {} in this file": "no hay {0} en este archivo",
    "one {} expected, found two": "se espera {0}, se encontraron dos",
    "at most {} bytes unpacked": "a lo más {0} bytes desempacados",
    "at most {} bytes attached": "a lo más {0} bytes adjuntos",
    "at most {} files in one": "a lo más {0} archivos en uno",
    "a ZIP archive that can be read": "un archivo ZIP legible",
    "entries without a password, stored or deflated, expected": "se esperan entradas sin contraseña",
    "a PDF that can be read without mending it": "un PDF legible sin repararlo",
    "no Open Badges 3.0 credential in this image": "no hay credencial Open Badges 3.0 en esta imagen",
    "a PNG": "un PNG",
    "an SVG": "un SVG",
    "an SVG in UTF-8 expected: line {}": "se espera un SVG en UTF-8; la falla está en la línea {0}",
    "an SVG in UTF-8": "un SVG en UTF-8",
    "an SVG whose document type declares nothing": "un SVG cuyo tipo de documento no declare nada",
    "at most {} bytes of image, found {}": "a lo más {0} bytes de imagen, se encontraron {1}",
    "a text chunk in the form of PNG 11.3.3.4": "un fragmento de texto en la forma de PNG 11.3.3.4",
    "a credential as attribute or as text expected, found both": (
        "se espera una credencial como atributo o como texto, se encontraron ambas"
    ),
    "entries stored or deflated expected, found one with a password": (
        "se esperan entradas sin contraseña, se encontró una con contraseña"
    ),
    "entries stored or deflated expected, found one packed by {}": (
        "se esperan entradas sin empacar o con Deflate, se encontró una empacada con {0}"
    ),
    "at most {} bytes of a stream unpacked": "a lo más {0} bytes de un flujo desempacado",
    "a verifiable credential or presentation": "una credencial o presentación verificable",
    "the image ends before IEND": "la imagen termina antes de IEND",
    "the checksum of a chunk does not fit": "la suma de un fragmento no coincide",
    # faults of programme and scope documents
    "required here": "obligatorio aquí",
    "a key that the format does not have": "el formato no tiene esa clave",
    "none of the allowed forms, or more than one": "ninguna de las formas permitidas, o más de una",
    "nested deeper than {}": "más niveles que {0}",
    "control characters and lone surrogates are not allowed": "no se permiten caracteres de control ni medios caracteres",
    "a key with control characters": "una clave con caracteres de control",
    "attendance may not be the only assessment": "la asistencia no puede ser la única evaluación",
    "type and uri name different terms": "type y uri nombran términos distintos",
    "each level once": "cada nivel una vez",
    "one of the levels of the scale": "uno de los niveles de la escala",
    "each outcome has an id of its own": "cada resultado de aprendizaje tiene su propio id",
    "const: {}": "solo {0}",
    "enum: {}": "uno de {0}",
    "type: {}": "del tipo {0}",
    "pattern: {}": "con la forma {0}",
    "minLength: 1": "al menos un carácter",
    "minItems: 1": "al menos un elemento",
    "maxItems: 1": "a lo más un elemento",
    "minLength: {}": "al menos {0} caracteres",
    "maxLength: {}": "a lo más {0} caracteres",
    "minItems: {}": "al menos {0} elementos",
    "maxItems: {}": "a lo más {0} elementos",
    "minimum: {}": "al menos {0}",
    "maximum: {}": "a lo más {0}",
    # JSON and other files
    "{} at {}: {}": "{0} en {1}: {2}",
    "(document)": "(documento)",
    "{} at {}: Expecting value: line {} column {} (char {})": (
        "{0} en {1}: se espera un valor en la línea {2}, columna {3}"
    ),
    "{} at {}: Extra data: line {} column {} (char {})": "{0} en {1}: sobran datos desde la línea {2}, columna {3}",
    "{} at {}: Unexpected UTF-8 BOM (decode using utf-8-sig): line {} column {} (char {})": (
        "{0} en {1}: se espera a lo más una marca de orden de bytes"
    ),
    "Expecting value: line {} column {} (char {})": "se espera un valor en la línea {0}, columna {1}",
    "Expecting property name enclosed in double quotes: line {} column {} (char {})": (
        "se espera una clave entre comillas en la línea {0}, columna {1}"
    ),
    "Expecting ',' delimiter: line {} column {} (char {})": "se espera una coma en la línea {0}, columna {1}",
    "Expecting ':' delimiter: line {} column {} (char {})": "se esperan dos puntos en la línea {0}, columna {1}",
    "Extra data: line {} column {} (char {})": "sobran datos desde la línea {0}, columna {1}",
    "Unterminated string starting at: line {} column {} (char {})": (
        "un texto sin cerrar empieza en la línea {0}, columna {1}"
    ),
    "{} is not JSON": "{0} no es JSON",
    "at most {} bytes, found {}": "a lo más {0} bytes, se encontraron {1}",
    "at most {} levels of nesting": "a lo más {0} niveles",
    "the key occurs twice in one object": "la clave aparece dos veces en un objeto",
    "byte {} is not UTF-8": "el byte {0} no está en UTF-8",
    "a lone surrogate is not a character": "medio carácter no es un carácter",
    "null says nothing that leaving the key out does not": "null no dice más que omitir la clave",
    "a string": "un texto",
    "an object": "un objeto",
    "deployment: {}; draft: {}; sha256: {}": "despliegue: {0}; borrador: {1}; sha256: {2}",
    "draft: {}; sha256: {}": "borrador: {0}; sha256: {1}",
    "template: {}": "plantilla: {0}",
    "valid: {}; sha256: {}": "válido: {0}; sha256: {1}",
    "valid: {}; sha256: {}; file: {}": "válido: {0}; sha256: {1}; archivo: {2}",
    "signed: {}; missing: {}": "firmado: {0}; firmas que faltan: {1}",
    "an address or a file expected, found nothing": "se espera una dirección o un archivo, no se encontró nada",
    "no such key in this format": "este formato no tiene esa clave",
    "{}: no such key in this format": "{0}: este formato no tiene esa clave",
    "/format": "/format",
    "trust file": "archivo de confianza",
    "trust file {}: {} of {} signatures": "archivo de confianza {0}: {1} de {2} firmas",
    "trust file {}: {} of {} signatures by the keys of {}": (
        "archivo de confianza {0}: {1} de {2} firmas de las claves del {3}"
    ),
    "trust file {} is older than {}, already seen": "el archivo de confianza {0} es anterior al {1}, ya visto",
    "trust file {} expected after {}, found {}": "después del archivo de confianza {1} se espera el {0}, se encontró el {2}",
    "trust file {} names another chain, genesis or contracts": (
        "el archivo de confianza {0} nombra otra cadena, otro génesis u otros contratos"
    ),
    "two trust files have number {}: {} and {}": "dos archivos de confianza llevan el número {0}: {1} y {2}",
    "{}: the signature does not fit its key": "{0}: la firma no corresponde a su clave",
    "a number of at least 1 expected": "se espera un número de al menos 1",
    'a name by language expected, "es" among them': 'se espera un nombre por idioma, entre ellos "es"',
    "1 to {} visible characters expected": "se esperan de 1 a {0} caracteres visibles",
    "an address that begins with {}:// expected, without credentials, query or fragment": (
        "se espera una dirección que comience con {0}://, sin credenciales, consulta ni fragmento"
    ),
    "each address once expected": "se espera cada dirección una vez",
    "1 to 64 lower-case letters and underscores expected": "se esperan de 1 a 64 letras minúsculas y guiones bajos",
    "one key at least expected, each once, in the order of their texts": (
        "se espera al menos una clave, cada una una vez, en el orden de sus textos"
    ),
    "each key once expected, in the order of their texts": "se espera cada clave una vez, en el orden de sus textos",
    "an Ed25519 Multikey expected": "se espera una Multikey Ed25519",
    "a number from {} to the {} keys expected": "se espera un número de {0} hasta las {1} claves",
    "at most {} characters expected": "se esperan a lo más {0} caracteres",
    "seconds from {} to {} expected": "se esperan de {0} a {1} segundos",
    "block {} with the hash that ends its interval expected": (
        "se espera el bloque {0} con el hash que cierra su intervalo"
    ),
    "a later time for each later last block expected": "se espera una hora posterior para cada último bloque posterior",
    "each block once expected": "se espera cada bloque una vez",
    "a height after the set before expected": "se espera una altura posterior a la del conjunto anterior",
    "one set of validators at least expected": "se espera al menos un conjunto de validadores",
    "one validator at least, each once, expected": "se espera al menos un validador, cada uno una vez",
    "a height not before the first expected": "se espera una altura no anterior a la primera",
    '"qbft" or "development" expected': 'se espera "qbft" o "development"',
    "at most 90 days after issued": "a lo más 90 días después de issued",
    # storage, backup, migration
    "an empty database expected, {} has rows": "se espera una base de datos vacía, {0} tiene filas",
    "{}: a new folder expected": "{0}: se espera una carpeta nueva",
    "{}: no manifest of a backup": "{0}: no tiene el manifiesto de un respaldo",
    "data keys of {} or later expected, found {}": "se esperan claves de datos de {0} o posteriores, se encontraron de {1}",
    "{} rows as of {}": "{0} filas al {1}",
    "another process writes for this institution": "otro proceso escribe por esta institución",
    "another process writes for this institution: stop it first": (
        "otro proceso escribe por esta institución: deténgalo primero"
    ),
    "a transaction is in flight: anchor first": "hay una transacción en camino: ancle primero",
    "the institution is not registered in this database": "la institución no está en esta base de datos",
    "the chain of this log answers: there is nothing to migrate": "la cadena de esta bitácora responde: nada que migrar",
    "this log is tied to {}, not to --from": "esta bitácora está atada a {0}, no a --from",
    "the chain that answers is {}, not --to": "la cadena que responde es {0}, no --to",
    "the institution is not accredited on the new chain": "la institución no está acreditada en la cadena nueva",
    "--redeploy is for the embedded chain; elsewhere the authority deploys": (
        "--redeploy es para la cadena incluida; en otra despliega la autoridad"
    ),
    # ledger
    "this node has no ledger": "este nodo no tiene cadena",
    "the ledger at hand is not the chain the trust file pins": "la cadena no es la que fija el archivo de confianza",
    "a contract's code is not the one the trust file pins": (
        "el código de un contrato no es el que fija el archivo de confianza"
    ),
    "the ledger's events and its storage disagree": "los eventos de la cadena y su almacenamiento no coinciden",
    "the chain began after the moment asked about": "la cadena empezó después del momento por el que se pregunta",
    "the chain has no block": "la cadena no tiene bloques",
    "this chain was opened read-only": "esta cadena se abrió en solo lectura",
    "the chain ends at block {}, below our block {}": "la cadena termina en el bloque {0}, antes de nuestro bloque {1}",
    "the chain counts {} transactions of our account, {} are confirmed": (
        "la cadena cuenta {0} transacciones de nuestra cuenta, {1} están confirmadas"
    ),
    "unreadable answer from {}: {}": "respuesta ilegible de {0}: {1}",
    "no JSON-RPC answer": "no hay respuesta JSON-RPC",
    "the mirror does not answer": "el espejo no responde",
    # acts and progress
    "listening on {}, chain id {}": "escucha en {0}, número de cadena {1}",
    "revoked: {}; changed: {}; anchoring: {}": "revocada: {0}; cambió: {1}; anclaje: {2}",
    "suspended: {}; changed: {}; anchoring: {}": "suspendida: {0}; cambió: {1}; anclaje: {2}",
    "reinstated: {}; changed: {}; anchoring: {}": "restituida: {0}; cambió: {1}; anclaje: {2}",
    "corrected: {}; anchoring: {}": "corregida: {0}; anclaje: {1}",
    "forgotten: {}; known: {}; in_backup_keys: {}": "olvidada: {0}; conocida: {1}; en las claves de respaldo: {2}",
    "True": "sí",
    "False": "no",
    "None": "–",
    "no log yet": "aún sin bitácora",
    "epoch {}, {} entries": "época {0}, {1} entradas",
    "{} waiting": "{0} en espera",
    "{} waiting, the oldest for {} s": "{0} en espera, la más antigua desde hace {1} s",
    "{} refused": "{0} rechazadas",
    "STOPPED since {}": "DETENIDA desde {0}",
    "run {}": "ejecute {0}",
    "key": "clave",
    "number": "número",
    "issued": "emitido",
    "expires": "vence",
    "chain_id": "número de cadena",
    "genesis": "génesis",
    "credential_log": "bitácora en cadena",
    "blocks": "bloques",
    "validator_sets": "grupos validadores",
    "authority": "autoridad",
    "kind": "tipo de cadena",
    "sources": "espejos",
    "keys": "claves",
    "threshold": "firmas necesarias",
    "signed_by": "firmado por",
    "active until {}: {} ({})": "activa hasta {0}: {1} ({2})",
    "approved: {}": "aprobado: {0}",
    "until the end of {} in {}, {}": "hasta el final del {0} en {1}, {2}",
    "a time zone such as {}": "una zona horaria como {0}",
    "a time zone from UTC-11 to UTC+11": "una zona horaria de UTC-11 a UTC+11",
    "{} bytes": "{0} bytes",
    "another process is at work on the index": "otro proceso trabaja en el índice",
    "block": "bloque",
    "as_of": "al",
    "events": "eventos",
    "state_hash": "hash del estado",
    "since": "desde",
    "head": "último bloque de la cadena",
}
