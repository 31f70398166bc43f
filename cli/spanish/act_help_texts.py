"""Spanish forms of the help of the commands of several hands. The texts of acts and their fields come from their tables."""

from typing import Final

from acredita.registry.acts.table import ACTS

_FIELDS: Final = [field for act in ACTS.values() for field in act.fields]
ACT_HELP_TEXTS: Final = {
    **{act.title.en: act.title.es for act in ACTS.values()},
    **{field.help.en: field.help.es for field in _FIELDS},
    # shared options
    "The account that acts: a Web3 Secret Storage file, as `acredita account new` writes.": (
        "La cuenta que actúa: un archivo Web3 Secret Storage, como el que escribe `acredita account new`."
    ),
    "The address of an external signer that answers eth_signTransaction. It goes with --from.": (
        "La dirección de un firmador externo que responda eth_signTransaction. Va con --from."
    ),
    "The address of the account that acts, if its key is not in --account.": (
        "La dirección de la cuenta que actúa, si su clave no está en --account."
    ),
    "The file with the account's passphrase, mode 0600.": "El archivo con la contraseña de la cuenta, modo 0600.",
    "An inherited file descriptor to read the account's passphrase from.": (
        "Un descriptor de archivo heredado del que se lee la contraseña de la cuenta."
    ),
    "The name of a systemd credential with the account's passphrase.": (
        "El nombre de una credencial de systemd con la contraseña de la cuenta."
    ),
    "Write the act to this file, to be signed elsewhere by `acredita account sign`.": (
        "Escribe el acto en este archivo, para que lo firme en otra parte `acredita account sign`."
    ),
    "Send this act, which was prepared and signed elsewhere.": "Envía este acto, que se preparó y se firmó en otra parte.",
    "Sign without asking. What is signed is shown all the same.": "Firma sin preguntar. Lo que se firma se muestra igual.",
    "The scope document of an accreditor above the institution. Repeat the option for each one.": (
        "El documento de alcance de una acreditadora de la institución. Repita la opción para cada una."
    ),
    # inbox
    "List what waits for a party of the registry: what it is, until when, and the command that does it.": (
        "Muestra lo que espera a una parte del registro: qué es, hasta cuándo, y el comando que lo hace."
    ),
    "List what waits for a party of the registry: what it is, until when, and the command that does it."
    "\n\nAll of it is read from the chain, whole or not at all. Exit 3 where the ledger could not tell.": (
        "Muestra lo que espera a una parte del registro: qué es, hasta cuándo, y el comando que lo hace."
        "\n\nTodo se lee de la cadena, completo o nada. Termina con 3 si la cadena no lo pudo decir."
    ),
    "The account of the party: its address, or its file.": "La cuenta de la parte: su dirección, o su archivo.",
    "A folder with files of proposals, to show their titles.": (
        "Una carpeta con archivos de propuestas, para mostrar sus títulos."
    ),
    # account
    "Make, show, import and export ledger accounts, and sign with them what was prepared elsewhere.": (
        "Crea, muestra, importa y exporta cuentas de la cadena, y firma con ellas lo que se preparó en otra parte."
    ),
    "The account file (Web3 Secret Storage 3).": "El archivo de la cuenta (Web3 Secret Storage 3).",
    "The keystore of an institution.": "El almacén de claves de una institución.",
    "The file with the keystore's passphrase, mode 0600.": (
        "El archivo con la contraseña del almacén de claves, modo 0600."
    ),
    "The name of the key in the keystore.": "El nombre de la clave en el almacén.",
    "Make an account and write it to a new file with mode 0600, which geth, Besu's signer and wallets read.": (
        "Crea una cuenta y la escribe en un archivo nuevo con modo 0600, que leen geth, el firmador de Besu y las carteras."
    ),
    "The cost of a guess at the passphrase (N of scrypt), a power of two.": (
        "El costo de probar una contraseña (N de scrypt), una potencia de dos."
    ),
    "The account file, or an address.": "El archivo de la cuenta, o una dirección.",
    "Show an account's address and, where a ledger is at hand, its role and the number of its transactions.": (
        "Muestra la dirección de una cuenta y, si hay una cadena a mano, su función y el número de sus transacciones."
    ),
    "The purpose of the key in the keystore: control or anchoring.": (
        "El propósito de la clave en el almacén: control o anchoring."
    ),
    "Import an account file into the keystore of an institution.": (
        "Importa un archivo de cuenta al almacén de claves de una institución."
    ),
    "The account file to write. It must not exist.": "El archivo de la cuenta que se escribe. No debe existir.",
    "Export a control or anchoring account of a keystore to a file of its own, under the passphrase of that file.": (
        "Exporta una cuenta de control o de anclaje de un almacén a un archivo propio, con la contraseña de ese archivo."
    ),
    "The act that --prepare wrote. The signature is added to this file.": (
        "El acto que escribió --prepare. La firma se agrega a este archivo."
    ),
    "The proposal's file, to show what is proposed, approved or executed by its number.": (
        "El archivo de la propuesta, para mostrar qué se propone, aprueba o ejecuta con su número."
    ),
    "Show in words what a prepared act does, and sign it. It needs no ledger.": (
        "Muestra en palabras lo que hace un acto preparado, y lo firma. No necesita la cadena."
    ),
    "Show in words what a prepared act does, and sign it. It needs no ledger.\n\nThe calldata are decoded with the "
    "contracts' "
    "own interface. An act for another chain than the trust file's is refused.": (
        "Muestra en palabras lo que hace un acto preparado, y lo firma. No necesita la cadena.\n\nLos datos de la llamada se "
        "leen con la interfaz de los contratos. Se rechaza un acto para otra cadena que la del archivo de confianza."
    ),
    "The DID of the party that the account is to be bound to.": "El DID de la parte a la que quedará ligada la cuenta.",
    "The purpose: anchoring, custodian, control or agency.": "El propósito: anchoring, custodian, control o agency.",
    "The consent file to write.": "El archivo de consentimiento que se escribe.",
    "The days for which the consent holds, from 1 to 45.": "Los días que vale el consentimiento, de 1 a 45.",
    "Sign the account's consent to be bound to a party, for whoever binds it. It needs no ledger.": (
        "Firma el consentimiento de la cuenta para quedar ligada a una parte, para quien la ligue. No necesita la cadena."
    ),
    "Sign the account's consent to be bound to a party, for whoever binds it. It needs no ledger.\n\nWhere a "
    "development chain "
    "is at hand, the days count from the later of this machine's clock and the newest block.": (
        "Firma el consentimiento de la cuenta para quedar ligada a una parte, para quien la ligue. No necesita la cadena."
        "\n\nSi hay una cadena de desarrollo a mano, los días cuentan desde lo más tardío entre el reloj de esta "
        "máquina y el "
        "último bloque."
    ),
    # devnet
    "The time to pass, such as 90m, 72h or 7d.": "El tiempo que pasa, como 90m, 72h o 7d.",
    "JSON-RPC address of a development chain. Without it, the one of `acredita devnet`.": (
        "La dirección JSON-RPC de una cadena de desarrollo. Sin ella, la de `acredita devnet`."
    ),
    "Folder of an embedded chain that no process has open.": (
        "La carpeta de una cadena incluida que ningún proceso tiene abierta."
    ),
    "Let time pass on a development chain: move its clock and mine a block. A chain of a network has no such command.": (
        "Deja pasar el tiempo en una cadena de desarrollo: mueve su reloj y produce un bloque. La cadena de una red no tiene "
        "ese comando."
    ),
    # council
    "Act as a member of the council: propose, see, check, approve, execute, suspend at once.": (
        "Actúa como miembro del consejo: proponer, ver, revisar, aprobar, ejecutar, suspender de inmediato."
    ),
    "The proposal's file, as `acredita council propose` writes it.": (
        "El archivo de la propuesta, como lo escribe `acredita council propose`."
    ),
    "The file of the act. Its SHA-256 must be the one that the proposal names.": (
        "El archivo de la resolución. Su SHA-256 debe ser el que nombra la propuesta."
    ),
    "Show the members of the council, its threshold and its recovery set.": (
        "Muestra los miembros del consejo, su umbral y su grupo de recuperación."
    ),
    "List executed, retracted, void and expired ones as well.": (
        "Muestra también las ejecutadas, retiradas, sin efecto y vencidas."
    ),
    "A folder with files of proposals, to show what they do.": (
        "Una carpeta con archivos de propuestas, para mostrar qué hacen."
    ),
    "List the proposals of the council, the newest first.": "Muestra las propuestas del consejo, primero las más nuevas.",
    "The proposal's file, to show in words what it does.": "El archivo de la propuesta, para mostrar en palabras qué hace.",
    "The file of the act, to compare it with its hash. With --node a new file is written.": (
        "El archivo de la resolución, para compararlo con su huella. Con --node se escribe si es nuevo."
    ),
    "A node to ask for what no file gives. It is compared with the chain's hashes.": (
        "Un nodo al que pedir lo que no dé un archivo. Se compara con los hashes de la cadena."
    ),
    "A node to ask for the proposals. They are compared with the chain's hashes.": (
        "Un nodo al que pedir las propuestas. Se comparan con los hashes de la cadena."
    ),
    "Show a proposal: its state, who approves it and, with its file, what it will change.": (
        "Muestra una propuesta: su estado, quién la aprueba y, con su archivo, qué cambiará."
    ),
    "Show a proposal: its state, who approves it and, with its file, what it will change.\n\nThe calldata and the act are "
    "compared with the hashes on the chain. Exit 1 where one differs.": (
        "Muestra una propuesta: su estado, quién la aprueba y, con su archivo, qué cambiará.\n\nLos datos de la llamada y la "
        "resolución se comparan con las huellas en la cadena. Termina con 1 si una difiere."
    ),
    "Approve a proposal after showing in words what it will change.": (
        "Aprueba una propuesta después de mostrar en palabras qué cambiará."
    ),
    "Approve a proposal after showing in words what it will change.\n\nThe approval binds what was read: target, "
    "calldata and "
    "act of the file. Where the chain has others, nothing is signed.": (
        "Aprueba una propuesta después de mostrar en palabras qué cambiará.\n\nLa aprobación obliga a lo leído: "
        "destino, datos "
        "y resolución del archivo. Si la cadena tiene otros, no se firma nada."
    ),
    "Suspend an institution at once, as one member. It lapses after 72 hours unless the council confirms it.": (
        "Suspende de inmediato a una institución, como un solo miembro. Caduca a las 72 horas si el consejo no la confirma."
    ),
    "Propose an act to the council. The proposer's approval counts.": (
        "Propone un acto al consejo. La aprobación de quien propone cuenta."
    ),
    "The title of the act, for whoever reads the proposal.": "El título de la resolución, para quien lea la propuesta.",
    "The proposal's file to write, which the other members read.": (
        "El archivo de la propuesta que se escribe, que leen los demás miembros."
    ),
    "The time zone of days, an IANA name.": "La zona horaria de los días, un nombre IANA.",
    "Propose it although the contracts would refuse it now.": "La propone aunque los contratos la rechazarían ahora.",
    # council recovery
    "Replace the members of a council that lost its quorum, as a holder of the recovery set.": (
        "Reemplaza a los miembros de un consejo que perdió su quórum, como parte del grupo de recuperación."
    ),
    "The recovery's file, as `acredita council recovery propose` writes it.": (
        "El archivo de la recuperación, como lo escribe `acredita council recovery propose`."
    ),
    "The recovery's file to write, which the other holders read.": (
        "El archivo de la recuperación que se escribe, que leen las demás cuentas del grupo."
    ),
    "Propose new members and a threshold. The proposer's approval counts.": (
        "Propone nuevos miembros y un umbral. La aprobación de quien propone cuenta."
    ),
    "List the recoveries of the council with their approvals and the time from which they can be executed.": (
        "Muestra las recuperaciones del consejo con sus aprobaciones y el momento desde el que pueden ejecutarse."
    ),
    "Approve a recovery of the members and threshold in its file. Enough approvals start 30 public days.": (
        "Aprueba una recuperación de los miembros y el umbral de su archivo. Con suficientes aprobaciones empiezan 30 días "
        "públicos."
    ),
    "Execute a recovery, 30 to 60 days after enough holders agreed.": (
        "Ejecuta una recuperación, de 30 a 60 días después de que suficientes cuentas la aprobaron."
    ),
    "Propose to the council, as a member, to cancel a recovery.": (
        "Propone al consejo, como miembro, cancelar una recuperación."
    ),
    # network
    "Set up a network of Besu nodes that several parties run.": "Prepara una red de nodos Besu que operan varias partes.",
    "The validator's short name, which stands in file names.": (
        "El nombre corto del validador, que aparece en nombres de archivo."
    ),
    "The IP address at which the other nodes connect to this one.": (
        "La dirección IP en que los otros nodos se conectan a este."
    ),
    "The folder to make, for key and validator.json.": "La carpeta que se crea, para key y validator.json.",
    "The port at which the other nodes connect to this one.": "El puerto en que los otros nodos se conectan a este.",
    "Make the private key of a validator, and the public file that it hands over: enode and address.": (
        "Crea la clave privada de un validador, y el archivo público que entrega: enode y dirección."
    ),
    "Seconds between blocks.": "Segundos entre bloques.",
    "The folder to make.": "La carpeta que se crea.",
    "The address of an account that may send transactions, the founder's first. Repeat the option.": (
        "La dirección de una cuenta que puede enviar transacciones, primero la de quien funda. Repita la opción."
    ),
    "The number of the chain. Each network has its own.": "El número de la cadena. Cada red tiene el suyo.",
    "The validator.json of a validator. Repeat the option for each.": (
        "El validator.json de un validador. Repita la opción para cada uno."
    ),
    "Make this many validators with their private keys, only for chain id 31337.": (
        "Crea tantos validadores con sus claves privadas, solo para la cadena 31337."
    ),
    "Write the files of a network: first block, nodes, permissions, a configuration for each node, a Compose file."
    "\n\nIt holds no private key. The folder is the same for every validator, and nobody has to keep it secret.": (
        "Escribe los archivos de una red: primer bloque, nodos, permisos, una configuración por nodo, un archivo Compose."
        "\n\nNo contiene claves privadas. La carpeta es la misma para cada validador, y nadie tiene que guardarla en secreto."
    ),
    "Write the files of a network: first block, nodes, permissions, a configuration for each node, a Compose file.": (
        "Escribe los archivos de una red: primer bloque, nodos, permisos, una configuración por nodo, un archivo Compose."
    ),
    "JSON-RPC address to check, or a TOML file whose section `ledger` names endpoints with their tokens.": (
        "La dirección JSON-RPC que se revisa, o un archivo TOML cuya sección `ledger` nombra servidores y sus tokens."
    ),
    "A signed trust file that names the chain, its blocks and its validators.": (
        "Un archivo de confianza firmado que nombra la cadena, sus bloques y sus validadores."
    ),
    "The genesis.json of the network, as `acredita network init` writes it.": (
        "El genesis.json de la red, como lo escribe `acredita network init`."
    ),
    "The file of an account that may send transactions, to try the price zero with it.": (
        "El archivo de una cuenta que puede enviar transacciones, para probar con ella el precio cero."
    ),
    "The address of an external signer of that account. It goes with --from.": (
        "La dirección de un firmador externo de esa cuenta. Va con --from."
    ),
    "The address of that account, if its key is not in --account.": (
        "La dirección de esa cuenta, si su clave no está en --account."
    ),
    "Write the report with date and versions to this file, which must not exist.": (
        "Escribe el informe con fecha y versiones en este archivo, que no debe existir."
    ),
    "Check endpoints of a network before it is relied on, one line a subject. Exit 1 at a fault, 3 where one cannot tell."
    "\n\nA made-up account sends one transaction, to be refused; a given account sends some of price zero to itself.": (
        "Revisa servidores de una red antes de confiar en ella, una línea por asunto. Termina con 1 ante una falla, 3 si no"
        " se puede saber.\n\nUna cuenta inventada envía una transacción, que debe rechazarse; una cuenta dada envía"
        " algunas de precio cero a sí misma."
    ),
    "Check endpoints of a network before it is relied on, one line a subject.": (
        "Revisa servidores de una red antes de confiar en ella, una línea por asunto."
    ),
    # institutions, agencies, programmes and scopes
    "Review institutions and programmes, as a quality agency.": (
        "Revisa instituciones y programas, como agencia de calidad."
    ),
    "Show whether the council recognises an agency now, until when, and its account.": (
        "Muestra si el consejo reconoce ahora a una agencia, hasta cuándo, y su cuenta."
    ),
    "Add and end anchoring accounts of the institution, and mark one as compromised.": (
        "Agrega y termina cuentas de anclaje de la institución, y marca una como comprometida."
    ),
    "Add and end keys of the institution, and mark one as compromised.": (
        "Agrega y termina claves de la institución, y marca una como comprometida."
    ),
    "Apply, attest, and keep keys and accounts, as an institution by its control account.": (
        "Solicita, declara y cuida claves y cuentas, como institución con su cuenta de control."
    ),
    "Show an institution's state on the ledger, and each step that still misses before it may be activated.\n\n"
    "Exit 1 where it is suspended, under review, expired, revoked or rejected.": (
        "Muestra el estado de una institución en la cadena, y cada paso que aún falta para que pueda activarse.\n\n"
        "Termina con 1 si está suspendida, en revisión, vencida, revocada o rechazada."
    ),
    "Check a programme document and name every fault with its place. It needs no ledger.": (
        "Revisa un documento de programa y nombra cada falta con su lugar. No necesita la cadena."
    ),
    "Show the state of a programme version on the ledger.": (
        "Muestra el estado de una versión de programa en la cadena."
    ),
    "Submit a version that replaces an earlier one of the same institution once the council approves it.": (
        "Presenta una versión que reemplaza a una anterior de la misma institución cuando el consejo la apruebe."
    ),
    "The JSON document to write, which is submitted.": "El documento JSON que se escribe, y que se presenta.",
    "The programme document, in JSON or TOML.": "El documento del programa, en JSON o TOML.",
    "The scope document of the institution, to compare the programme with.": (
        "El documento de alcance de la institución, para comparar el programa con él."
    ),
    "The template to write. Its name ends in .toml.": "La plantilla que se escribe. Su nombre termina en .toml.",
    "Write the template of a programme version: TOML with a comment on each element.": (
        "Escribe la plantilla de una versión de programa: TOML con un comentario en cada elemento."
    ),
    "Write, check, submit, review and withdraw programme versions.": (
        "Escribe, revisa, presenta, dictamina y retira versiones de programas."
    ),
    "Check a scope document and name every fault with its place. It needs no ledger.": (
        "Revisa un documento de alcance y nombra cada falta con su lugar. No necesita la cadena."
    ),
    "The JSON document to write, which the council names.": (
        "El documento JSON que se escribe, y que el consejo nombra."
    ),
    "The scope document, in JSON or TOML.": "El documento de alcance, en JSON o TOML.",
    "Write and check scope documents: what an institution may issue.": (
        "Escribe y revisa documentos de alcance: lo que una institución puede emitir."
    ),
    "Write the template of a scope: TOML with a comment on each element.": (
        "Escribe la plantilla de un alcance: TOML con un comentario en cada elemento."
    ),
    "Folder of an embedded chain, in the place of --rpc.": "Carpeta de una cadena incluida, en lugar de --rpc.",
    "The file with the members and the threshold of the council.": "El archivo con los miembros y el umbral del consejo.",
    "The file with the accounts and the threshold of the recovery set.": (
        "El archivo con las cuentas y el umbral del grupo de recuperación."
    ),
    "The address of a node or mirror, which the trust file names. Repeat the option for each.": (
        "La dirección de un nodo o espejo, que el archivo de confianza nombra. Repita la opción para cada una."
    ),
    "A key that signs trust files, as a Multikey. Repeat the option for each.": (
        "Una clave que firma archivos de confianza, como Multikey. Repita la opción para cada una."
    ),
    "How many of the keys must sign a trust file.": "Cuántas de las claves deben firmar un archivo de confianza.",
    "The deployment file to write.": "El archivo de despliegue que se escribe.",
    "The trust draft to write. It is not signed yet.": "El borrador de confianza que se escribe. Aún no está firmado.",
    "The file with the authority's did, name and url. Without it, a made-up one.": (
        "El archivo con did, name y url de la autoridad. Sin él, una ficticia."
    ),
    "The address of a validator, for any chain id but 31337. Repeat the option for each.": (
        "La dirección de un validador, para toda cadena que no sea la 31337. Repita la opción para cada uno."
    ),
    "Seconds between blocks. It goes together with --validator.": "Segundos entre bloques. Va junto con --validator.",
    "The throw-away account that deploys. Without it, one is made and thrown away.": (
        "La cuenta desechable que despliega. Sin ella, se crea una y se desecha."
    ),
    "Deploy the four contracts from an account without rights, and write the deployment and an unsigned trust draft.": (
        "Despliega los cuatro contratos desde una cuenta sin derechos, y escribe el despliegue y un borrador de confianza "
        "sin firmar."
    ),
    "The deployment file, as `acredita network found` writes it.": (
        "El archivo de despliegue, como lo escribe `acredita network found`."
    ),
    "A file with the members and the threshold that must have been deployed.": (
        "Un archivo con los miembros y el umbral que deben haberse desplegado."
    ),
    "A file with the recovery set and the threshold that must have been deployed.": (
        "Un archivo con el grupo de recuperación y el umbral que deben haberse desplegado."
    ),
    "The trust draft that must name this deployment.": "El borrador de confianza que debe nombrar este despliegue.",
    "Verify a deployment before signing for it: creation codes, constructor arguments, runtime codes, council."
    "\n\nThe codes are rebuilt from the installed package and compared with the chain's. Exit 1 at any difference.": (
        "Verifica un despliegue antes de firmar por él: códigos de creación, argumentos, códigos en la cadena, consejo."
        "\n\nLos códigos se rehacen con el paquete instalado y se comparan con los de la cadena. Termina con 1 ante "
        "cualquier diferencia."
    ),
}
