"""MindBot's API. Operations are modules of `mindbot_api.api`; each has `sync` and `asyncio`."""

import uuid

import httpx

from mindbot_api.client import AuthenticatedClient

from .errors import MindBotError, Quota
from .paging import apages, pages
from .transport import SendAgain

__all__ = ["MindBotError", "Quota", "apages", "connect", "idempotency_key", "pages"]


def connect(
    base_url: str,
    api_key: str,
    *,
    retries: int = 2,
    timeout: float = 30.0,
    longest_wait: float = 60.0,
    transport: httpx.BaseTransport | None = None,
    async_transport: httpx.AsyncBaseTransport | None = None,
) -> AuthenticatedClient:
    """A client for `sync(client=…)` and `asyncio(client=…)`.

    `api_key` is `mb_live_…` of a tenant, or the access token of a person. A request is sent again `retries` times at
    most; nobody waits longer than `longest_wait` seconds for a rate. Put a transport that pays here, with a cap.
    """
    send = SendAgain(
        retries=retries,
        longest_wait=longest_wait,
        transport=transport or httpx.HTTPTransport(),
        async_transport=async_transport or httpx.AsyncHTTPTransport(),
    )
    return AuthenticatedClient(
        base_url=base_url.rstrip("/"),
        token=api_key,
        timeout=httpx.Timeout(timeout),
        httpx_args={"transport": send},
    )


def idempotency_key() -> str:
    """A new name for something that is to happen once: the same one when you try again."""
    return str(uuid.uuid4())
