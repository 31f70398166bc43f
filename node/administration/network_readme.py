"""Write the README of a new network's folder in the reader's language."""

from collections.abc import Iterable
from typing import Final

BESU_VERSION: Final = "26.2.0"
BESU_IMAGE: Final = f"hyperledger/besu:{BESU_VERSION}"

_ENGLISH: Final = """\
# A permissioned QBFT network

Their TOML keys, extraData and `qbft` section were compared with files of Besu's own tests.
**Besu itself has not been run with them.** Its first operator writes down date, version and what was seen, as
`acredita network check --rpc http://127.0.0.1:8545 --expect genesis.json --record FILE` does.

Every validator holds the same `genesis.json`, `static-nodes.json` and `permissions.toml`.
Compare them before the first start: `sha256sum genesis.json static-nodes.json permissions.toml`.

On the machine of each validator:

1. Put its private key at `NAME/key` (`acredita network key` made it). User 1000 of the container must be able to read it,
   and nobody else.
2. Start that node alone: `docker-compose up -d NAME`.
3. The JSON-RPC address is `http://127.0.0.1:8545`, for this machine alone.

The network makes blocks while two thirds of the validators, rounded up, are up.
`permissions.toml` names the accounts that may send transactions; every validator needs the same list. A node
reads it at its start.

| Name | Enode |
|---|---|
"""
_SPANISH: Final = """\
# Una red QBFT con permisos

Las claves TOML, extraData y la sección `qbft` se compararon con archivos de las pruebas de Besu.
**Besu mismo no se ha ejecutado con ellos.** Su primer operador anota fecha, versión y lo que vio, como lo hace
`acredita network check --rpc http://127.0.0.1:8545 --expect genesis.json --record ARCHIVO`.

Cada validador tiene los mismos `genesis.json`, `static-nodes.json` y `permissions.toml`.
Compárenlos antes del primer arranque: `sha256sum genesis.json static-nodes.json permissions.toml`.

En la máquina de cada validador:

1. Ponga su clave privada en `NOMBRE/key` (la hizo `acredita network key`). El usuario 1000 del contenedor debe poder leerla,
   y nadie más.
2. Arranque solo ese nodo: `docker-compose up -d NOMBRE`.
3. La dirección JSON-RPC es `http://127.0.0.1:8545`, solo para esta máquina.

La red hace bloques mientras funcionen dos tercios de los validadores, redondeados hacia arriba. `permissions.toml` nombra las
cuentas que pueden enviar transacciones; cada validador necesita la misma lista. Un nodo la lee al arrancar.

| Nombre | Enode |
|---|---|
"""
_DEMO: Final = {
    "en": "\nA development network: all private keys were made here. `docker-compose up -d` starts every node.\n",
    "es": "\nUna red de desarrollo: todas las claves privadas están aquí. `docker-compose up -d` arranca cada nodo.\n",
}


def readme(nodes: Iterable[tuple[str, str]], language: str, *, is_demo: bool) -> str:
    """Return the README. `nodes`: name and enode of each validator."""
    rows = "".join(f"| {name} | `{enode}` |\n" for name, enode in nodes)
    return (_SPANISH if language == "es" else _ENGLISH) + rows + (_DEMO[language] if is_demo else "")
