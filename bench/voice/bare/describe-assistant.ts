import { llm } from '@livekit/agents';
import { z } from 'zod';
import { createAssistant } from '../../../agent/assistant.ts';

/** What a bare agent must know to ask the model the same thing, without loading any code of ours. */
const assistantDescription = z.object({
  instructions: z.string(),
  tools: z.array(
    z.object({ name: z.string(), description: z.string(), parameters: z.record(z.string(), z.unknown()) }),
  ),
});

type AssistantDescription = z.infer<typeof assistantDescription>;

/** Our assistant's instructions and tools, without what the tools do. */
export function describeAssistant(): AssistantDescription {
  const { instructions, toolCtx } = createAssistant();
  return assistantDescription.parse({
    instructions,
    tools: Object.values(toolCtx.functionTools).map(({ name, description, parameters }) => ({
      name,
      description,
      parameters: llm.toJsonSchema(parameters),
    })),
  });
}
