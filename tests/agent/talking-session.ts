import { voice } from '@livekit/agents';
import { pino } from 'pino';
import { spokenCaller } from '../../agent/person/caller-profile.ts';
import { createModels } from '../../agent/speech/create-models.ts';
import { recoverStt, TRANSCRIPTION_TIMEOUT_MS } from '../../agent/speech/stt/recover-stt.ts';
import type { SttEvents } from '../../agent/speech/stt/stt.ts';
import { Ear } from '../../local/caller/ear.ts';
import { createInProcessLine } from '../../local/caller/in-process-line.ts';
import type { SpeechModels } from '../../local/speech/models/models.ts';
import { systemClock } from '../../shared/clock.ts';
import type { CallConfig } from '../../shared/config/variables.ts';

/** An agent that talks, without a call around it: real recognition, synthesis and turn taking, and an in-process line. */
export async function startTalkingSession(config: CallConfig, models: SpeechModels, events: SttEvents = {}) {
  const ear = new Ear(1_200);
  const { line, caller, microphone, speaker } = createInProcessLine(ear.listen);
  const { stt, llm, tts } = createModels(config, spokenCaller(config), events);
  const session = new voice.AgentSession({
    stt,
    llm,
    tts,
    transcriptionTimeout: TRANSCRIPTION_TIMEOUT_MS,
    turnHandling: { turnDetection: 'vad', interruption: { mode: 'vad' } },
  });
  let questions = 0;
  recoverStt(session, {
    stt,
    askAgain() {
      questions++;
      session.say('Sorry, I did not hear that. Could you say it again?');
    },
    clock: systemClock,
    logger: pino({ level: 'silent' }),
  });
  session.input.audio = microphone ?? null;
  session.output.audio = speaker ?? null;
  await session.start({ agent: new voice.Agent({ instructions: 'You are MindBot.' }), record: false });
  return {
    stt,
    questions: () => questions,
    async hear(): Promise<string> {
      const heard = await ear.next(20_000);
      return heard ? models.transcribe(heard.samples, heard.sampleRate) : 'nothing';
    },
    /** @returns when the last sample has left; `onHalf` is called in the middle */
    async say(text: string, onHalf?: () => void): Promise<void> {
      const { pcm, sampleRate } = await models.synthesize(text, 'rms');
      const half = Math.floor(pcm.length / 2);
      await caller.speak(pcm.subarray(0, half), sampleRate);
      onHalf?.();
      await caller.speak(pcm.subarray(half), sampleRate);
    },
    callerSaid: () =>
      session.history.items.flatMap((item) =>
        item.type === 'message' && item.role === 'user' ? (item.textContent ?? '') : [],
      ),
    async close(): Promise<void> {
      await session.close();
      await line.hangUp();
    },
  };
}
