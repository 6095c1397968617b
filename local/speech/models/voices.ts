/** Those inside flite.wasm worth offering: a woman (slt) and three men. The fifth, kal, is 8 kHz. */
export type Voice = 'slt' | 'awb' | 'rms' | 'kal16';

/** Hz of every voice. */
export const FLITE_RATE = 16000;
