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

/** What of https://platform.openai.com/docs/api-reference/chat/create is read; the rest is ignored. */
export const chatRequest = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  tools: z.array(tool).default([]),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), namedTool]).default('auto'),
  response_format: responseFormat.optional(),
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
