import { type JobContext, llm, type stt, type tts, voice } from '@livekit/agents';
import { turnTaking } from '../../../agent/speech/turn-taking.ts';
import type { CallConfig } from '../../../shared/config/variables.ts';

/** As said by ours to whoever has time: about as long. */
const GREETING = 'Hello, this is MindBot. You have ten hours left. What can I do for you?';

type Models = { stt: stt.STT; llm: llm.LLM; tts: tts.TTS };

/** What the bench gives to every bare agent: it loads no code of ours to find out. */
type Given = {
  instructions: string;
  tools: { name: string; description: string; parameters: Record<string, unknown> }[];
  config: CallConfig;
};

/**
 * The framework's own minimal agent (https://github.com/livekit/agents-js/blob/main/examples/src/basic_agent.ts):
 * a session with three models and the same turn handling as ours, started on the room, and a greeting.
 */
export async function serveBare(ctx: JobContext, models: Models): Promise<void> {
  const { instructions, tools, config } = JSON.parse(process.env.BARE_AGENT ?? '') as Given;
  const session = new voice.AgentSession({ ...models, turnHandling: turnTaking(config, 'model') });
  const agent = new voice.Agent({
    instructions,
    tools: tools.map((tool) => llm.tool({ ...tool, execute: async () => ({ speech: 'Here you are.' }) })),
  });
  await session.start({ agent, room: ctx.room, record: false });
  await ctx.waitForParticipant();
  session.say(GREETING);
}
