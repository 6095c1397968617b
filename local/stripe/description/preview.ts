/** In which version of the API tokens of shared payments are known; they are no part of the stable one yet. */
export const SHARED_TOKENS_VERSION = '2026-07-29.preview';
