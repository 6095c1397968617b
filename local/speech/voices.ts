/** Those inside flite.wasm worth offering; the fifth, kal, is 8 kHz. */
export const VOICES = ['slt', 'awb', 'rms', 'kal16'] as const;
export type Voice = (typeof VOICES)[number];

/** Hz of every voice. */
export const FLITE_RATE = 16000;
