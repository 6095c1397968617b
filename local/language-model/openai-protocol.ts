import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { z } from 'zod';

/** Sends an error in OpenAI's shape (https://platform.openai.com/docs/guides/error-codes). */
function sendOpenAIError(
  response: Response,
  status: number,
  error: { message: string; type?: string; param?: string | null; code?: string | null },
): void {
  const { message, type = 'invalid_request_error', param = null, code = null } = error;
  response.status(status).json({ error: { message, type, param, code } });
}

/** Lets a request pass only with `Authorization: Bearer <apiKey>`. */
export function requireApiKey(apiKey: string): RequestHandler {
  return (request, response, next) => {
    if (/^bearer\s+(.*)$/i.exec(request.headers.authorization ?? '')?.[1] === apiKey) return next();
    sendOpenAIError(response, 401, { message: 'Incorrect API key provided.', code: 'invalid_api_key' });
  };
}

/** Answers 400 for the first thing wrong with a body. */
export function sendInvalidBody(response: Response, error: z.ZodError): void {
  const issue = error.issues[0];
  const param = issue?.path.join('.') || null;
  sendOpenAIError(response, 400, { message: `Invalid body: ${z.prettifyError(error)}`, param });
}

/** Answers 404 for a model that is not here. */
export function sendUnknownModel(response: Response, model: string): void {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  sendOpenAIError(response, 404, { message, param: 'model', code: 'model_not_found' });
}

/** Answers 400 to a tool that has to be called, and that nothing in the conversation says how to. */
export function sendUnableToCall(response: Response): void {
  const message = 'This stand-in for a model cannot make arguments for the tool that it has to call.';
  sendOpenAIError(response, 400, { message, param: 'tool_choice' });
}

/** Answers 400 to a request for a structured answer that a matcher of intents cannot give. */
export function sendUnableToFit(response: Response): void {
  const message = 'This stand-in for a model takes notes on a caller, and fills in no other schema.';
  sendOpenAIError(response, 400, { message, param: 'response_format' });
}

export const answerUnknownRoute: RequestHandler = (request, response) => {
  const message = `Invalid URL (${request.method} ${request.path})`;
  sendOpenAIError(response, 404, { message, code: 'unknown_url' });
};

const clientError = z.object({ status: z.int().min(400).max(499), message: z.string() });

/** Express hands over what a route throws, and the body parser's complaints about broken JSON. */
export const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const refused = clientError.safeParse(error);
  if (!refused.success) console.error(`request failed: ${String(error)}`);
  if (response.headersSent) return next(error);
  if (refused.success)
    return sendOpenAIError(response, refused.data.status, { message: refused.data.message });
  sendOpenAIError(response, 500, { message: 'The server had an error.', type: 'server_error' });
};
