import { APIConnectionError, APIError, APIStatusError, APITimeoutError } from '@livekit/agents';
import { OpenAI } from 'openai';

/**
 * The framework's kind of error, which says whether asking again makes sense. Its message is ours: the provider's may
 * repeat what was said.
 */
export function toApiError(error: unknown): APIError {
  if (error instanceof APIStatusError) {
    const { statusCode, retryable } = error;
    return new APIStatusError({
      message: `the provider answered ${statusCode}`,
      options: { statusCode, retryable },
    });
  }
  if (error instanceof APIError) return error;
  if (error instanceof OpenAI.APIConnectionTimeoutError) return new APITimeoutError({});
  if (error instanceof OpenAI.APIError && typeof error.status === 'number') {
    return new APIStatusError({
      message: `the provider answered ${error.status}`,
      options: { statusCode: error.status },
    });
  }
  const cause = error instanceof Error ? error.name : typeof error;
  return new APIConnectionError({ message: `the connection to the provider failed (${cause})` });
}
