/** What this stand-in answers for: its own name, and whatever OpenAI calls its models, as it stands in their place. */
const KINDS = {
  chat: /^(?:intent-matcher|gpt-[\w.:-]+|chatgpt-[\w.-]+|o\d[\w.-]*)$/,
  embeddings: /^(?:bag-of-words|text-embedding-[\w.-]+)$/,
  speech: /^(?:flite|tts-1[\w.-]*|gpt-[\w.-]*(?:tts|audio)[\w.-]*)$/,
} as const;

export type ModelKind = keyof typeof KINDS;

/** Whether a model is one of those; another is refused, as OpenAI refuses it. */
export const hasModel = (kind: ModelKind, model: string) => KINDS[kind].test(model);

/** Listed at `GET /v1/models`: one of each kind for those that the agent asks for unless told otherwise, and our own. */
export const LISTED = [
  'intent-matcher',
  'bag-of-words',
  'flite',
  'gpt-4.1-mini',
  'gpt-4o-mini-tts',
  'text-embedding-3-small',
];
