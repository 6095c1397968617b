import { inference, type JobContext, llm, type stt, type tts, voice } from '@livekit/agents';

/** As said by ours to whoever has time: about as long. */
const GREETING = 'Hello, this is MindBot. You have ten hours left. What can I do for you?';

type Models = { stt: stt.STT; llm: llm.LLM; tts: tts.TTS };
type Described = { name: string; description: string; parameters: Record<string, unknown> };

/**
 * The framework's own minimal agent (https://github.com/livekit/agents-js/blob/main/examples/src/basic_agent.ts):
 * a session with three models, started on the room, and a greeting.
 */
export async function serveBare(ctx: JobContext, models: Models): Promise<void> {
  const { instructions, tools } = JSON.parse(process.env.BARE_ASSISTANT ?? '') as {
    instructions: string;
    tools: Described[];
  };
  const session = new voice.AgentSession({
    ...models,
    // The same as ours; see agent/call/create-call.ts.
    turnHandling: {
      turnDetection: new inference.TurnDetector({ version: 'v1-mini' }),
      interruption: { mode: 'vad' },
    },
  });
  const agent = new voice.Agent({
    instructions,
    tools: tools.map((tool) => llm.tool({ ...tool, execute: async () => ({ speech: 'Here you are.' }) })),
  });
  await session.start({ agent, room: ctx.room, record: false });
  await ctx.waitForParticipant();
  session.say(GREETING);
}
