"""Build the node's HTTP application: `create_app` builds it from its dependencies; nothing is global.

docs/api.md lists the routes; `server` runs the application.
"""

import contextlib
from collections.abc import AsyncIterator

from acredita.node.http import (
    checkpoints,
    credentials,
    dcc_registry,
    delivery,
    documents,
    health,
    identifiers,
    mirror,
    problems,
    proposals,
    public_files,
    records,
    registry,
    tokens,
    trqp,
    trust_files,
    vc_api_issue,
    vc_api_profiles,
    vc_api_status,
    vc_api_verify,
    verify,
    verify_page,
    withheld,
)
from acredita.node.http.dependencies import Node, NodeDependencies
from acredita.node.http.middleware import RequestMiddleware
from acredita.node.http.verification_queue import VerificationQueue
from fastapi import FastAPI
from fastapi.routing import APIRoute

__all__ = ["NodeDependencies", "create_app", "node_of"]


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
        redirect_slashes=False,  # the address of such a redirect would repeat the Host header, which a stranger may choose
        lifespan=lifespan,
    )
    app.state.node = node
    app.state.verification_queue = queue
    app.state.recognised_listings = dcc_registry.Listings()
    app.state.copy_times = mirror.CopyTimes()
    app.add_middleware(RequestMiddleware, metrics=node.metrics, readable=_readable_from_pages())
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
        records.router,
        trust_files.router,
        dcc_registry.router,
        trqp.router,
        documents.router,
        proposals.router,
        withheld.router,
        public_files.router,
        mirror.router,
        health.router,
        verify_page.router,
        delivery.router,
        identifiers.router,  # last: its did:web paths match anything that ends in /did.json
    ):
        app.include_router(router)
    return app


def _readable_from_pages() -> list[APIRoute]:
    """Return the routes whose answers any web page may read: a verifier that runs in a browser needs them."""
    routers = (
        registry.router,
        records.router,
        trust_files.router,
        dcc_registry.router,
        documents.router,
        proposals.router,
        withheld.router,
        public_files.router,
        mirror.router,
        identifiers.router,
    )
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]


def node_of(app: FastAPI) -> Node:
    """Return the node of an application. A write path that runs beside it reports its runs to `node.metrics`."""
    node = app.state.node
    assert isinstance(node, Node)
    return node
