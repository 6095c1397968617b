import { initializeLogger, llm } from '@livekit/agents';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { spokenCaller } from '../../agent/person/caller-profile.ts';
import { createLlm } from '../../agent/speech/llm/llm.ts';
import { createTts, type Tts } from '../../agent/speech/tts/tts.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { productionProblems } from '../../shared/config/production-problems.ts';
import { callVariables } from '../../shared/config/variables.ts';
import { type ScriptedProvider, speech, startScriptedProvider, status, words } from './scripted-provider.ts';

initializeLogger({ pretty: false, level: 'silent' });

let first: ScriptedProvider;
let second: ScriptedProvider;
beforeEach(async () => {
  first = await startScriptedProvider(status(500));
  second = await startScriptedProvider(words(['Yes.']));
});
afterEach(async () => {
  await first.close();
  await second.close();
});

const configOf = (settings: Record<string, string>) =>
  loadConfig(callVariables, {
    SUPABASE_URL: 'http://127.0.0.1:1',
    SUPABASE_SERVICE_ROLE_KEY: 'not used by this test',
    DEEPGRAM_API_KEY: 'key',
    OPENAI_API_KEY: 'secret of the first',
    OPENAI_BASE_URL: first.baseUrl,
    ...settings,
  });

/** Whom the model is asked for one answer: `first` or `second`, with model and key. */
async function askedFor(settings: Record<string, string>): Promise<string[]> {
  const model = createLlm(configOf(settings), spokenCaller(configOf(settings)));
  model.on('error', () => {});
  await model.chat({ chatCtx: new llm.ChatContext() }).collect();
  const of = (name: string, { requests }: ScriptedProvider) =>
    requests.map((request) => `${name}: ${request.model}, ${request.key.replace('Bearer ', '')}`);
  return [...new Set([...of('first', first), ...of('second', second)])];
}

it('a second model at the same address, then a second provider, which never sees the key of the first', async () => {
  expect(
    await askedFor({
      OPENAI_MODEL: 'main',
      OPENAI_FALLBACK_MODEL: 'smaller',
      OPENAI_FALLBACK_BASE_URL: second.baseUrl,
      OPENAI_FALLBACK_PROVIDER_MODEL: 'theirs',
    }),
  ).toEqual([
    'first: main, secret of the first',
    'first: smaller, secret of the first',
    'second: theirs, none',
  ]);
});

it('a second provider alone, with a key of its own', async () => {
  const settings = { OPENAI_FALLBACK_BASE_URL: second.baseUrl, OPENAI_FALLBACK_API_KEY: 'its own' };
  expect(await askedFor(settings)).toEqual([
    'first: gpt-4.1-mini, secret of the first',
    'second: gpt-4.1-mini, its own',
  ]);
});

async function framesOf(voice: Tts): Promise<number> {
  let frames = 0;
  for await (const _ of voice.synthesize('Hello there.')) frames++;
  return frames;
}

it('a second voice', async () => {
  second.always(speech(100));
  const voice = createTts(
    configOf({
      OPENAI_TTS_FALLBACK_BASE_URL: second.baseUrl,
      OPENAI_TTS_FALLBACK_MODEL: 'theirs',
      OPENAI_TTS_FALLBACK_VOICE: 'their voice',
    }),
    { ...spokenCaller(configOf({})), voice: 'nova' },
  );
  expect(await framesOf(voice)).toBeGreaterThan(0);
  expect(new Set(first.requests.map(({ voice }) => voice))).toEqual(new Set(['nova', 'echo']));
  expect(second.requests).toEqual([
    expect.objectContaining({ model: 'theirs', voice: 'their voice', key: 'Bearer none' }),
  ]);
});

it('the usual voice, for a caller whose own is refused, which is not asked again', async () => {
  first.always(speech(100));
  first.will(status(400));
  const voice = createTts(configOf({}), { ...spokenCaller(configOf({})), voice: 'unheard of' });
  for (let text = 0; text < 2; text++) {
    expect(await framesOf(voice)).toBeGreaterThan(0);
  }
  expect(first.requests.map(({ voice }) => voice)).toEqual(['unheard of', 'echo', 'echo']);
});

it('may be on this machine in production, and else must be encrypted', () => {
  for (const name of ['OPENAI_FALLBACK_BASE_URL', 'OPENAI_TTS_FALLBACK_BASE_URL']) {
    const problems = (address: string) =>
      productionProblems({ [name]: address }, {}).filter((problem) => problem.startsWith(name));
    expect(problems('http://127.0.0.1:11434/v1')).toEqual([]);
    expect(problems('https://models.example/v1')).toEqual([]);
    expect(problems('http://models.example/v1')).toHaveLength(1);
  }
});
