"""Refuse a request beyond the rate of its address, on the routes that make the node read much."""

from acredita.node.http.dependencies import CurrentNode
from acredita.node.http.problems import RequestRefused
from acredita.registry.codes import Code
from fastapi import Request


async def within_rate(request: Request, node: CurrentNode) -> None:
    """Count the request for its address. Raises RequestRefused (429) beyond its rate."""
    seconds = node.records_rate.wait(request.client.host if request.client else "")
    if seconds:
        headers = {"Retry-After": str(seconds)}
        raise RequestRefused(
            429,
            Code.TOO_MANY_REQUESTS,
            "too many requests of one address for records, documents or proofs",
            headers=headers,
        )
