import { createTimedString, normalizeLanguage, stt } from '@livekit/agents';
import type { ListenMessage, Results } from './listen-messages.ts';

const { START_OF_SPEECH, INTERIM_TRANSCRIPT, FINAL_TRANSCRIPT, END_OF_SPEECH } = stt.SpeechEventType;

/**
 * Words that the recogniser itself believes less than this are a guess at a hum, at music or at another language, and
 * count as sound without words. 0 is what recognisers say that do not tell how sure they are.
 */
const LEAST_CONFIDENCE = 0.3;

const isGuess = (confidence: number): boolean => confidence > 0 && confidence < LEAST_CONFIDENCE;

/**
 * Turns what recognisers say into the framework's events. One for the whole stream: a speech that began on one
 * connection and ends on the next begins and ends once.
 */
export class SpeechEvents {
  readonly #language: string;
  #isSpeaking = false;

  constructor(language: string) {
    this.#language = language;
  }

  /** @param offsetSeconds from the recogniser's time to the stream's */
  from(message: ListenMessage, offsetSeconds: number): stt.SpeechEvent[] {
    if (message.type === 'SpeechStarted') return this.#start();
    if (message.type === 'UtteranceEnd') return this.#end();
    const [{ transcript, confidence }] = message.channel.alternatives;
    const hasWords = transcript !== '' && !isGuess(confidence);
    const events = hasWords ? [...this.#start(), this.#transcript(message, offsetSeconds)] : [];
    // What is final and has no words, or was asked for after a silence, is the end of speech as well.
    const isOver = message.speech_final || message.from_finalize || (message.is_final && !hasWords);
    return isOver ? [...events, ...this.#end()] : events;
  }

  #start(): stt.SpeechEvent[] {
    if (this.#isSpeaking) return [];
    this.#isSpeaking = true;
    return [{ type: START_OF_SPEECH }];
  }

  #end(): stt.SpeechEvent[] {
    if (!this.#isSpeaking) return [];
    this.#isSpeaking = false;
    return [{ type: END_OF_SPEECH }];
  }

  #transcript(message: Results, offsetSeconds: number): stt.SpeechEvent {
    const [{ transcript, confidence, languages, words }] = message.channel.alternatives;
    return {
      type: message.is_final ? FINAL_TRANSCRIPT : INTERIM_TRANSCRIPT,
      requestId: message.metadata?.request_id ?? '',
      alternatives: [
        {
          text: transcript,
          confidence,
          language: normalizeLanguage(languages?.[0] ?? this.#language),
          startTime: (words[0]?.start ?? message.start) + offsetSeconds,
          endTime: (words.at(-1)?.end ?? message.start + message.duration) + offsetSeconds,
          words: words.map((word) =>
            createTimedString({
              text: word.punctuated_word ?? word.word,
              startTime: word.start + offsetSeconds,
              endTime: word.end + offsetSeconds,
              confidence: word.confidence,
            }),
          ),
        },
      ],
    };
  }
}
