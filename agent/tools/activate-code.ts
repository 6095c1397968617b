import { llm } from '@livekit/agents';
import { z } from 'zod';
import { activateCode as activate } from '../../shared/activation-codes/activate-code.ts';
import { hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { Fault } from '../../shared/errors.ts';
import { CODE_MARK } from '../../shared/secrets/mask-codes.ts';
import { spellCode } from '../codes/spell-code.ts';
import type { DictationSentences } from '../sentences/sentences.ts';
import type { CallContext } from './call-context.ts';
import { openMeter, type Speakable, speakable } from './speakable.ts';

/**
 * Says something about a code. The model has no part in it, lest it change a character; history and captions show the
 * mark where the voice says the characters.
 */
function tell(ctx: llm.ToolOptions<CallContext>['ctx'], symbols: string, text: string): undefined {
  ctx.userData.dictation.spelling = spellCode(symbols);
  ctx.session.say(text);
}

/** What to say next, or undefined where it was said already. */
function goOn(
  ctx: llm.ToolOptions<CallContext>['ctx'],
  sentences: DictationSentences,
): Speakable | undefined {
  const { dictation } = ctx.userData;
  dictation.open();
  const progress = dictation.progress();
  switch (progress.state) {
    case 'empty':
      return { speech: sentences.ask };
    case 'unclear':
      return { speech: sentences.unclear(progress.group) };
    case 'partial':
      return tell(ctx, progress.heard, sentences.goOn(CODE_MARK));
    case 'slip':
      return tell(ctx, progress.heard, sentences.slip(CODE_MARK));
    case 'complete':
      dictation.confirmable = progress.code;
      return tell(ctx, progress.code, sentences.confirm(CODE_MARK));
  }
}

async function activateConfirmed(
  context: CallContext,
  sentences: DictationSentences,
  key: string,
  code: string,
): Promise<Speakable> {
  const attempt = { userId: context.userId, codeHash: hashActivationCode(key, code), addressHash: null };
  const { repeated, gift } = await activate(context.database, attempt).catch((error: unknown) => {
    // A code that opens nothing is done with. Where nobody answered, a yes may try the same one again.
    if (error instanceof Fault && error.code !== 'database_unavailable') context.dictation.startAgain();
    throw error;
  });
  context.dictation.close();
  const meter = openMeter(context);
  await meter.renew();
  const remainingSeconds = meter.remainingSeconds();
  return {
    speech: sentences.activated(repeated, remainingSeconds, gift?.message ?? undefined),
    repeated,
    remaining_seconds: remainingSeconds,
  };
}

export const activateCode = llm.tool({
  name: 'activate_code',
  description:
    `Takes an activation or gift code, which you see as ${CODE_MARK} only, reads it back, and activates it after a yes. ` +
    'Call it when the caller has a code, each time the caller has said a part of one, and with the answer when asked. ' +
    'When it answers nothing, it has spoken for itself: say nothing.',
  parameters: z.object({
    answer: z.enum(['yes', 'no']).optional().describe('to "Shall I activate it?"; no also to start again'),
  }),
  execute: ({ answer }, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable<Speakable | undefined>(ctx.userData, (context) => {
      const { activationCodeKey: key, dictation } = context;
      const { codeElsewhere, dictation: sentences } = context.sentences;
      if (key === undefined || sentences === undefined) {
        dictation.close();
        return { speech: codeElsewhere };
      }
      if (answer === 'no') {
        dictation.startAgain();
        return { speech: sentences.askFromStart };
      }
      const code = dictation.confirmable;
      // A yes counts for what was read back, and for nothing that was said since.
      if (answer === 'yes' && code !== undefined && !dictation.hasMore) {
        return activateConfirmed(context, sentences, key, code);
      }
      return goOn(ctx, sentences);
    }),
});
