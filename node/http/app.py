"""Build the node's HTTP application, and the server that runs it.

`create_app` builds the application from its dependencies; nothing is global. `server` runs it until a signal ends
it, with TLS if a certificate is given. docs/api.md lists the routes.
"""

import contextlib
import errno
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from acredita.node.http import (
    checkpoints,
    credentials,
    dcc_registry,
    delivery,
    health,
    identifiers,
    problems,
    public_files,
    registry,
    tokens,
    trqp,
    vc_api_issue,
    vc_api_profiles,
    vc_api_status,
    vc_api_verify,
    verify,
    verify_page,
)
from acredita.node.http.dependencies import Node, NodeDependencies
from acredita.node.http.middleware import RequestMiddleware
from acredita.node.http.verification_queue import VerificationQueue
from fastapi import FastAPI

__all__ = ["NodeDependencies", "create_app", "listen", "node_of", "server"]

KEEP_ALIVE_SECONDS = 10
MAX_CONNECTIONS = 512  # more are refused with 503, because they would slow down all others
SHUTDOWN_SECONDS = 10


def create_app(dependencies: NodeDependencies) -> FastAPI:
    """Build the application over these dependencies."""
    node = Node(dependencies)
    queue = VerificationQueue(node)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        queue.close()

    app = FastAPI(
        title="Acredita",
        summary="Permissioned, ledger-anchored registry node for microcredentials",
        version="1",
        docs_url=None,  # its pages load scripts from other hosts
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.node = node
    app.state.verification_queue = queue
    app.state.recognised_listings = dcc_registry.Listings()
    app.add_middleware(RequestMiddleware, metrics=node.metrics)
    problems.install(app)
    for router in (
        verify.router,
        credentials.router,
        checkpoints.router,
        vc_api_profiles.router,
        vc_api_issue.router,
        vc_api_verify.router,
        vc_api_status.router,
        tokens.router,
        registry.router,
        dcc_registry.router,
        trqp.router,
        public_files.router,
        health.router,
        verify_page.router,
        delivery.router,
        identifiers.router,  # last: its did:web paths match anything that ends in /did.json
    ):
        app.include_router(router)
    return app


def node_of(app: FastAPI) -> Node:
    """Return the node of an application. A write path that runs beside it reports its runs to `node.metrics`."""
    node = app.state.node
    assert isinstance(node, Node)
    return node


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


def server(app: FastAPI, *, certificate: Path | None = None, key: Path | None = None) -> uvicorn.Server:
    """Build the server of an application. Its own access log is off, because it would write paths."""
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
