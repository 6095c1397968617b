import { z } from 'zod';
import type { ConversationRecord, Finding } from './record.ts';

const request = z.object({
  messages: z.array(
    z.looseObject({
      role: z.string(),
      tool_calls: z.array(z.looseObject({ id: z.string() })).optional(),
      tool_call_id: z.string().optional(),
    }),
  ),
});

/**
 * Finds requests that OpenAI would refuse and a lenient server takes: a tool call without its answer, as an
 * interruption leaves it, or an answer without its call.
 */
export function checkRequests({ kept }: ConversationRecord): Finding[] {
  const bodies = kept.requests.split('\n').filter((line) => line !== '');
  return bodies.flatMap((body, i) => {
    const { messages } = request.parse(JSON.parse(body));
    const called = messages.flatMap(({ tool_calls }) => tool_calls?.map(({ id }) => id) ?? []).toSorted();
    const answered = messages.flatMap(({ tool_call_id }) => tool_call_id ?? []).toSorted();
    return called.join() === answered.join()
      ? []
      : [
          {
            kind: 'crash' as const,
            turn: undefined,
            what: `request ${i} has tool calls and answers that do not fit`,
          },
        ];
  });
}
