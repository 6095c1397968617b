import asyncio
import datetime
import json
import os
from uuid import UUID

import httpx

from mindbot import MindBotError, apages, connect, idempotency_key, pages
from mindbot_api.api.api_keys import create_api_key, read_api_plan, read_api_usage
from mindbot_api.api.calls import list_calls
from mindbot_api.api.tenants import create_tenant
from mindbot_api.models import CreateApiKeyRequest, CreateTenantRequest
from mindbot_api.models.create_api_key_request_scopes_item import CreateApiKeyRequestScopesItem
from mindbot_api.models.read_api_usage_by import ReadApiUsageBy

URL = os.environ["MINDBOT_URL"]
KEY = os.environ["MINDBOT_API_KEY"]
PERSON = UUID(os.environ["MINDBOT_PERSON"])
TENANT = UUID(os.environ["MINDBOT_TENANT"])
program = connect(URL, KEY)
person = connect(f"{URL}/", os.environ["MINDBOT_ACCESS_TOKEN"])


def refusal(ask):
    try:
        ask()
    except MindBotError as error:
        return {
            "code": error.code,
            "status": error.status,
            "hasRequestId": error.request_id is not None,
            "remaining": error.quota["remaining"] if error.quota else None,
            "waits": (error.retry_after or 0) > 0,
        }
    except httpx.TransportError:
        return {"code": "no_answer"}
    return "none"


def plan():
    found = read_api_plan.sync(client=program)
    return {"plan": found.plan.id, "limit": found.quota.limit}


async def aplan():
    found = await read_api_plan.asyncio(client=program)
    return {"plan": found.plan.id, "limit": found.quota.limit}


def once():
    key = idempotency_key()
    body = CreateTenantRequest(name="By SDK in Python")
    made = [create_tenant.sync(client=person, body=body, idempotency_key=key).tenant.id for _ in range(2)]
    return {"same": made[0] == made[1]}


def invalid():
    now = datetime.datetime.now(datetime.timezone.utc)
    read_api_usage.sync(client=program, from_=now, to=now, by=ReadApiUsageBy.DAY)


def not_again():
    body = CreateApiKeyRequest(name="x", scopes=[CreateApiKeyRequestScopesItem.VERIFY])
    create_api_key.sync(TENANT, client=person, body=body)


def all_pages():
    found = [call.call_id for page in pages(lambda before: list_calls.sync(PERSON, client=person, limit=2, before=before)) for call in page.calls]
    return {"found": len(found), "different": len(set(found))}


async def all_apages():
    read = lambda before: list_calls.asyncio(PERSON, client=person, limit=2, before=before)
    found = [call.call_id async for page in apages(read) for call in page.calls]
    return {"found": len(found), "different": len(set(found))}


STEPS = {
    "plan": plan,
    "aplan": lambda: asyncio.run(aplan()),
    "refused": lambda: refusal(lambda: read_api_plan.sync(client=connect(URL, f"{KEY}x"))),
    "invalid": lambda: refusal(invalid),
    "quota": lambda: refusal(lambda: read_api_plan.sync(client=program)),
    "aquota": lambda: refusal(lambda: asyncio.run(aplan())),
    "nobody": lambda: refusal(lambda: read_api_plan.sync(client=connect("http://127.0.0.1:9", KEY, retries=0))),
    "once": once,
    "notAgain": lambda: refusal(not_again),
    "pages": all_pages,
    "apages": lambda: asyncio.run(all_apages()),
}
print(json.dumps(STEPS[os.environ["MINDBOT_STEP"]]()))
