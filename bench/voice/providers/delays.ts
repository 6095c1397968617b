/**
 * What the scripted providers take, in milliseconds: always the same. About what the services take that they stand
 * for, so that what runs beside each other in a call does so here.
 */
export const DELAYS = {
  /** From the end of speech, as it arrives at the recogniser, to the final transcript. */
  transcript: 200,
  firstToken: 200,
  /** Between two words of the model: 50 a second. */
  token: 20,
  firstByte: 100,
} as const;

/** What the model always answers. */
export const REPLY = 'I am glad that you ask me that. There is much to say.';

/** From the first token to the last word of the first sentence. */
export const FIRST_SENTENCE_MS = (REPLY.slice(0, REPLY.indexOf('.')).split(' ').length - 1) * DELAYS.token;

/** How much faster than real time the voice is sent, after its first byte. */
export const VOICE_SPEED = 4;

/** What can be seen of a turn from the providers' side. */
export type Stamp = {
  /** The key that the contender asks with. */
  key: string;
  what:
    | 'speech_ended'
    | 'transcript_sent'
    | 'model_asked'
    | 'first_token_sent'
    | 'voice_asked'
    | 'first_byte_sent';
  /** On the clock that all processes share. */
  atMs: number;
};
