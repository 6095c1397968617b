import type { Sentences } from '../sentences/sentences.ts';
import type { Speech } from './call-state.ts';

/** The words for what the agent says by itself. */
export function wordsFor(sentences: Sentences, speech: Speech): string {
  switch (speech.say) {
    case 'greeting':
      return sentences.greeting(speech.remainingSeconds, speech.expiringSeconds);
    case 'warning':
    case 'timeAdded':
    case 'thanksForTime':
      return sentences[speech.say](speech.remainingSeconds);
    case 'deskOpens':
      return sentences.deskOpens(speech.freeSeconds);
    case 'goodbye':
      return sentences.goodbyes[speech.reason];
    case 'refusal':
      return sentences.faults[speech.code];
    default:
      return sentences[speech.say];
  }
}
