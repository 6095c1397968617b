import { type ApiPlanResponse, idempotencyKey, MindBot, MindBotError, pages } from '@mindbot/sdk';

const {
  MINDBOT_URL: baseUrl = '',
  MINDBOT_API_KEY: apiKey = '',
  MINDBOT_ACCESS_TOKEN: token = '',
} = process.env;
const { MINDBOT_TENANT: tenant_id = '', MINDBOT_PERSON: user_id = '', MINDBOT_STEP: step = '' } = process.env;
const program = new MindBot({ baseUrl, apiKey });
const person = new MindBot({ baseUrl: `${baseUrl}/`, apiKey: async () => token });

const refusal = (asked: Promise<unknown>) =>
  asked.then(
    () => 'none',
    (error: unknown) => {
      if (!(error instanceof MindBotError)) return String(error);
      const { code, status, requestId, quota, retryAfterSeconds } = error;
      return {
        code,
        status,
        hasRequestId: requestId !== undefined,
        remaining: quota?.remaining,
        waits: (retryAfterSeconds ?? 0) > 0,
      };
    },
  );

const steps: Record<string, () => Promise<unknown>> = {
  async plan() {
    const plan: ApiPlanResponse = await program.readApiPlan();
    return { plan: plan.plan?.id, limit: plan.quota.limit };
  },
  refused: () => refusal(new MindBot({ baseUrl, apiKey: `${apiKey}x` }).readApiPlan()),
  invalid: () => refusal(program.readApiUsage({ query: { from: 'x', to: 'y', by: 'day' } })),
  quota: () => refusal(program.readApiPlan()),
  nobody: () => refusal(new MindBot({ baseUrl: 'http://127.0.0.1:9', apiKey, retries: 0 }).readApiPlan()),
  async once() {
    const headers = { 'Idempotency-Key': idempotencyKey() };
    const { tenant } = await person.createTenant({ body: { name: 'By SDK' }, headers });
    const again = await person.createTenant({ body: { name: 'By SDK' }, headers });
    return { same: tenant.id === again.tenant.id };
  },
  // Without a key it is not sent again.
  notAgain: () =>
    refusal(person.createApiKey({ path: { tenant_id }, body: { name: 'x', scopes: ['verify'] } })),
  async pages() {
    const found: string[] = [];
    const read = (before?: string) =>
      person.listCalls({ path: { user_id }, query: { limit: 2, ...(before && { before }) } });
    for await (const call of pages(read, 'calls')) found.push(call.call_id);
    return { found: found.length, different: new Set(found).size };
  },
};
console.log(JSON.stringify((await steps[step]?.()) ?? null));
