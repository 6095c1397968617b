/** The messages of https://developers.deepgram.com/reference/speech-to-text/listen-streaming. Times in seconds. */

/** Moonshine says nothing about how sure it is, so this is a constant. */
const CONFIDENCE = 0.95;

export interface Transcript {
  text: string;
  startSeconds: number;
  durationSeconds: number;
}

export interface ResultFlags {
  isFinal: boolean;
  isSpeechFinal: boolean;
  isFromFinalize: boolean;
}

/** Words are spread evenly over the utterance: Moonshine does not say when each was spoken. */
function spreadWords({ text, startSeconds, durationSeconds }: Transcript) {
  const words = text.split(/\s+/).filter(Boolean);
  const each = durationSeconds / words.length;
  return words.map((punctuated, index) => ({
    word: punctuated.toLowerCase().replace(/[^\p{L}\p{N}']/gu, '') || punctuated,
    punctuated_word: punctuated,
    start: milliseconds(startSeconds + index * each),
    end: milliseconds(startSeconds + (index + 1) * each),
    confidence: CONFIDENCE,
  }));
}

export function resultsMessage(requestId: string, model: string, transcript: Transcript, flags: ResultFlags) {
  return {
    type: 'Results',
    channel_index: [0, 1],
    start: milliseconds(transcript.startSeconds),
    duration: milliseconds(transcript.durationSeconds),
    is_final: flags.isFinal,
    speech_final: flags.isSpeechFinal,
    from_finalize: flags.isFromFinalize,
    channel: {
      alternatives: [
        {
          transcript: transcript.text,
          confidence: transcript.text ? CONFIDENCE : 0,
          words: spreadWords(transcript),
        },
      ],
    },
    metadata: {
      request_id: requestId,
      model_uuid: MODEL_UUID,
      model_info: { name: model, version: 'moonshine-tiny-en', arch: 'moonshine' },
    },
  };
}

export function speechStartedMessage(atSeconds: number) {
  return { type: 'SpeechStarted', channel: [0], timestamp: milliseconds(atSeconds) };
}

export function utteranceEndMessage(lastWordEndSeconds: number) {
  return { type: 'UtteranceEnd', channel: [0, 1], last_word_end: milliseconds(lastWordEndSeconds) };
}

export function metadataMessage(requestId: string, model: string, created: Date, durationSeconds: number) {
  return {
    type: 'Metadata',
    transaction_key: 'deprecated',
    request_id: requestId,
    created: created.toISOString(),
    duration: milliseconds(durationSeconds),
    channels: 1,
    models: [MODEL_UUID],
    model_info: { [MODEL_UUID]: { name: model, version: 'moonshine-tiny-en', arch: 'moonshine' } },
  };
}

const MODEL_UUID = '00000000-0000-4000-8000-000000000000';

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
