"""Spanish forms of the help of commands, arguments and options, and of the headings around them."""

from typing import Final

from acredita.cli.spanish.act_help_texts import ACT_HELP_TEXTS
from acredita.cli.spanish.audit_texts import AUDIT_HELP_TEXTS
from acredita.cli.spanish.document_texts import DOCUMENT_HELP_TEXTS
from acredita.cli.spanish.mirror_texts import MIRROR_HELP_TEXTS
from acredita.cli.spanish.witness_texts import WITNESS_HELP_TEXTS

USAGE: Final = "Uso: "
HELP_OPTION: Final = "Muestra esta ayuda y termina."
METAVARS: Final = {"options_metavar": "[OPCIONES]", "subcommand_metavar": "COMANDO [ARGUMENTOS]..."}
# Constants of typer.rich_utils → the Spanish heading or mark.
HEADINGS: Final = {
    "ARGUMENTS_PANEL_TITLE": "Argumentos",
    "OPTIONS_PANEL_TITLE": "Opciones",
    "COMMANDS_PANEL_TITLE": "Comandos",
    "DEFAULT_STRING": "[si no se da: {}]",
    "ENVVAR_STRING": "[variable de entorno: {}]",
    "REQUIRED_LONG_STRING": "[obligatorio]",
}

_TEXTS: Final = {
    "Permissioned, ledger-anchored registry node for microcredentials.": (
        "Nodo de un registro de microcredenciales con permisos, anclado en una cadena de bloques."
    ),
    "Print the version and exit.": "Escribe la versión y termina.",
    "The language of text for people: es or en.": "El idioma de los textos para personas: es o en.",
    "Print one JSON object instead of text.": "Escribe un objeto JSON en vez de texto.",
    "The node's configuration file, as `acredita node init` writes it.": (
        "El archivo de configuración del nodo, como lo escribe `acredita node init`."
    ),
    "The institution's short name in the configuration.": "El nombre corto de la institución en la configuración.",
    "The name that the audit trail records. Without it, the account of the user who is logged in.": (
        "El nombre que queda en la bitácora de actos. Sin él, la cuenta de quien inició la sesión."
    ),
    "Anchor at once, or leave it to the running node.": "Ancla de inmediato, o lo deja al nodo en marcha.",
    "JSON-RPC address of the ledger, or a TOML file whose section `ledger` names its endpoints with their tokens.": (
        "La dirección JSON-RPC de la cadena, o un archivo TOML cuya sección `ledger` nombra sus servidores y sus tokens."
    ),
    "Folder or http address with the logs as tiles. Without it, log/ beside the trust file is used.": (
        "Carpeta o dirección http con las bitácoras en mosaicos. Sin ella se usa log/ junto al archivo de confianza."
    ),
    "Address of a node whose records are used where the logs of the ledger's endpoint are not whole.": (
        "La dirección de un nodo cuyos registros se usan donde los eventos del servidor de la cadena no están completos."
    ),
    "Folder of an embedded chain. Without it and --rpc, chain/ beside the trust file is used.": (
        "La carpeta de una cadena incluida. Sin ella ni --rpc se usa chain/ junto al archivo de confianza."
    ),
    "The anchor receipt. Without it, ../receipts/<name of the credential file> is used if it exists.": (
        "El comprobante de anclaje. Sin él se usa ../receipts/<nombre del archivo de la credencial> si existe."
    ),
    "The trust file. Without it, the pinned trust file is used.": (
        "El archivo de confianza. Sin él se usa el que quedó fijado."
    ),
    "The programme document (JSON).": "El documento del programa (JSON).",
    # demo
    "Play a year of a registry: accredit, issue, anchor, correct, revoke, suspend, steal, verify, audit.": (
        "Representa un año de un registro: acreditar, expedir, anclar, corregir, revocar, suspender, robar, auditar."
    ),
    "The folder to write. An earlier demonstration in it is replaced.": (
        "La carpeta que se escribe. Una demostración anterior en ella se reemplaza."
    ),
    "Number of fictitious learners, from {} to {}.": "Número de personas ficticias, de {0} a {1}.",
    "Print the summary file and nothing else.": "Escribe el archivo de resumen y nada más.",
    # verify, bundle, audit, trust
    "Verify credentials and evidence bundles, and print the verdict on each.\n\nExit 0 for recognised, 1 for a negative "
    "answer, 2 for an unusable file, 3 if the answer could not be found. Of several files 1 wins over 2 over 3 over 0.": (
        "Verifica credenciales y paquetes de evidencia, y escribe el dictamen de cada uno.\n\nTermina con 0 si se reconoce, "
        "1 si la respuesta es negativa, 2 si un archivo no sirve, 3 si no se pudo saber. Con varios archivos, 1 gana a 2, "
        "2 a 3 y 3 a 0."
    ),
    "Exit 1 for a credential that is valid with warnings.": ("Termina con 1 si una credencial es válida con avisos."),
    "Verify credentials and evidence bundles, and print the verdict on each.": (
        "Verifica credenciales y paquetes de evidencia, y escribe el dictamen de cada uno."
    ),
    "Credentials (JSON, PNG, SVG, PDF or ZIP) or evidence bundles (.acredita).": (
        "Credenciales (JSON, PNG, SVG, PDF o ZIP) o paquetes de evidencia (.acredita)."
    ),
    "The time to verify at, RFC 3339 in UTC. Without it, now.": (
        "El momento al que se verifica, RFC 3339 en UTC. Sin él, ahora."
    ),
    # proof
    "Check what a node answers about the registry, by the proof that comes with the answer.": (
        "Comprueba lo que un nodo responde sobre el registro, con la prueba que acompaña a la respuesta."
    ),
    "Check an answer with its proof, offline, and print what held then and what holds at its block. Exit 0 if it is proven,"
    " 1 if it is refused, 2 for an unusable file, 3 if the trust file vouches for no such block or the block is too old.": (
        "Comprueba sin conexión una respuesta con su prueba, y escribe qué valía entonces y qué vale en su bloque. "
        "Termina con 0 si queda probada, 1 si se rechaza, 2 con un archivo inutilizable, 3 si el archivo de confianza no "
        "avala ese bloque o el bloque es demasiado antiguo."
    ),
    "The answer with its proof, as `GET /v1/issuers/<issuer>?proof=1` of a node gives it.": (
        "La respuesta con su prueba, como la da `GET /v1/issuers/<issuer>?proof=1` de un nodo."
    ),
    "The DID or id of the issuer, or the digest of the programme document, that the answer must be about.": (
        "El DID o id de la entidad, o el digest del documento del programa, de que debe tratar la respuesta."
    ),
    "The DID or id of the issuer that submitted the programme, as the answer must say.": (
        "El DID o id de la entidad que presentó el programa, como debe decirlo la respuesta."
    ),
    "An identifier or DID that the credential must belong to.": (
        "Un identificador o DID al que debe pertenecer la credencial."
    ),
    "Print one JSON object for each file.": "Escribe un objeto JSON por archivo.",
    "Read the ledger's state by proof alone. Without it, where the trust file names validators.": (
        "Lee el estado de la cadena solo con pruebas. Sin la opción, donde el archivo de confianza nombra validadores."
    ),
    "Make an evidence bundle: one file that can be verified offline.": (
        "Hace un paquete de evidencia: un archivo que se verifica sin conexión."
    ),
    "A credential that has its anchor receipt.": "Una credencial que tiene su comprobante de anclaje.",
    "The file to write. Its name should end in .acredita.": (
        "El archivo que se escribe. Conviene que su nombre termine en .acredita."
    ),
    "Replay a registry's whole history and compare it with what is published.": (
        "Repite la historia entera de un registro y la compara con lo publicado."
    ),
    "Replay every record, checkpoint, entry and status list, and report each divergence.\n\nExit 0 without a divergence, 1 "
    "with one, 3 where something could not be told: no ledger, or a file that no source has.": (
        "Repite cada registro, anclaje, entrada y lista de estado, e informa de cada divergencia.\n\nTermina con 0 sin "
        "divergencias, 1 con alguna, 3 si algo no se pudo determinar: no hay cadena, o ninguna fuente tiene un archivo."
    ),
    "Show or rebuild the node's index of the ledger.": (
        "Muestra el índice de la cadena que lleva el nodo, o lo construye de nuevo."
    ),
    "Show up to which block the index is checked, and why it does not advance.\n\nExit 0 when it advances, 1 when the "
    "ledger has forked, 3 when the ledger could not be checked.": (
        "Muestra hasta qué bloque está comprobado el índice, y por qué no avanza.\n\nTermina con 0 si avanza, 1 si la "
        "cadena se bifurcó, 3 si la cadena no se pudo comprobar."
    ),
    "Build the index anew from the ledger's first block, check it, and put it in the place of the present one.\n\nThe "
    "present index serves meanwhile. After a fork, make sure first that the ledger at hand is the right one.": (
        "Construye de nuevo el índice desde el primer bloque de la cadena, lo comprueba y lo pone en lugar del actual."
        "\n\nMientras tanto sirve el índice actual. Tras una bifurcación, asegúrese antes de que la cadena a mano es la "
        "correcta."
    ),
    "JSON-RPC address of the ledger.": "Dirección JSON-RPC de la cadena.",
    "Show, pin, update, draft, sign and publish trust files.": (
        "Muestra, fija, actualiza, redacta, firma y publica archivos de confianza."
    ),
    "Make the key of a trust signer.": "Hace la clave de quien firma archivos de confianza.",
    "The file's hash, as the authority told it. Without it, the hash is shown and must be confirmed.": (
        "El hash del archivo, como lo dijo la autoridad. Sin él se muestra el hash y hay que confirmarlo."
    ),
    "The file with the keystore's passphrase, mode 0600.": "El archivo con la contraseña del almacén, modo 0600.",
    "The signer's keystore, as `acredita trust key new` makes it.": (
        "El almacén de quien firma, como lo hace `acredita trust key new`."
    ),
    "Show a trust file after checking its signatures.": "Muestra un archivo de confianza tras revisar sus firmas.",
    "The trust file. Without it, the pinned trust file is shown.": (
        "El archivo de confianza. Sin él se muestra el que quedó fijado."
    ),
    "Pin a trust file. The next file must then be signed by its keys; any other is pinned by its hash alone.": (
        "Fija un archivo de confianza. El siguiente debe venir firmado por sus claves; otro se fija solo por su hash."
    ),
    "The trust file to pin. Its keys are trusted from now on.": (
        "El archivo de confianza que se fija. Desde ahora se confía en sus claves."
    ),
    "Update a trust file to the newest, number by number. Each must be signed by the keys of the one before.": (
        "Actualiza un archivo de confianza al más reciente, número por número. Cada uno debe venir firmado por las "
        "claves del anterior."
    ),
    "The address of a node, or a folder of a trust file. Without it, the folder and mirrors of the pinned file.": (
        "La dirección de un nodo, o una carpeta con el archivo. Sin ella, la carpeta y los espejos del archivo fijado."
    ),
    "The trust file to replace, for example a node's. Without it, the pinned one.": (
        "El archivo de confianza que se sustituye, por ejemplo el de un nodo. Sin él, el fijado."
    ),
    "Draft the next trust file, unsigned, from the last one.\n\nOn a development chain whose ledger is given, the draft "
    "names the newest block too.": (
        "Redacta, sin firma, el archivo de confianza que sigue al último.\n\nEn una cadena de desarrollo, si se indica la "
        "cadena, el borrador nombra también el bloque más reciente."
    ),
    "The last trust file.": "El último archivo de confianza.",
    "The file to write. It is not signed yet.": "El archivo que se escribe. Aún no lleva firmas.",
    "A key that may sign from now on.": "Una clave que podrá firmar desde ahora.",
    "A key that may no longer sign.": "Una clave que ya no podrá firmar.",
    "How many of the keys must sign.": "Cuántas de las claves deben firmar.",
    "The address of one more mirror.": "La dirección de un espejo más.",
    "The address of a mirror to leave out.": "La dirección de un espejo que se quita.",
    "The address of a validator of the new set. It goes together with --since.": (
        "La dirección de un validador del conjunto nuevo. Va junto con --since."
    ),
    "One more service key: KEY,PURPOSE,UNTIL, the last as 2026-01-15T18:00:00Z.": (
        "Una clave de servicio más: CLAVE,USO,HASTA, lo último como 2026-01-15T18:00:00Z."
    ),
    "A service key to leave out.": "Una clave de servicio que se quita.",
    "The height from which the new set of validators counts.": "La altura desde la que cuenta el conjunto nuevo.",
    "How many days the file is in force.": "Cuántos días está vigente el archivo.",
    "Sign a trust file after showing what changes from the last one.": (
        "Firma un archivo de confianza tras mostrar lo que cambia respecto del último."
    ),
    "The trust file to sign. The signature is added to it.": (
        "El archivo de confianza que se firma. La firma se le agrega."
    ),
    "The trust file before it. Without it, the pinned one, where there is one.": (
        "El archivo de confianza anterior. Sin él, el fijado, si lo hay."
    ),
    "Publish a trust file, if enough keys have signed it.\n\nA node serves it under its number at once, and uses it from its "
    "next start on.": (
        "Publica un archivo de confianza, si lo firmaron suficientes claves.\n\nUn nodo lo sirve enseguida por su "
        "número, y lo usa desde su siguiente arranque."
    ),
    "The signed trust file.": "El archivo de confianza firmado.",
    "The folder that a node serves: the one of its trust file.": (
        "La carpeta que sirve un nodo: la de su archivo de confianza."
    ),
    "The file's hash, where it does not follow the one in the folder.": (
        "El hash del archivo, si no es el siguiente del que está en la carpeta."
    ),
    "Make the key of a trust signer in a keystore of its own, and print its public part.": (
        "Hace en un almacén propio la clave de quien firma archivos de confianza, e imprime su parte pública."
    ),
    "The keystore to make. It is never written over.": "El almacén que se hace. Nunca se escribe encima de otro.",
    "Work factor of the passphrase, a power of two; lower only for trials.": (
        "Costo de la contraseña, una potencia de dos; menor solo para pruebas."
    ),
    # node
    "Make a node, run it, and look after it.": "Hace un nodo, lo pone en marcha y lo cuida.",
    "Make the folder of a node, with a configuration that starts as it stands. What is not given is asked for.\n\nA single "
    "operator's node has a chain of its own. Every other node joins one by `acredita node join`.": (
        "Hace la carpeta de un nodo, con una configuración que arranca tal como está. Se pregunta por lo que falte.\n\nEl "
        "nodo de un solo operador tiene su propia cadena. Cualquier otro se une a una con `acredita node join`."
    ),
    "The trust file to join by: a file, or the address of a node. It may be left out once the node is bound.": (
        "El archivo de confianza por el que se une: un archivo o la dirección de un nodo. Se puede omitir una vez unido."
    ),
    "Bind a node to the chain of a trust file, and show each step that still misses and whose it is.\n\nNothing is bound "
    "where the ledger is another one. Run it again to see what misses then.": (
        "Une un nodo a la cadena de un archivo de confianza y muestra cada paso que falta y de quién es.\n\nNada se une si "
        "la cadena es otra. Repita el comando para ver lo que falte entonces."
    ),
    "The purpose of the node. It is asked for at a terminal.": ("Para qué es el nodo. En una terminal se pregunta."),
    "The public address of the node. Credentials name it for ever. Without it, https and the host of --did-web.": (
        "La dirección pública del nodo. Las credenciales la nombran para siempre. Sin ella, https y el host de --did-web."
    ),
    "The did:web of the institution or authority. Without it, that of the public address.": (
        "El did:web de la institución o de la autoridad. Sin él, el de la dirección pública."
    ),
    "Make the institution a did:key. Its assertion key can never be rotated.": (
        "Hace de la institución un did:key. Su clave de firma nunca se podrá rotar."
    ),
    "The zone of the institution's days, by its IANA name.": (
        "La zona horaria de los días de la institución, por su nombre IANA."
    ),
    "The address of an endpoint of the chain. It may be given several times.": (
        "La dirección de un servidor de la cadena. Se puede dar varias veces."
    ),
    "The blocks that must follow a transaction: 1 on QBFT, 0 on a development chain. It goes with --rpc.": (
        "Los bloques que deben seguir a una transacción: 1 en QBFT, 0 en una cadena de desarrollo. Va con --rpc."
    ),
    "The institution's short name, used in commands and routes.": (
        "El nombre corto de la institución, para comandos y rutas."
    ),
    "The institution's name for people.": "El nombre de la institución para las personas.",
    "The file with the keystores' passphrase, mode 0600.": (
        "El archivo con la frase de contraseña de los almacenes de claves, modo 0600."
    ),
    "The folder to make. It must not exist.": "La carpeta que se hace. No debe existir.",
    "The cost of a guess at the passphrase (N of scrypt), a power of two.": (
        "El costo de adivinar la frase de contraseña (N de scrypt), una potencia de dos."
    ),
    "The cryptosuite that signs credentials.": "La suite criptográfica que firma credenciales.",
    "The curve of an ECDSA cryptosuite: P-256 or P-384.": "La curva de una suite ECDSA: P-256 o P-384.",
    "Serve HTTP and anchor waiting entries, until a signal ends it.": (
        "Atiende HTTP y ancla las entradas en espera, hasta que una señal lo termina."
    ),
    "Move an institution's log to another chain, because its own is lost. Run it again after a crash: it continues.": (
        "Pasa la bitácora de una institución a otra cadena, porque la suya se perdió. Tras una caída, repita el comando y "
        "continúa."
    ),
    "The hash of the lost chain's genesis block.": "El hash del bloque génesis de la cadena perdida.",
    "The hash of the new chain's genesis block.": "El hash del bloque génesis de la cadena nueva.",
    "Print the consequences and change nothing.": "Escribe las consecuencias y no cambia nada.",
    "Deploy the contracts, accredit and approve again. For an embedded chain of one operator.": (
        "Despliega los contratos, acredita y aprueba de nuevo. Para la cadena incluida de una sola persona operadora."
    ),
    "The scope document of the accreditation. It goes together with --redeploy.": (
        "El documento de alcance de la acreditación. Va junto con --redeploy."
    ),
    "The last day of the accreditation, YYYY-MM-DD, which ends in the institution's time zone. It goes together with "
    "--redeploy.": (
        "El último día de la acreditación, AAAA-MM-DD, que termina en la zona horaria de la institución. Va junto con "
        "--redeploy."
    ),
    "Leave behind the entries that would not be recognised on the new chain.": (
        "Deja atrás las entradas que la cadena nueva no reconocería."
    ),
    "Print the audit trail: acts, actors and times. It names no credential and nobody who holds one.": (
        "Escribe la bitácora de actos: qué, quién y cuándo. No nombra credenciales ni a quien las tiene."
    ),
    "Print the acts of this institution only.": "Escribe solo los actos de esta institución.",
    "Print the acts from this time on: RFC 3339, or YYYY-MM-DD, which begins in the institution's time zone.": (
        "Escribe los actos desde este momento: RFC 3339, o AAAA-MM-DD, que empieza en la zona horaria de la institución."
    ),
    "Restore the entries that the log lacks (LOG_AHEAD) from a mirror. Each entry is checked against the chain.": (
        "Recupera de un espejo las entradas que faltan en la bitácora (LOG_AHEAD). Cada una se coteja con la cadena."
    ),
    "The address of another node, or a published folder with log/ in it.": (
        "La dirección de otro nodo, o una carpeta publicada que contiene log/."
    ),
    "List the entries that the contract or the council refused, or requeue them once the cause is gone.": (
        "Lista las entradas que rechazó el contrato o el consejo, o las vuelve a poner en cola cuando cesó la causa."
    ),
    "Requeue the entries refused with this code. Without it, refused entries are listed.": (
        "Vuelve a poner en cola las entradas rechazadas con este código. Sin él, se listan."
    ),
    "Make, list and revoke access tokens, by which programs write over HTTP.": (
        "Hace, lista y revoca tokens de acceso, con los que los programas escriben por HTTP."
    ),
    "Make an access token. It is shown once; the node keeps only its hash. Its id goes to standard error.": (
        "Hace un token de acceso. Se muestra una vez; el nodo guarda solo su hash. Su id va a la salida de errores."
    ),
    "The token's purpose. It appears in lists and in the audit trail.": (
        "El propósito del token. Aparece en listas y en la bitácora de actos."
    ),
    "A right that the token carries. Repeat the option for more.": (
        "Un permiso que da el token. Repita la opción para dar más."
    ),
    "The institution's short name. Without it, the whole node is meant.": (
        "El nombre corto de la institución. Sin él, se entiende el nodo entero."
    ),
    "Days until the token expires.": "Días hasta que vence el token.",
    "List the access tokens: in force, expired and revoked. The tokens themselves are stored nowhere.": (
        "Lista los tokens de acceso: vigentes, vencidos y revocados. Los tokens mismos no se guardan en ningún lugar."
    ),
    "Revoke an access token. A running node refuses it from the next request on. Exit 1 if no token has this id.": (
        "Revoca un token de acceso. Un nodo en marcha lo rechaza desde la siguiente petición. Termina con 1 si ninguno tiene "
        "ese id."
    ),
    "The token's id, as `acredita node token list` prints it.": (
        "El id del token, como lo escribe `acredita node token list`."
    ),
    # registry
    "Act for the authority, where one operator holds its keys.": (
        "Actúa por la autoridad, donde una sola persona operadora tiene sus claves."
    ),
    "Apply, attest, review and activate an institution.": "Solicita, atestigua, revisa y activa una institución.",
    "The scope document (JSON). An empty `did` in it is filled in.": (
        "El documento de alcance (JSON). Si su `did` está vacío, se completa."
    ),
    "The last day of the accreditation, YYYY-MM-DD, which ends in the institution's time zone.": (
        "El último día de la acreditación, AAAA-MM-DD, que termina en la zona horaria de la institución."
    ),
    "Submit and approve a programme version of an institution.": (
        "Presenta y aprueba una versión de un programa de una institución."
    ),
    "Suspend an institution. The chain refuses its new credentials from the next block on.": (
        "Suspende una institución. La cadena rechaza sus credenciales nuevas desde el siguiente bloque."
    ),
    "The reason. It is public.": "El motivo. Es público.",
    "Lift the suspension of an institution.": "Levanta la suspensión de una institución.",
    "Mark an institution's key as compromised by the council's decision, as far back as needed.": (
        "Marca como comprometida una clave de una institución, por decisión del consejo, desde cuando haga falta."
    ),
    "The time since which the key was in other hands, RFC 3339 in UTC. Any time is allowed.": (
        "El momento desde el que la clave estuvo en otras manos, RFC 3339 en UTC. Se admite cualquiera."
    ),
    "Print the DID of an institution, for its programme and scope documents.": (
        "Escribe el DID de una institución, para sus documentos de programa y de alcance."
    ),
    # keys
    "List, rotate and retire an institution's keys, or mark one as compromised.": (
        "Lista, renueva y retira las claves de una institución, o marca una como comprometida."
    ),
    "The key's name in the keystore, as `acredita keys list` prints it.": (
        "El nombre de la clave en el almacén, como lo escribe `acredita keys list`."
    ),
    "The reason. It is public: name no person.": "El motivo. Es público: no nombre a ninguna persona.",
    "List every key and account with the time in which it is valid, by the keystore and the ledger.": (
        "Lista cada clave y cuenta con el tiempo en que vale, según el almacén de claves y la cadena."
    ),
    "Rotate to a new key, which is used from the next signature on. Run it again after a stop: it completes the rotation.": (
        "Pasa a una clave nueva, que se usa desde la siguiente firma. Tras una interrupción, repita el comando y la completa."
    ),
    "The purpose of the key: assertion, note or anchoring.": "El propósito de la clave: assertion, note o anchoring.",
    "How long the earlier keys stay valid: 0, 90m, 72h or 7d.": (
        "Cuánto tiempo siguen valiendo las claves anteriores: 0, 90m, 72h o 7d."
    ),
    "An account file or a keystore with the control account. Without it, the institution's keystore, if it has one.": (
        "Un archivo de cuenta o un almacén de claves con la cuenta de control. Sin él, el de la institución si la tiene."
    ),
    "The file with its passphrase, mode 0600. It goes together with --control.": (
        "El archivo con su frase de contraseña, modo 0600. Va junto con --control."
    ),
    "Write the files by which the control account, on another machine, adds the keys that the ledger does not name yet.\n\n"
    "It prints the commands to run there: a key hands over its statement, an anchoring account its consent.": (
        "Escribe los archivos con los que la cuenta de control, en otra máquina, agrega claves que la cadena no nombra.\n\n"
        "Escribe los comandos que se ejecutan ahí: una clave entrega su declaración, una cuenta de anclaje su consentimiento."
    ),
    "The folder to write the files to. They are public.": "La carpeta en que se escriben los archivos. Son públicos.",
    "Retire a key that another has followed. Credentials that it signed stay valid.": (
        "Retira una clave a la que otra siguió. Las credenciales que firmó siguen valiendo."
    ),
    "The key's name. Leave it out with --due.": "El nombre de la clave. Con --due se omite.",
    "Retire every key whose overlap is over. Made for a timer.": (
        "Retira cada clave cuyo traslape terminó. Sirve para un temporizador."
    ),
    "Mark a key as compromised. Credentials anchored after that time are invalid; those before stay valid.": (
        "Marca una clave como comprometida. Las credenciales ancladas después de ese momento no valen; las anteriores sí."
    ),
    "The time since which the key was in other hands, RFC 3339 in UTC, at most 72 hours back.": (
        "El momento desde el que la clave estuvo en otras manos, RFC 3339 en UTC, a lo más 72 horas atrás."
    ),
    # issue
    "Issue the credentials of a cohort. Exit 0 when every row is issued or was before, 1 when a row is refused.": (
        "Expide las credenciales de una cohorte. Termina con 0 si cada fila se expidió ahora o antes, 1 si una se rechazó."
    ),
    "The cohort file: CSV or JSON lines (.jsonl). docs/credentials.md lists the columns.": (
        "El archivo de la cohorte: CSV o líneas JSON (.jsonl). docs/credentials.md lista las columnas."
    ),
    "The folder in which credentials/<digest>.json, receipts/<digest>.json and a table of the rows are written.": (
        "La carpeta en que se escriben credentials/<digest>.json, receipts/<digest>.json y una tabla de las filas."
    ),
    "Read the cohort file as Windows-1252, Excel's plain CSV, instead of UTF-8.": (
        "Lee el archivo de la cohorte como Windows-1252, el CSV simple de Excel, en vez de UTF-8."
    ),
    "Check every row and issue nothing.": "Revisa cada fila y no expide nada.",
    "Issue rows again that were issued before, each once under this label, such as 2026-logo.": (
        "Expide otra vez filas ya expedidas, cada una una vez con esta etiqueta, como 2026-logo."
    ),
    "Number of processes that sign. 0 is one for each core, for large cohorts only.": (
        "Número de procesos que firman. 0 es uno por núcleo, solo para cohortes grandes."
    ),
    # status
    "Revoke a credential for ever. A suspended institution can revoke, too.": (
        "Revoca una credencial para siempre. También puede hacerlo una institución suspendida."
    ),
    "A credential file, or its digest in hexadecimal.": "Un archivo de credencial, o su digest en hexadecimal.",
    "Suspend a credential until it is reinstated.": "Suspende una credencial hasta que se restituya.",
    "Lift the suspension of a credential.": "Levanta la suspensión de una credencial.",
    "Correct the result of a credential. The new one has the same id; the old file is superseded from then on.": (
        "Corrige el resultado de una credencial. La nueva tiene el mismo id; el archivo anterior queda sustituido."
    ),
    "The correct result.": "El resultado correcto.",
    "The file to write the corrected credential to.": "El archivo en que se escribe la credencial corregida.",
    "Show for each institution the waiting entries and their age, the newest checkpoint, and a stop.": (
        "Muestra por institución las entradas en espera y su antigüedad, el anclaje más nuevo y, si lo hay, un alto."
    ),
    # deliver
    "Deliver credentials to the people who hold them.\n\nExit 0 when each is delivered, 1 when one is not in force, 3 when "
    "one is not anchored yet.": (
        "Entrega credenciales a sus titulares.\n\nTermina con 0 si se entregó cada una, 1 si una no está vigente, 3 si una "
        "aún no está anclada."
    ),
    "Deliver credentials to the people who hold them.": "Entrega credenciales a sus titulares.",
    "Credential files, or digests in hexadecimal.": "Archivos de credenciales, o sus digests en hexadecimal.",
    "Deliver every credential that is anchored and in force.": "Entrega cada credencial anclada y vigente.",
    "The folder in which each person's folder or ZIP is written.": (
        "La carpeta en que se escribe la carpeta o el ZIP de cada persona."
    ),
    "Write a ZIP for each person instead of a folder.": "Escribe un ZIP por persona en vez de una carpeta.",
    "Print a link that opens once, and write no files.": ("Escribe un enlace que se abre una vez, y ningún archivo."),
    "Days after which an unused link expires.": "Días tras los que vence un enlace sin usar.",
    # backup, devnet
    "Back up the node's database while it runs. The data keys go to one file, which is replaced.": (
        "Respalda la base de datos del nodo mientras funciona. Las claves de datos van a un archivo, que se reemplaza."
    ),
    "The folder to make for the backup.": "La carpeta que se hace para el respaldo.",
    "The one file of data keys. Keep it apart from the backups.": (
        "El único archivo de claves de datos. Guárdelo aparte de los respaldos."
    ),
    "Restore a backup into the configured database, which must be empty. The next run compares log and chain.": (
        "Restaura un respaldo en la base de datos configurada, que debe estar vacía. La siguiente vez se comparan bitácora y "
        "cadena."
    ),
    "The folder of a backup.": "La carpeta de un respaldo.",
    "Forget a credential: delete its bytes, data key, position map and links. The log keeps only a digest.": (
        "Olvida una credencial: borra sus bytes, su clave de datos, su posición y sus enlaces. La bitácora guarda solo un "
        "digest."
    ),
    "The backups' file of data keys. With it, no backup can bring the credential back.": (
        "El archivo de claves de datos de los respaldos. Con él, ningún respaldo puede devolver la credencial."
    ),
    "Serve an embedded chain over JSON-RPC until interrupted.": (
        "Atiende una cadena incluida por JSON-RPC hasta que se interrumpa."
    ),
    "Print the script by which a shell completes commands, options and their values, with their help.": (
        "Escribe el guion con el que un intérprete de comandos completa comandos, opciones y sus valores, con su ayuda."
    ),
    "The shell: bash, zsh or fish.": "El intérprete: bash, zsh o fish.",
    "Print the manual page of all commands, made from their help, in the form that `man` reads.": (
        "Escribe la página de manual de todos los comandos, hecha de su ayuda, en la forma que lee `man`."
    ),
    "The folder that keeps the blocks. Without it, the chain is in memory.": (
        "La carpeta que guarda los bloques. Sin ella, la cadena está en memoria."
    ),
    "The port to listen on. 0 takes a free one.": "El puerto en que se escucha. 0 toma uno libre.",
    "The address to listen on.": "La dirección en que se escucha.",
    "The chain id, if the chain is made now.": "El número de la cadena, si se hace ahora.",
    "Seconds between blocks. 0 mines each transaction at once.": (
        "Segundos entre bloques. Con 0 se mina cada transacción de inmediato."
    ),
    "Mine only at a request for it (evm_mine).": "Mina solo cuando se pide (evm_mine).",
    "An address that may send transactions. Repeat the option for more; without it, any may.": (
        "Una dirección que puede enviar transacciones. Repita la opción para más; sin ella, puede cualquiera."
    ),
}


def spanish_help(text: str) -> str:
    """Return the Spanish form of a help text; the text itself where the table has none."""
    plain = "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    if plain.startswith("Number of fictitious learners, from "):
        least, most = (word.strip(".,") for word in plain.split() if word.strip(".,").isdigit())
        return _TEXTS["Number of fictitious learners, from {} to {}."].format(least, most)
    return (
        _TEXTS.get(plain)
        or ACT_HELP_TEXTS.get(plain)
        or DOCUMENT_HELP_TEXTS.get(plain)
        or AUDIT_HELP_TEXTS.get(plain)
        or MIRROR_HELP_TEXTS.get(plain)
        or WITNESS_HELP_TEXTS.get(plain, text)
    )
