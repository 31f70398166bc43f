"""Run the HTTP application on a socket, with TLS if a certificate is given.

uvicorn runs it on the event loop of uvloop and the parser of httptools: of the servers that were compared, a request costs
least processor time there (docs/benchmarks.md). `connections` limits what one connection may cost.
"""

import errno
import gc
import socket
from pathlib import Path
from typing import Final

import uvicorn
from acredita.node.http.connections import ConnectionLimits, protocol_within
from fastapi import FastAPI

KEEP_ALIVE_SECONDS: Final = 10
MAX_CONNECTIONS: Final = 512  # more are refused with 503, because they would slow down all others
SHUTDOWN_SECONDS: Final = 10
DEFAULT_LIMITS: Final = ConnectionLimits()


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket; raises OSError with the address. Port 0 takes any free port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only then: without it an answer waits 40 ms for an ACK.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from None
    except OverflowError:
        bound.close()
        raise OSError(errno.EADDRNOTAVAIL, "no such port", f"{host}:{port}") from None
    return bound


def spare_start_from_collection() -> None:
    """Leave all objects that exist now out of garbage collection: they live as long as the process, which only serves."""
    gc.collect()
    gc.freeze()


def server(
    app: FastAPI,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    limits: ConnectionLimits = DEFAULT_LIMITS,
) -> uvicorn.Server:
    """Build the server; `run(sockets=[…])` serves until a signal ends it. Its own access log is off: it would write paths.

    `certificate`, `key`: PEM files of a certificate chain and its key, for HTTPS.
    """
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol_within(limits),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        limit_concurrency=MAX_CONNECTIONS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    return uvicorn.Server(config)
