from typing import Any, TypedDict

import httpx


class Quota(TypedDict):
    """What is left of the plan of the tenant, where an API key asked. No limit: as many as you like."""

    plan_id: str | None
    limit: int | None
    remaining: int | None
    resets_at: str
    per_minute: int
    remaining_in_minute: int


def retry_after_of(response: httpx.Response) -> float | None:
    try:
        seconds = float(response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if seconds >= 0 else None


class MindBotError(Exception):
    """A refusal of the API: its code is for programs, its message says what to do."""

    def __init__(self, response: httpx.Response) -> None:
        try:
            told: dict[str, Any] = response.json()["error"]
        except (ValueError, KeyError, TypeError):
            told = {}
        super().__init__(told.get("message", f"The service answered {response.status_code}."))
        self.code: str = told.get("code", "http")
        self.status: int = response.status_code
        self.request_id: str | None = told.get("request_id") or response.headers.get("x-request-id")
        self.quota: Quota | None = told.get("quota")
        self.retry_after: float | None = retry_after_of(response)
        self.response = response
