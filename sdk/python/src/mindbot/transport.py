import asyncio
import random
import time

import httpx

from .errors import MindBotError, retry_after_of

SAFE = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 8.0


def is_repeatable(request: httpx.Request) -> bool:
    """Whether it does the same when it is done twice: by its method, or as the service knows it by its key."""
    return request.method in SAFE or "idempotency-key" in request.headers


def may_pass(request: httpx.Request, response: httpx.Response) -> bool:
    """Refused before anything was done, or failed in a way that may pass. What was paid for is never sent again."""
    if "payment-response" in response.headers or "payment-receipt" in response.headers:
        return False
    if response.status_code == 429 or (response.status_code == 503 and "retry-after" in response.headers):
        return True
    return response.status_code >= 500 and response.status_code != 501 and is_repeatable(request)


class SendAgain(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends again what may be sent again, after the time that the service asks for, and raises refusals."""

    def __init__(
        self,
        *,
        retries: int,
        longest_wait: float,
        transport: httpx.BaseTransport,
        async_transport: httpx.AsyncBaseTransport,
    ) -> None:
        self.retries = retries
        self.longest_wait = longest_wait
        self.transport = transport
        self.async_transport = async_transport

    def pause(self, attempt: int, request: httpx.Request, answer: httpx.Response | httpx.TransportError) -> float | None:
        """Seconds to wait before the next attempt; none: there is none."""
        if attempt >= self.retries:
            return None
        # Half of it is by chance, so that those who failed together do not come back together.
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt) * (0.5 + random.random() / 2)
        if isinstance(answer, httpx.TransportError):
            return pause if is_repeatable(request) else None
        if not may_pass(request, answer):
            return None
        wanted = retry_after_of(answer) or 0.0
        return None if wanted > self.longest_wait else max(wanted, pause)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        attempt = 0
        while True:
            answer: httpx.Response | httpx.TransportError
            try:
                answer = self.transport.handle_request(request)
                if answer.status_code < 400:
                    return answer
                answer.read()
            except httpx.TransportError as error:
                answer = error
            pause = self.pause(attempt, request, answer)
            if pause is None:
                raise answer if isinstance(answer, Exception) else MindBotError(answer)
            time.sleep(pause)
            attempt += 1

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        attempt = 0
        while True:
            answer: httpx.Response | httpx.TransportError
            try:
                answer = await self.async_transport.handle_async_request(request)
                if answer.status_code < 400:
                    return answer
                await answer.aread()
            except httpx.TransportError as error:
                answer = error
            pause = self.pause(attempt, request, answer)
            if pause is None:
                raise answer if isinstance(answer, Exception) else MindBotError(answer)
            await asyncio.sleep(pause)
            attempt += 1

    def close(self) -> None:
        self.transport.close()

    async def aclose(self) -> None:
        await self.async_transport.aclose()
