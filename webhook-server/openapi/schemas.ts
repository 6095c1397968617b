import { z } from 'zod';
import {
  analyticsResponse,
  balanceResponse,
  dailyUsageSchema,
  measuredCallSchema,
} from '../../shared/api/accounts.ts';
import { autoTopUpRequest, autoTopUpResponse } from '../../shared/api/auto-top-up.ts';
import { tokenRequest, tokenResponse } from '../../shared/api/calls.ts';
import { createCheckoutSessionResponse } from '../../shared/api/checkout.ts';
import {
  codeBatchesResponse,
  codeBatchRequest,
  codeBatchResponse,
  codeBatchSchema,
  revokeBatchResponse,
} from '../../shared/api/code-batches.ts';
import { pageConfig } from '../../shared/api/config.ts';
import { errorResponse } from '../../shared/api/error.ts';
import { goodwillRequest, goodwillResponse } from '../../shared/api/goodwill.ts';
import { correctMemoryRequest, memoriesResponse, memorySchema } from '../../shared/api/memories.ts';
import {
  findingsResponse,
  refundRequest,
  refundResponse,
  replayResponse,
  reviewRequest,
  reviewResponse,
  reviewsResponse,
  stripeEventsResponse,
} from '../../shared/api/money-operations.ts';
import { operatorAnalyticsResponse, operatorDaySchema } from '../../shared/api/operator-analytics.ts';
import {
  parkedItemSchema,
  parkedItemsResponse,
  peopleWithoutCustomerResponse,
  repairCustomerResponse,
  retryItemResponse,
} from '../../shared/api/outbox.ts';
import { createPaymentIntentRequest, createPaymentIntentResponse } from '../../shared/api/payments.ts';
import { packageSchema, pricingResponse } from '../../shared/api/pricing.ts';
import {
  callSummary,
  callsResponse,
  receiptCard,
  receiptResponse,
  receiptWindow,
} from '../../shared/api/receipts.ts';
import { renewalAnswer, renewalRequest } from '../../shared/api/renewals.ts';
import { savedCardSchema, savedCardsResponse } from '../../shared/api/saved-cards.ts';
import { settingsRequest, settingsResponse } from '../../shared/api/settings.ts';
import {
  activateRequest,
  activateResponse,
  cardSchema,
  giftSchema,
  giftsResponse,
  giftWordsSchema,
} from '../../shared/api/time-cards.ts';
import { healthResponse } from '../operations/check-health.ts';

const SCHEMAS = {
  ActivateRequest: activateRequest,
  ActivateResponse: activateResponse,
  AnalyticsResponse: analyticsResponse,
  AutoTopUpRequest: autoTopUpRequest,
  AutoTopUpResponse: autoTopUpResponse,
  BalanceResponse: balanceResponse,
  CallSummary: callSummary,
  CallsResponse: callsResponse,
  Card: cardSchema,
  CodeBatch: codeBatchSchema,
  CodeBatchesResponse: codeBatchesResponse,
  CodeBatchRequest: codeBatchRequest,
  CodeBatchResponse: codeBatchResponse,
  CorrectMemoryRequest: correctMemoryRequest,
  CreateCheckoutSessionResponse: createCheckoutSessionResponse,
  CreatePaymentIntentRequest: createPaymentIntentRequest,
  CreatePaymentIntentResponse: createPaymentIntentResponse,
  DailyUsage: dailyUsageSchema,
  ErrorResponse: errorResponse,
  FindingsResponse: findingsResponse,
  RefundRequest: refundRequest,
  RefundResponse: refundResponse,
  ReplayResponse: replayResponse,
  ReviewRequest: reviewRequest,
  ReviewResponse: reviewResponse,
  ReviewsResponse: reviewsResponse,
  StripeEventsResponse: stripeEventsResponse,
  Gift: giftSchema,
  GiftWords: giftWordsSchema,
  GiftsResponse: giftsResponse,
  GoodwillRequest: goodwillRequest,
  GoodwillResponse: goodwillResponse,
  HealthResponse: healthResponse,
  MeasuredCall: measuredCallSchema,
  MemoriesResponse: memoriesResponse,
  Memory: memorySchema,
  OperatorAnalytics: operatorAnalyticsResponse,
  OperatorDay: operatorDaySchema,
  Package: packageSchema,
  PageConfig: pageConfig,
  ParkedItem: parkedItemSchema,
  ParkedItemsResponse: parkedItemsResponse,
  PeopleWithoutCustomerResponse: peopleWithoutCustomerResponse,
  PricingResponse: pricingResponse,
  Receipt: receiptResponse,
  ReceiptCard: receiptCard,
  ReceiptWindow: receiptWindow,
  RenewalAnswer: renewalAnswer,
  RenewalRequest: renewalRequest,
  RepairCustomerResponse: repairCustomerResponse,
  RetryItemResponse: retryItemResponse,
  RevokeBatchResponse: revokeBatchResponse,
  SavedCard: savedCardSchema,
  SavedCardsResponse: savedCardsResponse,
  SettingsRequest: settingsRequest,
  SettingsResponse: settingsResponse,
  TokenRequest: tokenRequest,
  TokenResponse: tokenResponse,
} satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof SCHEMAS;

/** Where a schema stands in the document. */
export function schemaReference(name: string): string {
  return `#/components/schemas/${name}`;
}

/**
 * The zod schemas as JSON Schema 2020-12, which is what OpenAPI 3.1 takes. In the form for input: what is
 * optional there stays so, and an answer may gain fields without breaking its readers.
 */
export function describeSchemas(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: schemaReference,
    override({ jsonSchema }) {
      // "Any integer that JavaScript can hold" is no news to a reader.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]),
  );
}
