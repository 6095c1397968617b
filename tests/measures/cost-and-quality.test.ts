import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { estimateCost, isOnThisMachine } from '../../agent/measures/estimate-cost.ts';
import { type QualityInput, scoreQuality } from '../../agent/measures/score-quality.ts';
import type { Usage } from '../../agent/measures/usage.ts';
import { ConfigurationError, loadConfig } from '../../shared/config/load-config.ts';
import { callVariables } from '../../shared/config/variables.ts';
import { readProviderPrices } from '../../shared/provider-prices.ts';

const NOTHING: Usage = { llm: [], tts: [], stt: [] };
const OPENAI = 'api.openai.com';
const LIST = readProviderPrices();

describe('what a call cost', () => {
  test('is the sum of what each model cost, by hand', () => {
    const usage: Usage = {
      llm: [
        // 1,500 at 0.4 and 500 cached at 0.1 micro-dollars, 300 at 1.6: 600 + 50 + 480.
        {
          model: 'gpt-4.1-mini',
          provider: OPENAI,
          requests: 3,
          input_tokens: 2000,
          cached_tokens: 500,
          output_tokens: 300,
        },
        // 1,000 at 0.15 and 100 at 0.6: 150 + 60.
        {
          model: 'gpt-4o-mini',
          provider: OPENAI,
          requests: 1,
          input_tokens: 1000,
          cached_tokens: 0,
          output_tokens: 100,
        },
      ],
      tts: [
        // 40 seconds at 1.5 cents a minute; and 200 characters at 15 micro-dollars.
        { model: 'gpt-4o-mini-tts', provider: OPENAI, requests: 5, characters: 600, audio_ms: 40_000 },
        { model: 'tts-1', provider: OPENAI, requests: 5, characters: 200, audio_ms: 9_000 },
      ],
      // 90 seconds at 0.77 cents a minute.
      stt: [{ model: 'nova-3', provider: 'api.deepgram.com', audio_ms: 90_000 }],
    };
    expect(estimateCost(usage, LIST)).toEqual({
      micros: 600 + 50 + 480 + 150 + 60 + 10_000 + 3_000 + 11_550,
      unpriced: [],
    });
  });

  test('names a model without a price, and leaves it out of the sum', () => {
    const tts = [{ model: 'a-voice', provider: OPENAI, requests: 1, characters: 10, audio_ms: 500 }];
    const stt = [
      { model: 'nova-3', provider: 'api.deepgram.com', audio_ms: 60_000 },
      { model: 'an-ear', provider: 'api.deepgram.com', audio_ms: 60_000 },
    ];
    const expected = { micros: 7_700, unpriced: ['a-voice', 'an-ear'] };
    expect(estimateCost({ ...NOTHING, tts, stt }, LIST)).toEqual(expected);
  });

  test('is not known where the price has no part for what was used', () => {
    const prices = readProviderPrices('{"half": {"input_micros_per_million_tokens": 1000000}}');
    const half = { model: 'half', provider: OPENAI, requests: 1, input_tokens: 7, cached_tokens: 3 };
    expect(estimateCost({ ...NOTHING, llm: [{ ...half, output_tokens: 1 }] }, prices).unpriced).toEqual([
      'half',
    ]);
    expect(estimateCost({ ...NOTHING, llm: [{ ...half, output_tokens: 0 }] }, prices).micros).toBe(7);
  });

  test('is nothing for what runs here, unless the operator set a price for it', () => {
    const stt = [{ model: 'nova-3', provider: '127.0.0.1:8005', audio_ms: 60_000 }];
    expect(estimateCost({ ...NOTHING, stt }, LIST)).toEqual({ micros: 0, unpriced: [] });
    const own = readProviderPrices('{"nova-3": {"micros_per_minute": 5000}}');
    expect(estimateCost({ ...NOTHING, stt }, own).micros).toBe(5_000);
  });

  test.each([
    ['localhost:1234', true],
    ['[::1]:80', true],
    ['127.0.0.53', true],
    ['127.0.0.1.example.com', false],
    ['api.openai.com', false],
    ['unknown', false],
  ])('%s is on this machine: %s', (host, isHere) => expect(isOnThisMachine(host)).toBe(isHere));
});

describe('PROVIDER_PRICES', () => {
  const own = { 'my-model': { micros_per_minute: 5 } };
  const ENOUGH = {
    SUPABASE_URL: 'http://127.0.0.1:1',
    SUPABASE_SERVICE_ROLE_KEY: 'a key of enough length',
    OPENAI_API_KEY: 'key',
    DEEPGRAM_API_KEY: 'key',
  };

  test('is JSON, or a file of JSON, and the list stays', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mindbot-prices-'));
    const file = join(folder, 'prices.json');
    writeFileSync(file, JSON.stringify(own));
    for (const text of [JSON.stringify(own), file]) {
      const { PROVIDER_PRICES: prices } = loadConfig(callVariables, { ...ENOUGH, PROVIDER_PRICES: text });
      expect(prices).toMatchObject({ own, list: { 'nova-3': { micros_per_minute: 7_700 } } });
    }
    rmSync(folder, { recursive: true });
    expect(loadConfig(callVariables, ENOUGH).PROVIDER_PRICES.own).toEqual({});
  });

  test.each([
    [
      '{"m": {"micros_per_minute": 0.5}}',
      'PROVIDER_PRICES: must have prices by model, in whole millionths of a US dollar (docs/voice-measures.md); wrong: m.micros_per_minute',
    ],
    [
      '{"m": {"micros_per_minute": -1}}',
      'PROVIDER_PRICES: must have prices by model, in whole millionths of a US dollar (docs/voice-measures.md); wrong: m.micros_per_minute',
    ],
    [
      '{"m": {"dollars": 1}}',
      'PROVIDER_PRICES: must have prices by model, in whole millionths of a US dollar (docs/voice-measures.md); wrong: m',
    ],
    ['{"m": 1', 'PROVIDER_PRICES: is not valid JSON'],
    ['/no/such/file', 'PROVIDER_PRICES: must be JSON, or the path of a file'],
  ])('%s is told in words: %s', (text, words) => {
    try {
      loadConfig(callVariables, { ...ENOUGH, PROVIDER_PRICES: text });
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      expect(error.problems).toEqual([expect.stringContaining(words)]);
    }
  });
});

describe('the quality of a call', () => {
  const GOOD: QualityInput = {
    turns: 10,
    p50Ms: 700,
    p95Ms: 1400,
    unanswered: 0,
    interruptions: 0,
    falseInterruptions: 0,
    errors: 0,
    endReason: 'said_goodbye',
  };

  test.each<[string, Partial<QualityInput>, number | undefined]>([
    ['nothing is wrong', {}, 100],
    ['the median is halfway', { p50Ms: 1900 }, 90],
    ['the slow turns are very slow', { p95Ms: 9000 }, 85],
    ['one turn of ten had no answer', { unanswered: 1 }, 91],
    ['half of the turns had none', { unanswered: 5 }, 70],
    ['every fourth answer was cut short', { turns: 8, interruptions: 2 }, 95],
    ['every second turn was stopped for nothing', { falseInterruptions: 5 }, 95],
    ['one in ten failed on the way', { errors: 1 }, 99],
    ['we hung up', { endReason: 'provider_outage' }, 85],
    ['their time was used up', { endReason: 'time_used_up' }, 100],
    ['nothing was said', { turns: 0, p50Ms: undefined, p95Ms: undefined }, undefined],
    ['nothing was said, and we hung up', { turns: 0, p50Ms: undefined, endReason: 'our_outage' }, 85],
    [
      'everything is wrong',
      {
        p50Ms: 9e9,
        p95Ms: 9e9,
        unanswered: 99,
        interruptions: 99,
        falseInterruptions: 99,
        errors: 99,
        endReason: 'our_outage',
      },
      0,
    ],
  ])('when %s', (_when, call, score) => expect(scoreQuality({ ...GOOD, ...call })).toBe(score));

  test('is 0 to 100 and never rises with what is worse', () => {
    const count = fc.nat(50);
    const call = fc.record({
      turns: fc.integer({ min: 1, max: 50 }),
      p50Ms: fc.nat(20_000),
      p95Ms: fc.nat(20_000),
      unanswered: count,
      interruptions: count,
      falseInterruptions: count,
      errors: count,
      endReason: fc.constantFrom('said_goodbye', 'our_outage'),
    });
    const worse = fc.constantFrom(
      'p50Ms',
      'p95Ms',
      'interruptions',
      'falseInterruptions',
      'errors',
      'unanswered',
    );
    fc.assert(
      fc.property(call, worse, fc.nat(1000), (input, key, by) => {
        const score = scoreQuality(input) ?? Number.NaN;
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        // More turns without an answer than turns are more turns, too, so the other shares may shrink.
        if (key === 'unanswered' && input.unanswered + by > input.turns) return;
        expect(scoreQuality({ ...input, [key]: input[key] + by }) ?? Number.NaN).toBeLessThanOrEqual(score);
      }),
    );
  });
});
