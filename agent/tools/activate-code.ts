import { llm } from '@livekit/agents';
import { z } from 'zod';
import { activateCode as activate } from '../../shared/activation-codes/activate-code.ts';
import { hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { Fault } from '../../shared/errors.ts';
import { spokenDuration } from '../../shared/units.ts';
import { CODE_MARK } from '../codes/mask-codes.ts';
import { spellCode } from '../codes/spell-code.ts';
import type { CallContext } from './call-context.ts';
import { openMeter, type Speakable, speakable } from './speakable.ts';

const ASK =
  'Gladly. Please read me the code group by group, four characters at a time, and say a word for each letter: Foxtrot for F, or Kilo for K.';
const ASK_AGAIN = 'All right. Please read it to me again, from the first group on.';
const ELSEWHERE = 'I cannot take codes in this call. Please enter yours on your page.';
const ORDINALS = ['first', 'second', 'third'];

/**
 * Says something about a code. The model has no part in it, lest it change a character; history and captions show the
 * mark where the voice says the characters.
 */
function tell(ctx: llm.ToolOptions<CallContext>['ctx'], symbols: string, text: string): undefined {
  ctx.userData.dictation.spelling = spellCode(symbols);
  ctx.session.say(text);
}

/** What to say next, or undefined where it was said already. */
function goOn(ctx: llm.ToolOptions<CallContext>['ctx']): Speakable | undefined {
  const { dictation } = ctx.userData;
  dictation.open();
  const progress = dictation.progress();
  switch (progress.state) {
    case 'empty':
      return { speech: ASK };
    case 'unclear':
      return { speech: `I did not get the ${ORDINALS[progress.group]} group. Please say it again.` };
    case 'partial':
      return tell(ctx, progress.heard, `I have: ${CODE_MARK}. Please go on.`);
    case 'slip':
      return tell(
        ctx,
        progress.heard,
        `Something is not right in what I heard: ${CODE_MARK}. Which group is wrong? Say, for example, second group, and then its four characters.`,
      );
    case 'complete':
      dictation.confirmable = progress.code;
      return tell(ctx, progress.code, `I heard: ${CODE_MARK}. Shall I activate it? Please say yes or no.`);
  }
}

async function activateConfirmed(context: CallContext, key: string, code: string): Promise<Speakable> {
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
  const done = repeated ? 'That code is yours already.' : 'The code is activated.';
  const words = gift?.message ? ` It came with a message: ${gift.message}` : '';
  return {
    speech: `${done} You have ${spokenDuration(remainingSeconds)} now.${words}`,
    repeated,
    remaining_seconds: remainingSeconds,
  };
}

export const activateCode = llm.tool({
  name: 'activate_code',
  description:
    `Takes an activation or gift code from the caller, reads it back, and activates it after a yes. You never see a code: it is shown to you as ${CODE_MARK}. ` +
    'Call it when the caller has a code, each time the caller has said a part of one, and with the answer when the caller was asked whether to activate it. It speaks for itself: when it answers nothing, say nothing.',
  parameters: z.object({
    answer: z
      .enum(['yes', 'no'])
      .optional()
      .describe('what the caller answered to "Shall I activate it?"; no also to start again'),
  }),
  execute: ({ answer }, { ctx }: llm.ToolOptions<CallContext>) =>
    speakable<Speakable | undefined>(() => {
      const { activationCodeKey: key, dictation } = ctx.userData;
      if (key === undefined) return { speech: ELSEWHERE };
      if (answer === 'no') {
        dictation.startAgain();
        return { speech: ASK_AGAIN };
      }
      const code = dictation.confirmable;
      // A yes counts for what was read back, and for nothing that was said since.
      if (answer === 'yes' && code !== undefined && !dictation.hasMore) {
        return activateConfirmed(ctx.userData, key, code);
      }
      return goOn(ctx);
    }),
});
