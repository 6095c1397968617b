import { llm } from '@livekit/agents';
import type { Logger } from 'pino';
import { z } from 'zod';
import { systemClock } from '../../shared/clock.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import { type Execution, executeProduct, type PaidApis } from '../../shared/paid-apis/execute-product.ts';
import { createGuardedFetch } from '../../shared/paid-apis/guarded-fetch.ts';
import { type ProductVersion, productVersion, schemaOf } from '../../shared/paid-apis/product.ts';
import { languageOf } from '../../shared/spoken/locales.ts';
import { within } from '../../shared/within.ts';
import { spokenFigures } from '../sentences/sentences-for.ts';
import { TOOLS } from '../tools/all-tools.ts';
import type { CallContext } from '../tools/call-context.ts';
import type { Answer, SentencesIn } from '../tools/define-tool.ts';

/** A caller hears the ringing that long at most because of paid APIs. */
const DEADLINE_MS = 1_000;
/** Above this the caller is asked first: a quarter of a dollar, as at the routes. */
const ASKS_ABOVE_MICROS = 250_000;
/** Of a result without words of its own, what the model reads at most. */
const MOST_CHARACTERS = 4_000;
const MICROS_PER_CENT = 10_000;

// biome-ignore lint/suspicious/noExplicitAny: tools of one list have different arguments
export type PaidTool = llm.FunctionTool<any, CallContext, unknown>;
type Said = { ask(micros: number): string; failed: string };

const priceOf = (price: (cents: number, currency: string) => string, micros: number) =>
  price(Math.ceil(micros / MICROS_PER_CENT), 'usd');
export const sentences: SentencesIn<Said> = {
  en: ({ price }) => ({
    ask: (micros) => `That costs ${priceOf(price, micros)}. Shall I go ahead?`,
    failed: 'That service gave no proper answer. It costs you nothing.',
  }),
  de: ({ price }) => ({
    ask: (micros) => `Das kostet ${priceOf(price, micros)}. Soll ich es tun?`,
    failed: 'Dieser Dienst hat nicht richtig geantwortet. Es kostet Sie nichts.',
  }),
  es: ({ price }) => ({
    ask: (micros) => `Eso cuesta ${priceOf(price, micros)}. ¿Lo hago?`,
    failed: 'Ese servicio no ha respondido bien. No le cuesta nada.',
  }),
  fr: ({ price }) => ({
    ask: (micros) => `Cela coûte ${priceOf(price, micros)}. Est-ce que je le fais ?`,
    failed: "Ce service n'a pas bien répondu. Cela ne vous coûte rien.",
  }),
};

/** What a product says of a result: its words with {paths.into.it}; undefined where one leads nowhere. */
export function speechOf(template: string, result: unknown): string | undefined {
  let isWhole = true;
  const speech = template.replace(/\{([\w.]{1,100})\}/g, (_, path: string) => {
    const value = path
      .split('.')
      .reduce<unknown>(
        (at, key) =>
          typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined,
        result,
      );
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') isWhole = false;
    return String(value).slice(0, 300);
  });
  return isWhole ? speech : undefined;
}

const callerTurns = (history: llm.ChatContext) =>
  history.items.filter((item) => item.type === 'message' && item.role === 'user').length;

function answerOf(product: ProductVersion, execution: Execution, say: Said): Answer | Omit<Answer, 'speech'> {
  const charged_micros = execution.charged_micros;
  if (execution.status === 'failed')
    return { speech: say.failed, outcome: execution.outcome, charged_micros };
  const speech = product.speech === null ? undefined : speechOf(product.speech, execution.result);
  if (speech !== undefined) return { speech, charged_micros };
  // The model finds the words. What others answer is data for it, cut to what a model can read.
  return { charged_micros, result: JSON.stringify(execution.result).slice(0, MOST_CHARACTERS) };
}

/**
 * A paid API as a tool of the model.
 * @param spent unasked by all of them since the caller last agreed to a price: many cheap ones are asked about as a dear one is
 */
function paidTool(apis: PaidApis, product: ProductVersion, spent: { micros: number }): PaidTool {
  /** How often the caller had spoken when they were told the price: they have to have answered since. */
  let askedAt: number | undefined;
  return llm.tool({
    name: product.name,
    description: `${product.description || product.title} Costs $${product.price_micros / 1_000_000} of the caller's wallet.`,
    parameters: schemaOf(product.parameters) as z.ZodObject,
    execute: async (args, { ctx, toolCallId }: llm.ToolOptions<CallContext>) => {
      const call = ctx.userData;
      const say = sentences[languageOf(call.locale)](spokenFigures(call.locale));
      const turns = callerTurns(ctx.session.history);
      const isDear = product.price_micros > 0 && spent.micros + product.price_micros > ASKS_ABOVE_MICROS;
      if (isDear && (askedAt === undefined || turns <= askedAt)) {
        askedAt ??= turns;
        return { speech: say.ask(product.price_micros), price_micros: product.price_micros };
      }
      askedAt = undefined;
      const ended = call.toolUses.begin(product.name);
      try {
        const execution = await executeProduct(apis, {
          key: `call:${call.callId}:${toolCallId.slice(0, 90)}`,
          productId: product.id,
          userId: call.userId,
          tenantId: call.tenantId,
          callId: call.callId,
          args: args as Record<string, unknown>,
          // A price that rose since the call began is not paid.
          mayCostMicros: product.price_micros,
        });
        spent.micros = isDear ? 0 : spent.micros + (execution.charged_micros ?? 0);
        ended(execution.status === 'succeeded' ? 'ok' : 'failed');
        return answerOf(product, execution, say);
      } catch (error) {
        ended(error instanceof Fault ? 'refused' : 'failed');
        if (error instanceof Fault) throw new llm.ToolError(call.sentences.faults[error.code]);
        throw error;
      }
    },
  });
}

/** The paid APIs that a call may use, read once when it begins. Never throws: a call goes on without them. */
export async function readPaidTools(call: {
  config: Pick<CallConfig, 'API_SECRETS_KEY' | 'PAID_API_ORIGINS'>;
  ticket: { userId: string; tenantId?: string | undefined };
  database: DatabaseClient;
  logger: Logger;
}): Promise<PaidTool[]> {
  const { config, ticket, database, logger } = call;
  const args = { p_user_id: ticket.userId, p_tenant_id: (ticket.tenantId ?? null) as string };
  try {
    const reading = callFunction(database, 'spoken_products', args, z.array(productVersion), { once: true });
    const products = await within(reading, DEADLINE_MS, systemClock);
    if (!products) return [];
    const fetch = createGuardedFetch({ allowedOrigins: config.PAID_API_ORIGINS });
    const apis = { database, fetch, secretsKey: config.API_SECRETS_KEY };
    const taken = new Set(TOOLS.map(({ name }) => name));
    // A name is one tool: none of a seller stands in the place of one of ours, or of one before it.
    const own = products.filter(({ name }) => !taken.has(name) && taken.add(name));
    const spent = { micros: 0 };
    return own.map((product) => paidTool(apis, product, spent));
  } catch (error) {
    logger.warn({ err: error }, 'paid APIs not read');
    return [];
  }
}
