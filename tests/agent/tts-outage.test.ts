import { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import { afterEach, expect, it } from 'vitest';
import { SENTENCES, startOutageCall } from './outage-call.ts';
import { hang, reset, speech, status, words } from './scripted-provider.ts';
import { until } from './worker-process.ts';

const GREETING = SENTENCES.greeting(600, 0);
const { apology, areYouThere, goodbyes, sorryForTheWait } = SENTENCES;

let scene: Awaited<ReturnType<typeof startOutageCall>>;
afterEach(() => scene.close());

async function* spelled(text: AsyncIterable<string>) {
  for await (const chunk of text) yield chunk.replace('[activation code]', 'Foxtrot, seven');
}

const greeted = () =>
  until('what is fixed is prepared', async () => scene.ttsServer.inputs().includes(areYouThere));

it('greets the caller with audio that was there before them', async () => {
  scene = await startOutageCall({ presence: 'awaited' });
  await until('the greeting is prepared', () => scene.ttsServer.answered().includes(GREETING));
  scene.ttsServer.always(hang);
  scene.line.become('present');
  await until('the greeting is heard', () => scene.heard.length > 0);
  expect(scene.heard).toEqual([GREETING]);
  expect(scene.ttsServer.inputs().filter((input) => input.startsWith('Hello'))).toEqual([GREETING]);
});

it('says sorry in front of an answer that came late, and gives the wait back', async () => {
  scene = await startOutageCall();
  await greeted();
  scene.llmServer.will(hang);
  await scene.ask();
  expect(scene.heard.slice(1).join(' ')).toBe(`${sorryForTheWait} You have five minutes.`);
  scene.line.become('left');
  const { usedMs, chargedSeconds } = await scene.ended;
  expect(scene.story()).toEqual([
    'connecting free',
    'talking billed',
    'provider_outage free',
    'talking billed',
  ]);
  expect(scene.restoredMs()).toBeGreaterThanOrEqual(400);
  expect(chargedSeconds).toBe(Math.floor((usedMs - (scene.restoredMs() ?? 0)) / 1000));
});

it('does so, too, when it is the voice that hangs', async () => {
  scene = await startOutageCall();
  await greeted();
  scene.ttsServer.will(hang);
  await scene.ask();
  expect(scene.heard.slice(1).join(' ')).toBe(`${sorryForTheWait} You have five minutes.`);
  scene.line.become('left');
  await scene.ended;
  expect(scene.story()).toContain('provider_outage free');
});

it('writes down what was thought, not what was spoken', async () => {
  scene = await startOutageCall();
  await greeted();
  scene.agent.ttsNode = (text, settings) =>
    voice.Agent.default.ttsNode(scene.agent, ReadableStream.from(spelled(text)), settings);
  scene.llmServer.will(
    words(['Your code is [activation code], and it is yours. Shall I', ' activate it now?']),
  );
  await scene.ask();
  expect(scene.heard.join(' ')).toContain('Foxtrot');
  const answer = scene.session.history.items.at(-1);
  expect(answer?.type === 'message' && answer.textContent).toBe(
    'Your code is [activation code], and it is yours. Shall I activate it now?',
  );
});

it('charges an ordinary answer', async () => {
  scene = await startOutageCall();
  await greeted();
  await scene.ask();
  expect(scene.heard.slice(1)).toEqual(['You have five minutes.']);
  scene.line.become('left');
  await scene.ended;
  expect(scene.story()).toEqual(['connecting free', 'talking billed']);
});

it('is never silent when everything is down: an apology twice, then a goodbye, none of it charged', async () => {
  scene = await startOutageCall();
  await greeted();
  scene.llmServer.always(status(500));
  scene.ttsServer.always(reset);
  const requests = scene.ttsServer.requests.length;
  for (let turn = 0; turn < 3; turn++) {
    const before = scene.heard.length;
    await scene.ask();
    await until('something is heard', () => scene.heard.length > before);
  }
  const { reason } = await scene.ended;
  expect(reason).toBe('provider_outage');
  expect(scene.heard).toEqual([GREETING, apology, apology, goodbyes.provider_outage]);
  expect(scene.ttsServer.requests.length).toBe(requests);
  expect(scene.story()).toEqual([
    'connecting free',
    'talking billed',
    'provider_outage free',
    'goodbye free',
  ]);
});

for (const [name, code] of [
  ['at once', 401],
  ['after a while', 500],
] as const) {
  it(`apologises for an answer of which a part is missing, ${name}, and that is free`, async () => {
    scene = await startOutageCall();
    await greeted();
    const { speak } = scene;
    scene.llmServer.will(words(['You have five minutes left. ', 'Shall I tell you what more would cost?']));
    scene.ttsServer.always(async (response, input) => {
      if (!input.startsWith('You have')) return status(code)(response, input);
      // By then it is known that the other part cannot be had at once.
      await sleep(200);
      return speak(response, input);
    });
    await scene.ask();
    await until('the apology is heard', () => scene.heard.includes(apology));
    expect(scene.heard.slice(1)).toEqual(['You have five minutes left.', apology]);
    scene.line.become('left');
    await scene.ended;
    expect(scene.story()?.at(-1)).toBe('provider_outage free');
  });
}

it('ends what is still being made when it is interrupted, and goes on', async () => {
  scene = await startOutageCall();
  await greeted();
  const { speak } = scene;
  let isGone = false;
  scene.llmServer.will(words(['You have five minutes left. ', 'Shall I tell you what more would cost?']));
  scene.ttsServer.always((response, input) => {
    if (!input.startsWith('Shall')) return speak(response, input);
    response.on('close', () => {
      isGone = true;
    });
  });
  const turn = scene.ask();
  await until('the first words are heard', () => scene.heard.length === 2);
  await scene.session.interrupt({ force: true }).await;
  await turn;
  await until('the request is over', () => isGone);
  await scene.ask();
  expect(scene.heard.slice(1)).toEqual(['You have five minutes left.', 'You have five minutes.']);
});

it('goes on when the providers are well again', async () => {
  scene = await startOutageCall();
  await greeted();
  scene.llmServer.will(status(500), status(500), status(500));
  await scene.ask();
  await until('the apology is heard', () => scene.heard.length === 2);
  await scene.ask();
  expect(scene.heard.slice(1)).toEqual([apology, 'You have five minutes.']);
});

it('gives no answer away for a retry in it that nobody hears', async () => {
  scene = await startOutageCall();
  await greeted();
  scene.llmServer.will(
    words([
      'You have five minutes left, that is all. ',
      'Here is the second sentence of it. ',
      'Here is the third sentence of it, too.',
    ]),
  );
  scene.ttsServer.will(speech(1500), status(500), speech(1500), speech(1500));
  await scene.ask();
  scene.line.become('left');
  await scene.ended;
  expect(scene.restoredMs()).toBeLessThan(1000);
});

it('greets once more when nothing of the greeting was heard', async () => {
  scene = await startOutageCall({ presence: 'awaited' });
  scene.ttsServer.always(status(500));
  scene.line.become('present');
  await sleep(9_000);
  expect(scene.heard).toEqual([]);
  const asked = scene.ttsServer.inputs().length;
  scene.ttsServer.always(speech(200));
  await until('the greeting is heard', () => scene.heard.length > 0, 20_000);
  expect(scene.ttsServer.inputs().slice(asked).join(' ')).toContain('Hello');
});
