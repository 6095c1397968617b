import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInt16 } from '../../local/speech/models/audio-samples.ts';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models/models.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';

const BODY = {
  model: 'tts-1',
  voice: 'alloy',
  input: 'One sentence. Another sentence.',
  response_format: 'pcm',
};

describe('POST /v1/audio/speech', () => {
  let server: SpeechServer;
  let models: SpeechModels;
  beforeAll(async () => {
    models = await startSpeechModels();
    server = await startSpeechServer({ deepgramApiKey: 'dg', openaiApiKey: 'oa' });
  });
  afterAll(async () => {
    await models.close();
    await server.close();
  });

  const post = (body: object | string, key = 'oa') =>
    fetch(`${server.url}/v1/audio/speech`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('answers pcm at 24 kHz, sentence by sentence', async () => {
    const input = 'You have one hour left. '.repeat(40);
    const response = await post({ ...BODY, input });
    expect(response.headers.get('content-type')).toBe('audio/pcm');
    expect(response.headers.get('content-length')).toBeNull();
    let parts = 0;
    let bytes = 0;
    for await (const part of response.body ?? []) {
      parts++;
      bytes += part.length;
    }
    expect(parts).toBeGreaterThan(5);
    const { pcm } = await models.synthesize(input, 'slt', { sampleRate: 24000 });
    expect(bytes).toBe(pcm.byteLength);
  });

  it('answers wav whose samples are those of pcm', async () => {
    const wav = Buffer.from(await (await post({ ...BODY, response_format: 'wav' })).arrayBuffer());
    const pcm = Buffer.from(await (await post(BODY)).arrayBuffer());
    expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
    expect(wav.readUInt32LE(24)).toBe(24000);
    expect(wav.subarray(44).equals(pcm)).toBe(true);
    expect(Math.max(...readInt16(pcm))).toBeGreaterThan(3000);
  });

  it('gives each voice its own sound', async () => {
    const lengths = new Set<number>();
    for (const voice of ['alloy', 'echo', 'fable', 'verse']) {
      lengths.add((await (await post({ ...BODY, voice })).arrayBuffer()).byteLength);
    }
    expect(lengths.size).toBe(4);
  });

  it('says nothing for a text without words', async () => {
    const response = await post({ ...BODY, input: '...' });
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  it('goes on serving when a caller hangs up in the middle', async () => {
    const hangUp = new AbortController();
    const response = await fetch(`${server.url}/v1/audio/speech`, {
      method: 'POST',
      headers: { authorization: 'Bearer oa', 'content-type': 'application/json' },
      body: JSON.stringify({ ...BODY, input: 'You have one hour left. '.repeat(100) }),
      signal: hangUp.signal,
    });
    hangUp.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect((await (await post(BODY)).arrayBuffer()).byteLength).toBeGreaterThan(48000);
  });

  it.each([
    ['mp3', { ...BODY, response_format: 'mp3' }, 'response_format'],
    ['an empty input', { ...BODY, input: '' }, 'input'],
    ['a long input', { ...BODY, input: 'a'.repeat(4097) }, 'input'],
    ['an unknown voice', { ...BODY, voice: 'nobody' }, 'voice'],
    ['no model', { ...BODY, model: undefined }, 'model'],
    ['a speed out of range', { ...BODY, speed: 5 }, 'speed'],
    ['broken JSON', '{', null],
  ])('refuses %s', async (_name, body, param) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  });

  it('refuses a wrong key', async () => {
    const response = await post(BODY, 'wrong');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
  });

  it('says that it is well, and does not know other paths', async () => {
    expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ status: 'ok' });
    const unknown = await fetch(`${server.url}/v2/nothing`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: 'unknown_url' } });
  });
});
