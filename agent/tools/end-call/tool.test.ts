import { voice } from '@livekit/agents';
import { expect, it } from 'vitest';
import { callContext, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences } from '../../../tests/languages/check-sentences.ts';
import endCall from './tool.ts';

checkSentences(endCall, () => ({}));

it('says goodbye by the call itself, to which the model adds nothing', async () => {
  let goodbyes = 0;
  const call = callContext({ sayGoodbye: () => void goodbyes++ });
  await expect(useTool(endCall, {}, call)).rejects.toBeInstanceOf(voice.StopResponse);
  expect(goodbyes).toBe(1);
});
