import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models/models.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';
import { patience } from '../support/patience.ts';
import { ListenClient, transcriptOf } from './listen-client.ts';

const KEY = 'deepgram-test-key';
const QUERY = { encoding: 'linear16', sample_rate: '16000', channels: '1', endpointing: '300' };
const silence = (seconds: number) => new Int16Array(16000 * seconds);

describe('/v1/listen', () => {
  let server: SpeechServer;
  let models: SpeechModels;
  let question: Int16Array;
  beforeAll(async () => {
    server = await startSpeechServer({ deepgramApiKey: KEY, openaiApiKey: 'x' });
    models = await startSpeechModels();
    question = (await models.synthesize('How much time do I have left?', 'rms')).pcm;
  });
  afterAll(async () => {
    await models.close();
    await server.close();
  });
  const open = (query: Record<string, string> = {}) =>
    ListenClient.open(server.url, KEY, { ...QUERY, ...query });

  it('sends the final transcript at the end of speech, with its place and its words', async () => {
    const client = await open();
    client.sendAudio(silence(1));
    client.sendAudio(question);
    client.sendAudio(silence(0.6));
    const final = await client.next(({ type }) => type === 'Results');
    expect(transcriptOf(final)).toBe('How much time do I have left?');
    expect(final).toMatchObject({ is_final: true, speech_final: true, from_finalize: false });
    expect(final.metadata?.request_id).toMatch(/[0-9a-f-]{36}/);
    expect(final.start).toBeGreaterThan(0.6);
    const words = final.channel?.alternatives[0]?.words ?? [];
    expect(words.map(({ word }) => word)).toEqual(['how', 'much', 'time', 'do', 'i', 'have', 'left']);
    expect(words[0]?.start).toBe(final.start);
    expect(words.every(({ start, end }, i) => start < end && start === (words[i - 1]?.end ?? start))).toBe(
      true,
    );
    // Neither interim results nor voice activity were asked for. A busy machine is late, and then told goodbye.
    expect(client.messages.filter(({ type }) => type !== 'Metadata')).toHaveLength(1);
    client.terminate();
  });

  it('sends SpeechStarted, growing interim results, and UtteranceEnd when asked', async () => {
    const client = await open({ interim_results: 'true', vad_events: 'true', utterance_end_ms: '1000' });
    const interims = () => client.messages.filter(({ type, is_final }) => type === 'Results' && !is_final);
    for (let i = 0; i < question.length; i += 6400) {
      const before = interims().length;
      client.sendAudio(question.slice(i, i + 6400));
      // Goes on when this piece was heard; not every piece is enough for a result.
      const heard = client.next(() => interims().length > before).catch(() => undefined);
      await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, patience(1_000)))]);
    }
    client.sendAudio(silence(1));
    await client.next(({ is_final }) => is_final === true);
    client.sendAudio(silence(1));
    const end = await client.next(({ type }) => type === 'UtteranceEnd');
    const types = client.messages.map(({ type, is_final }) =>
      type === 'Results' && !is_final ? 'interim' : type,
    );
    expect(types[0]).toBe('SpeechStarted');
    expect(types.filter((type) => type === 'interim').length).toBeGreaterThanOrEqual(2);
    expect(types.slice(-2)).toEqual(['Results', 'UtteranceEnd']);
    expect(end.last_word_end).toBeGreaterThan(1.5);
    expect(end.last_word_end).toBeLessThan(2.4);
    client.terminate();
  });

  it('two utterances give two finals, in order', async () => {
    const client = await open();
    const goodbye = (await models.synthesize('Thank you very much.', 'rms')).pcm;
    for (const pcm of [question, silence(1), goodbye, silence(1)]) client.sendAudio(pcm);
    client.send({ type: 'CloseStream' });
    await client.closed;
    const finals = client.messages.filter(({ is_final }) => is_final).map(transcriptOf);
    expect(finals).toEqual(['How much time do I have left?', 'Thank you very much.']);
  });

  it('Finalize ends the utterance at once, and is answered even when there is none', async () => {
    const client = await open({ endpointing: 'false' });
    client.sendAudio(question);
    client.send({ type: 'Finalize' });
    const final = await client.next(({ from_finalize }) => from_finalize === true);
    expect(transcriptOf(final)).toBe('How much time do I have left?');
    client.messages.length = 0;
    client.send({ type: 'Finalize' });
    expect(transcriptOf(await client.next(({ from_finalize }) => from_finalize === true))).toBe('');
    client.terminate();
  });

  it.each([
    ['CloseStream', JSON.stringify({ type: 'CloseStream' })],
    ['an empty frame', new Uint8Array(0)],
  ])('%s sends what is left, then Metadata, then closes', async (_name, goodbye) => {
    const client = await open();
    client.sendAudio(question);
    if (typeof goodbye === 'string') client.send(goodbye);
    else client.sendBytes(goodbye);
    expect((await client.closed).code).toBe(1000);
    expect(client.messages.map(({ type }) => type)).toEqual(['Results', 'Metadata']);
    expect(transcriptOf(client.messages[0])).toBe('How much time do I have left?');
    expect(client.messages[1]?.duration).toBeCloseTo(question.length / 16000, 1);
  });

  it('takes bytes cut in the middle of a sample', async () => {
    const client = await open();
    const bytes = new Uint8Array(question.buffer, question.byteOffset, question.byteLength);
    for (let i = 0; i < bytes.length; i += 1001) client.sendBytes(bytes.slice(i, i + 1001));
    client.send({ type: 'CloseStream' });
    await client.closed;
    expect(transcriptOf(client.messages[0])).toBe('How much time do I have left?');
  });

  it('silence gives results without words, as Deepgram does, which leave nothing out', async () => {
    const client = await open({ interim_results: 'true', vad_events: 'true' });
    client.sendAudio(silence(5));
    client.send({ type: 'CloseStream' });
    await client.closed;
    expect(client.messages.map(({ type }) => type)).toEqual(['Results', 'Results', 'Metadata']);
    expect(client.messages.map(transcriptOf).join('')).toBe('');
    expect(client.messages[0]).toMatchObject({ is_final: true, speech_final: false, start: 0 });
    const [first, second] = client.messages;
    expect((first?.start ?? 0) + (first?.duration ?? 0)).toBeCloseTo(second?.start ?? 0, 3);
  });

  it('closes with 1011 when neither audio nor KeepAlive comes, and not before', async () => {
    const idleTimeoutMs = patience(700);
    const impatient = await startSpeechServer({ deepgramApiKey: KEY, openaiApiKey: 'x', idleTimeoutMs });
    const client = await ListenClient.open(impatient.url, KEY, QUERY);
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      client.send({ type: 'KeepAlive' });
    }
    expect(client.messages).toEqual([]);
    const { code, reason } = await client.closed;
    expect(code).toBe(1011);
    expect(reason).toContain('did not receive audio data or a text message');
    await impatient.close();
  });

  it('answers a text message that makes no sense with an Error and goes on', async () => {
    const client = await open();
    client.send('hello');
    await client.next(({ type }) => type === 'Error');
    client.send({ type: 'CloseStream' });
    expect((await client.closed).code).toBe(1000);
  });

  it.each([
    ['a wrong key', 401, 'INVALID_AUTH', {}, 'Token wrong'],
    ['no key', 401, 'INVALID_AUTH', {}, ''],
    ['another scheme', 401, 'INVALID_AUTH', {}, `Bearer ${KEY}`],
    ['another encoding', 400, 'INVALID_QUERY_PARAMETER', { encoding: 'opus' }, `Token ${KEY}`],
    ['a rate too low', 400, 'INVALID_QUERY_PARAMETER', { sample_rate: '4000' }, `Token ${KEY}`],
    ['two channels', 400, 'INVALID_QUERY_PARAMETER', { channels: '2' }, `Token ${KEY}`],
    ['another language', 400, 'INVALID_QUERY_PARAMETER', { language: 'de' }, `Token ${KEY}`],
    ['a model that is none', 400, 'INVALID_QUERY_PARAMETER', { model: 'nova-9' }, `Token ${KEY}`],
    ['keywords with nova-3', 400, 'INVALID_QUERY_PARAMETER', { keywords: 'a:2' }, `Token ${KEY}`],
    ['a broken flag', 400, 'INVALID_QUERY_PARAMETER', { interim_results: 'yes' }, `Token ${KEY}`],
    [
      'UtteranceEnd without interim results',
      400,
      'INVALID_QUERY_PARAMETER',
      { utterance_end_ms: '1000' },
      `Token ${KEY}`,
    ],
  ])('refuses %s', async (_name, status, code, query, authorization) => {
    const address = `${server.url}/v1/listen?${new URLSearchParams({ ...QUERY, ...query })}`;
    const socket = new WebSocket(address.replace('http', 'ws'), {
      headers: { Authorization: authorization },
    });
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      socket.on('open', () => reject(new Error('was not refused')));
      socket.on('error', reject);
      socket.on('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (part) => {
          body += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
      });
    });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ err_code: code, request_id: expect.any(String) });
  });
});
