import { voice } from '@livekit/agents';
import type { CallConfig } from '../../shared/config/variables.ts';
import type { createModels } from '../speech/create-models.ts';
import { TRANSCRIPTION_TIMEOUT_MS } from '../speech/stt/recover-stt.ts';
import { type TurnDetection, turnTaking } from '../speech/turn-taking.ts';
import type { CallContext } from '../tools/call-context.ts';

/** Longer than a reply can wait for its next sound without having failed. */
const REPLY_GAP_MS = 60_000;

/** The framework's session of one call: who hears, thinks and speaks, and who may speak when. */
export function createSession(
  config: CallConfig,
  { stt, llm, tts }: ReturnType<typeof createModels>,
  userData: CallContext,
  turnDetection: TurnDetection,
) {
  const spoken = turnDetection !== null;
  return new voice.AgentSession<CallContext>({
    llm,
    ...(spoken ? { stt, tts, transcriptionTimeout: TRANSCRIPTION_TIMEOUT_MS } : { vad: null }),
    userData,
    turnHandling: turnTaking(config, turnDetection),
    // The models have deadlines of their own, and several providers to ask: only then a reply has failed.
    ttsReadIdleTimeout: REPLY_GAP_MS,
    forwardAudioIdleTimeout: REPLY_GAP_MS,
    // The call decides when too many turns had no answer, so that it can end with a word and a bill.
    connOptions: { maxUnrecoverableErrors: Number.POSITIVE_INFINITY },
  });
}
