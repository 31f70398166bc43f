"""The node as an HTTP application, and the server that runs it.

`create_app` builds it from explicit parts; nothing is global and nothing is fetched. `serve` listens until it is told to
stop, with TLS where it is given a certificate. docs/api.md lists the routes.
"""

import contextlib
import errno
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from acredita.node.http import (
    batches,
    credentials,
    health,
    identifiers,
    pages,
    problems,
    publications,
    registry,
    trqp,
    verification,
)
from acredita.node.http.access import SECURITY_SCHEMES, Gate
from acredita.node.http.observing import Observing
from acredita.node.http.parts import Node, Parts
from acredita.node.http.verification import Desk
from fastapi import FastAPI

__all__ = ["Parts", "create_app", "listen", "serve"]

KEEP_ALIVE_SECONDS = 10
MAX_CONNECTIONS = 512  # more are turned away with 503 instead of slowing everybody down
SHUTDOWN_SECONDS = 10


def create_app(parts: Parts) -> FastAPI:
    """The application over these parts."""
    node = Node(parts)
    desk, gate = Desk(node), Gate(node)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(
        title="Acredita",
        summary="Permissioned, ledger-anchored registry node for microcredentials",
        version="1",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_middleware(Observing, metrics=node.metrics)
    problems.install(app)
    for router in (
        verification.routes(desk),
        credentials.routes(node, gate),
        batches.routes(node, gate),
        registry.routes(node),
        trqp.routes(node),
        publications.routes(node),
        health.routes(node),
        pages.routes(desk),
        identifiers.routes(node),  # last: its did:web paths match anything that ends in /did.json
    ):
        app.include_router(router)
    _describe_tokens(app)
    return app


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; OSError names the address, before anything is served."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        bound.close()
        number = error.errno if isinstance(error, OSError) else errno.EADDRNOTAVAIL
        raise OSError(number, getattr(error, "strerror", None) or "no such port", f"{host}:{port}") from None
    return bound


def serve(app: FastAPI, bound: socket.socket, *, certificate: Path | None = None, key: Path | None = None) -> None:
    """Serve on a bound socket until a signal ends it; HTTPS with a certificate chain and its key (PEM)."""
    server(app, certificate=certificate, key=key).run(sockets=[bound])


def server(app: FastAPI, *, certificate: Path | None = None, key: Path | None = None) -> uvicorn.Server:
    """The server `serve` runs. Its own access log is off: it would write paths."""
    config = uvicorn.Config(
        app,
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


def _describe_tokens(app: FastAPI) -> None:
    """The bearer scheme in the OpenAPI document; which operations ask for it they say themselves."""
    document = app.openapi()
    document.setdefault("components", {})["securitySchemes"] = SECURITY_SCHEMES
