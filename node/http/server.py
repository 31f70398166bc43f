"""Run the HTTP application on a socket, with TLS if a certificate is given.

uvicorn runs it on the event loop of uvloop and the parser of httptools: of the servers that were compared, a request costs
least processor time there (docs/benchmarks.md). `connections` limits what one connection may cost, `admission` how many
there are.
"""

import asyncio
import errno
import gc
import resource
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import uvicorn
from acredita.node.http.admission import Admission, AdmissionLimits, Place
from acredita.node.http.connections import ConnectionLimits, LimitedProtocol, protocol_within
from acredita.node.http.listener import Listener
from fastapi import FastAPI

KEEP_ALIVE_SECONDS: Final = 10
SHUTDOWN_SECONDS: Final = 10
OTHER_DESCRIPTORS: Final = 256  # of the database, the chain, files, and requests to other hosts
DEFAULT_LIMITS: Final = ConnectionLimits()
DEFAULT_ADMISSION: Final = AdmissionLimits()


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


class NodeServer(uvicorn.Server):
    """The server of uvicorn with its own listeners, which admit connections within bounds."""

    def __init__(self, config: uvicorn.Config, limits: ConnectionLimits, admission: Admission) -> None:
        super().__init__(config)
        self._limits = limits
        self._admission = admission

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then accept connections on these sockets."""
        await super().startup(sockets=[])
        tls = self.config.ssl
        self.servers = [
            cast(Any, Listener(bound, self._admission, self._protocol, tls, self._limits.head_seconds))
            for bound in sockets or []
        ]

    def _protocol(self, place: Place) -> asyncio.Protocol:
        kind = cast(type[LimitedProtocol], self.config.http_protocol_class)
        state, app_state = self.server_state, self.lifespan.state
        return kind(place, config=self.config, server_state=state, app_state=app_state)


def server(
    app: FastAPI,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    limits: ConnectionLimits = DEFAULT_LIMITS,
    admission: AdmissionLimits = DEFAULT_ADMISSION,
) -> NodeServer:
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
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    total = min(admission.total, _places_of_process(admission.total))
    return NodeServer(config, limits, Admission(replace(admission, total=total)))


def _places_of_process(wanted: int) -> int:
    """Return how many connections this process may have; raise its limit of file descriptors as far as it may.

    The soft limit of many systems is 1,024, for programs that cannot use more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + OTHER_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(soft - OTHER_DESCRIPTORS, soft // 2)
