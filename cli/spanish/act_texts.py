"""Spanish forms of the sentences about accounts, acts, proposals and signatures, and of the contracts' refusals."""

from typing import Final

from acredita.registry.acts.reason_words import REASON_TEXTS

ACT_TEXTS: Final = {
    "{}: the control account does this on its machine, then run this command again: acredita institution {} --did {}": (
        "{0}: la cuenta de control hace esto en su máquina, y después se repite este comando: "
        "acredita institution {1} --did {2}"
    ),
    "--account-address or --consent expected": "se espera --account-address o --consent",
    "--key and --purpose, or the file of the --statement, expected": (
        "se esperan --key y --purpose, o el archivo de --statement"
    ),
    "the statement is of another {}": "la declaración es de otra parte: {0}",
    # refusals of the contracts: the words and, in parentheses, the contract's own reason
    **{f"{text.en} ({{}})": f"{text.es} ({{0}})" for text in REASON_TEXTS.values()},
    # transactions
    "0x{} is in no block yet ({})": "0x{0} todavía no está en ningún bloque ({1})",
    "no block": "ningún bloque",
    "nonce {} of 0x{} was used by another transaction, the next is {}": (
        "otra transacción usó el nonce {0} de 0x{1}; el siguiente es {2}"
    ),
    "a transaction for chain {} expected, found one for chain {}": (
        "se espera una transacción para la cadena {0}, se encontró una para la cadena {1}"
    ),
    "an EIP-1559 transaction expected": "se espera una transacción EIP-1559",
    "a transaction without price, value and access list expected": (
        "se espera una transacción sin precio, valor ni lista de accesos"
    ),
    "a transaction that calls a contract expected": "se espera una transacción que llame a un contrato",
    "numbers without leading zeros expected": "se esperan números sin ceros a la izquierda",
    "a signature with the lower s expected": "se espera una firma con la s menor",
    "a signature of some account expected": "se espera la firma de alguna cuenta",
    "reverted in block {}: 0x{}": "revertida en el bloque {0}: 0x{1}",
    # signers
    "the signer's answer is not the transaction: {}": "la respuesta del firmador no es la transacción: {0}",
    "the signer signed another transaction than it was asked for": "el firmador firmó otra transacción que la solicitada",
    "a signature of 0x{} expected, found one of 0x{}": "se espera una firma de 0x{0}, se encontró una de 0x{1}",
    "the signer's answer is not a consent: {}": "la respuesta del firmador no es un consentimiento: {0}",
    "the external signer does not answer: {}": "el firmador externo no responde: {0}",
    "the external signer did not sign: {}": "el firmador externo no firmó: {0}",
    "the signer's answer is not hexadecimal": "la respuesta del firmador no es hexadecimal",
    # development chains
    "either --rpc or --chain expected": "se espera --rpc o --chain, uno de los dos",
    "no development chain: {}": "no es una cadena de desarrollo: {0}",
    # accounts
    "40 hex digits expected": "se esperan 40 cifras hexadecimales",
    "64 hex digits expected": "se esperan 64 cifras hexadecimales",
    "an address of 40 hex digits expected": "se espera una dirección de 40 cifras hexadecimales",
    "an address of 40 hex digits, or an account file, expected": (
        "se espera una dirección de 40 cifras hexadecimales, o un archivo de cuenta"
    ),
    "an account file of Web3 Secret Storage 3 expected": "se espera un archivo de cuenta Web3 Secret Storage 3",
    "a private key of secp256k1 expected": "se espera una clave privada de secp256k1",
    "whole numbers expected": "se esperan números enteros",
    "a smaller cost expected; it would stop the machine": "se espera un costo menor; detendría la máquina",
    "--from {}: the address of --account expected, 0x{}": "--from {0}: se espera la dirección de --account, 0x{1}",
    "--account FILE, or --from ADDRESS with --signer or --prepare, expected": (
        "se espera --account ARCHIVO, o --from DIRECCIÓN con --signer o --prepare"
    ),
    "one place of the passphrase expected": "se espera un solo lugar de la contraseña",
    "--passphrase-credential: systemd has named no credentials directory": (
        "--passphrase-credential: systemd no ha nombrado una carpeta de credenciales"
    ),
    "--passphrase-file, --passphrase-descriptor or --passphrase-credential expected": (
        "se espera --passphrase-file, --passphrase-descriptor o --passphrase-credential"
    ),
    "the same passphrase twice expected": "se espera la misma contraseña dos veces",
    "a passphrase expected": "se espera una contraseña",
    "{}: one of {} expected": "{0}: se espera uno de {1}",
    "a power of two from {} to {} expected": "se espera una potencia de dos, de {0} a {1}",
    "--days {}: from 1 to {} expected": "--days {0}: se espera de 1 a {1}",
    "--did {}: {}": "--did {0}: {1}",
    # the ledger
    "no --trust, and no trust file is pinned: acredita trust pin FILE": (
        "no hay --trust ni archivo de confianza fijado: acredita trust pin ARCHIVO"
    ),
    "--rpc or --chain expected: no chain/ lies beside the trust file": (
        "se espera --rpc o --chain: no hay chain/ junto al archivo de confianza"
    ),
    "the folder of an embedded chain expected": "se espera la carpeta de una cadena incluida",
    "a folder expected": "se espera una carpeta",
    "run the command that shows the state again": "repita el comando que muestra el estado",
    # acts
    "--yes expected where nobody can be asked": "se espera --yes donde no hay a quién preguntar",
    "not signed; nothing was sent": "no se firmó; no se envió nada",
    "the file holds another act": "el archivo contiene otro acto",
    "the file holds another proposal": "el archivo contiene otra propuesta",
    "the act is not about the proposal of this file": "el acto no es sobre la propuesta de este archivo",
    "--last-good {}: the present epoch has no such checkpoint": (
        "--last-good {0}: la época actual no tiene ese punto de control"
    ),
    "/did is {}, another institution": "/did es {0}, otra institución",
    "--zone {}": "--zone {0}",
    "--programme: from 1 to {} expected, found {}": "--programme: se esperan de 1 a {0}, se encontraron {1}",
    "--programme: each version once expected": "--programme: se espera cada versión una sola vez",
    "a moment such as {} expected": "se espera un momento como {0}",
    "1 to {} bytes expected, found {}": "se esperan de 1 a {0} bytes, se encontraron {1}",
    "an act with SHA-256 0x{} expected, found 0x{}": ("se espera una resolución con SHA-256 0x{0}, se encontró 0x{1}"),
    "0x{} is none of the four contracts": "0x{0} no es ninguno de los cuatro contratos",
    "{}.{} is no act of a person": "{0}.{1} no es un acto de una persona",
    "the calldata cannot be decoded: {}": "los datos de la llamada no se pueden leer: {0}",
    "prepared for {}, not for {}": "preparado para {0}, no para {1}",
    # proposals and recoveries
    "a file for chain {} expected, found one for chain {}": (
        "se espera un archivo para la cadena {0}, se encontró uno para la cadena {1}"
    ),
    "a file for genesis 0x{} expected, found one for 0x{}": (
        "se espera un archivo para el bloque de origen 0x{0}, se encontró uno para 0x{1}"
    ),
    "a proposal to the council 0x{} expected, found one to 0x{}": (
        "se espera una propuesta al consejo 0x{0}, se encontró una al consejo 0x{1}"
    ),
    "the council has no proposal {}": "el consejo no tiene la propuesta {0}",
    "the council has no recovery {}": "el consejo no tiene la recuperación {0}",
    "the file is not recovery {} on the chain": "el archivo no es la recuperación {0} de la cadena",
    "the recovery is for another council": "la recuperación es de otro consejo",
    "the file is proposal {}, not {}": "el archivo es la propuesta {0}, no la {1}",
    "the calldata of the file is not that of proposal {} on the chain": (
        "los datos de la llamada del archivo no son los de la propuesta {0} en la cadena"
    ),
    "proposal {} calls 0x{}": "la propuesta {0} llama a 0x{1}",
    "proposal {} names the act 0x{}, the file another": "la propuesta {0} nombra la resolución 0x{1}, y el archivo otra",
    "the file has no signature yet: acredita account sign": "el archivo no tiene firma aún: acredita account sign",
    "the signature is over another call than the file names": "la firma es sobre otra llamada que la del archivo",
    "a signature for chain {} expected, found one for chain {}": (
        "se espera una firma para la cadena {0}, se encontró una para la cadena {1}"
    ),
    # roles and consents
    "the council accredits 0x{}: acredita council propose": "a 0x{0} la acredita el consejo: acredita council propose",
    "0x{} has no role in this registry": "0x{0} no tiene ninguna función en este registro",
    "the newest block is of {}": "el bloque más reciente es del {0}",
    "0x{} is no member of the council": "0x{0} no es miembro del consejo",
    "0x{} is no holder of the recovery set": "0x{0} no es del grupo de recuperación",
    "0x{} is a member of the council": "0x{0} es miembro del consejo",
    "0x{} is a holder of the recovery set": "0x{0} es del grupo de recuperación",
    "0x{} is an account of a party, and cannot be a member as well": (
        "0x{0} es cuenta de una parte, y no puede ser también miembro"
    ),
    "the consent is for another chain or registry": "el consentimiento es para otra cadena u otro registro",
    "a consent of 0x{} as {} expected, found one of 0x{} as {}": (
        "se espera un consentimiento de 0x{0} como {1}, se encontró uno de 0x{2} como {3}"
    ),
    "the consent is for {}, another party": "el consentimiento es para {0}, otra parte",
    "the consent's signature: {}": "la firma del consentimiento: {0}",
    "signature of 0x{} expected, 0x{} found": "se espera la firma de 0x{0}, se encontró la de 0x{1}",
    # networks
    "either --validator or --demo-keys expected": "se espera --validator o --demo-keys, uno de los dos",
    "a number from 1 to {}": "un número de 1 a {0}",
    "seconds from 1 to {}": "segundos de 1 a {0}",
    "1 to {} validators": "de 1 a {0} validadores",
    "a port from 1 to {}": "un puerto de 1 a {0}",
    "an account that may send transactions expected, for one who founds": (
        "se espera una cuenta que pueda enviar transacciones, para quien funda"
    ),
    "{}: two validators share name, key, or host and port": (
        "{0}: dos validadores comparten nombre, clave, o dirección y puerto"
    ),
    "two validators share name, key, or host and port": (
        "dos validadores comparten nombre, clave, o dirección y puerto"
    ),
    "a text with a hexadecimal value expected": "se espera un texto con un valor hexadecimal",
    "a first block of QBFT expected": "se espera un primer bloque de QBFT",
    "an object expected": "se espera un objeto",
    "the chain id of the trust file expected": "se espera el número de cadena del archivo de confianza",
    "no answer {} times in a row, not asked again": "{0} veces seguidas sin respuesta, no se pregunta más",
    "only for chain id {}: each validator makes its own key": "solo para la cadena {0}: cada validador hace su propia clave",
    "an object of the format {} with {} expected": "se espera un objeto del formato {0} con {1}",
    "the address of the enode's key expected, {}": "se espera la dirección de la clave del enode, {0}",
    "1 to 40 of a-z, 0-9 and -, as they stand in file names, expected": (
        "se esperan de 1 a 40 de a-z, 0-9 y -, como aparecen en nombres de archivo"
    ),
    "enode://, 128 lower-case hex digits, @, an IP address, : and a port expected": (
        "se espera enode://, 128 cifras hexadecimales minúsculas, @, una dirección IP, : y un puerto"
    ),
    "a public key of secp256k1 expected": "se espera una clave pública de secp256k1",
    "an IP address expected, Besu's allow-list takes no names": (
        "se espera una dirección IP, la lista de nodos de Besu no acepta nombres"
    ),
    "an IP address that others can connect to expected": "se espera una dirección IP a la que otros puedan conectarse",
    "address": "dirección",
    "folder": "carpeta",
    "validators": "validadores",
    "may_fail": "pueden fallar",
    # institutions, agencies, programmes and scopes
    "the account that is named belongs to no institution": "la cuenta nombrada no es de ninguna institución",
    "the registry does not know 0x{}: first acredita institution apply --did DID": (
        "el registro no conoce a 0x{0}: primero acredita institution apply --did DID"
    ),
    "0x{} is not the control account of 0x{}": "0x{0} no es la cuenta de control de 0x{1}",
    "0x{} is no account of an agency": "0x{0} no es cuenta de ninguna agencia",
    "--scope expected: the document of the scope 0x{} is not at hand": (
        "se espera --scope: el documento del alcance 0x{0} no está a la mano"
    ),
    "the ledger names the scope 0x{}, the file is 0x{}": "la cadena nombra el alcance 0x{0}, el archivo es 0x{1}",
    "--accreditor-scope expected: the document of the scope 0x{} of the accreditor 0x{} is not at hand": (
        "se espera --accreditor-scope: no está a la mano el documento del alcance 0x{0} de la acreditadora 0x{1}"
    ),
    "{} is {}, and the scope of the accreditor {} has {}": "{0} es {1}, y el alcance de la acreditadora {2} tiene {3}",
    "{} is {}, and the scope has {}": "{0} es {1}, y el alcance tiene {2}",
    "{} is {}, another institution": "{0} es {1}, otra institución",
    "{} is another institution": "{0} es otra institución",
    "the scope is refused": "el alcance se rechaza",
    "a name that ends in .toml expected": "se espera un nombre que termine en .toml",
    "assertion or note expected": "se espera assertion o note",
    "TOML expected": "se espera TOML",
    "end of document": "fin del documento",
    "line {}, column {}": "línea {0}, columna {1}",
    "texts, finite numbers, lists and tables expected": "se esperan textos, números finitos, listas y tablas",
    "a date is a text in quotes": "una fecha es un texto entre comillas",
    "the institution applies": "la institución solicita",
    "the institution adds an assertion key": "la institución agrega una clave que firma credenciales",
    "the institution adds an anchoring account": "la institución agrega una cuenta de anclaje",
    "the institution attests its internal quality": "la institución declara su calidad interna",
    "an agency reviews it favourably": "una agencia la revisa y dictamina a favor",
    "the council activates it": "el consejo la activa",
    "under review": "en revisión",
    # deployments
    "a transaction that makes a contract expected": "se espera una transacción que haga un contrato",
    "each account once expected": "se espera cada cuenta una vez",
    "a number from 1 to the number of members expected": "se espera un número de 1 al número de miembros",
    "{} transactions": "{0} transacciones",
    "{} is a member and of the recovery set": "{0} es miembro y del grupo de recuperación",
    "the transactions are for another chain than the record names": (
        "las transacciones son para otra cadena que la que nombra el registro"
    ),
    "another creation code, or other constructor arguments": "otro código de creación, u otros argumentos del constructor",
    "the endpoint's chain is another than the record names": "la cadena del servidor es otra que la que nombra el registro",
    "its transaction is in no block that the endpoint knows": (
        "su transacción no está en ningún bloque que el servidor conozca"
    ),
    "its transaction made no contract at {}": "su transacción no hizo ningún contrato en {0}",
    "another code at {}": "otro código en {0}",
    "{}: another creation code, or other constructor arguments": (
        "{0}: otro código de creación, u otros argumentos del constructor"
    ),
    "{}: its transaction is in no block that the endpoint knows": (
        "{0}: su transacción no está en ningún bloque que el servidor conozca"
    ),
    "{}: its transaction made no contract at {}": "{0}: su transacción no hizo ningún contrato en {1}",
    "{}: another code at {}": "{0}: otro código en {1}",
    "the council or its recovery set has changed since the deployment": (
        "el consejo o su grupo de recuperación ha cambiado desde el despliegue"
    ),
    "{}: other accounts, or another threshold, than were deployed": (
        "{0}: otras cuentas, u otro umbral, que lo que se desplegó"
    ),
    "other accounts, or another threshold, than were deployed": "otras cuentas, u otro umbral, que lo que se desplegó",
    "the trust draft is for another chain than the record names": (
        "el borrador de confianza es para otra cadena que la que nombra el registro"
    ),
    "the trust draft names other contracts, or other codes, than were deployed": (
        "el borrador de confianza nombra otros contratos, u otros códigos, que lo que se desplegó"
    ),
    "--authority FILE expected on a network of validators": "se espera --authority ARCHIVO en una red de validadores",
    "--validator for each validator, and --period, expected": "se esperan --validator por cada validador, y --period",
}
