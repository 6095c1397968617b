import { inference, type voice } from '@livekit/agents';
import type { CallConfig } from '../../shared/config/variables.ts';

/** How the end of the caller's turn is found: by the local model (needs a job), by voice activity, or not at all. */
export type TurnDetection = 'model' | 'vad' | null;

type TurnHandling = NonNullable<voice.AgentSessionOptions['turnHandling']>;

/** A sound that interrupts the agent and brings no words was a cough: so long after it the agent goes on. */
const FALSE_INTERRUPTION_MS = 1_200;

/** Who speaks longer than this changes the end of the sentence too often for a guess at the answer. */
const MAX_GUESSED_SPEECH_MS = 10_000;

/**
 * When the agent answers, and when it stops. docs/voice.md explains the figures.
 *
 * Both models are pinned to run on this machine: their defaults would call a cloud service in development.
 */
export function turnTaking(config: CallConfig, turnDetection: TurnDetection): TurnHandling {
  return {
    turnDetection:
      turnDetection === 'model' ? new inference.TurnDetector({ version: 'v1-mini' }) : turnDetection,
    endpointing: {
      minDelay: config.END_OF_TURN_MIN_MS,
      maxDelay: Math.max(config.END_OF_TURN_MIN_MS, config.END_OF_TURN_MAX_MS),
    },
    interruption: {
      mode: 'vad',
      minDuration: config.INTERRUPT_AFTER_MS,
      falseInterruptionTimeout: FALSE_INTERRUPTION_MS,
      resumeFalseInterruption: true,
    },
    // The answer is thought, and its first words are made, while it is still open whether the caller goes on: nobody
    // hears a guess that was wrong, and tools are run only when the turn is over.
    preemptiveGeneration: {
      enabled: config.PREEMPTIVE_ANSWERS !== 'off',
      preemptiveTts: config.PREEMPTIVE_ANSWERS === 'voice',
      maxSpeechDuration: MAX_GUESSED_SPEECH_MS,
    },
  };
}
