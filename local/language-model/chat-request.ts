import { z } from 'zod';
import { responseFormat } from './response-format.ts';

const textPart = z.looseObject({ type: z.string(), text: z.string().optional() });

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z
    .union([z.string(), z.array(textPart), z.null()])
    .optional()
    .transform((content) => {
      if (!Array.isArray(content)) return content ?? '';
      return content.map((part) => part.text ?? '').join('\n');
    }),
});

const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string(),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
  }),
});

const namedTool = z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) });

const limit = z.int({ error: 'must be a whole number of tokens' }).min(1).nullish();
/** What a matcher of intents cannot do is refused, and not left out: whoever asked for it would wait for it. */
const refused = (what: string) => z.undefined({ error: `This stand-in for a model ${what}.` }).optional();

/**
 * What of https://platform.openai.com/docs/api-reference/chat/create is read. What only shades an answer, such as
 * `temperature`, `seed` or `user`, is ignored: the same request always gets the same answer.
 */
export const chatRequest = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  tools: z.array(tool).default([]),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), namedTool]).default('auto'),
  response_format: responseFormat.optional(),
  n: z.literal(1, { error: 'This stand-in for a model gives one answer.' }).nullish(),
  max_completion_tokens: limit,
  /** The older name of the same. */
  max_tokens: limit,
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(4)]).nullish(),
  logprobs: z.literal(false, { error: 'This stand-in for a model knows no probabilities.' }).nullish(),
  functions: refused('takes tools, not functions'),
  function_call: refused('takes tools, not functions'),
  modalities: z
    .array(z.literal('text', { error: 'This stand-in for a model speaks at /v1/audio/speech only.' }))
    .nullish(),
  audio: refused('speaks at /v1/audio/speech only'),
  web_search_options: refused('searches nothing'),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
});

export type ChatRequest = z.output<typeof chatRequest>;
export type ChatMessage = ChatRequest['messages'][number];
export type Tool = ChatRequest['tools'][number]['function'];

/** Either something to say, or a tool to call. */
export type Answer =
  | { text: string }
  | { call: { name: string; arguments: Record<string, string | boolean> } };
