import { test } from 'vitest';
import { closing } from '../support/closing.ts';
import { startActivationCodeScene } from './activation-code-scene.ts';

/** A test that is given `call`, with somebody new, and `scene`, which has codes for them. */
export const testWithCodeCall = test
  .extend('scene', { scope: 'file' }, closing(startActivationCodeScene))
  .extend('call', async ({ scene }, { onCleanup }) => {
    const call = await scene.startCall();
    onCleanup(() => call.end());
    return call;
  });
