from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

from mindbot_api.types import UNSET

Page = TypeVar("Page")


def pages(read: Callable[[Any], Page | None]) -> Iterator[Page]:
    """The pages of a list, whose `next_` is the `before` of the next one:

    `for page in pages(lambda before: list_calls.sync(user_id, client=client, before=before)): …`
    """
    before: Any = UNSET
    while (page := read(before)) is not None:
        yield page
        before = getattr(page, "next_")
        if before is None:
            return


async def apages(read: Callable[[Any], Awaitable[Page | None]]) -> AsyncIterator[Page]:
    """As `pages`, of coroutines."""
    before: Any = UNSET
    while (page := await read(before)) is not None:
        yield page
        before = getattr(page, "next_")
        if before is None:
            return
