import type { voice } from '@livekit/agents';
import { z } from 'zod';
import { activateCode } from '../../../shared/activation-codes/activate-code.ts';
import { hashActivationCode } from '../../../shared/activation-codes/keyed-hash.ts';
import { Fault } from '../../../shared/errors.ts';
import { CODE_MARK } from '../../../shared/secrets/mask-codes.ts';
import { spellCode } from '../../codes/dictation.ts';
import type { SpokenFigures } from '../../sentences/sentences.ts';
import type { CallContext } from '../call-context.ts';
import { type Answer, defineTool, openMeter, type SentencesIn } from '../define-tool.ts';

/** What is said while a caller dictates a code. `heard` is what was understood of it. */
type DictationSentences = {
  ask: string;
  askFromStart: string;
  /** @param group 0 to 2 */
  unclear(group: number): string;
  goOn(heard: string): string;
  slip(heard: string): string;
  confirm(heard: string): string;
  activated(isRepeated: boolean, remainingSeconds: number): string;
  /** @param message what the giver wrote */
  withMessage(message: string): string;
};

type Said = {
  /** Where the agent takes no activation codes. */
  elsewhere: string;
  /** Undefined in languages in which nobody here can read a code that is spelled. */
  dictation: DictationSentences | undefined;
};

const ORDINALS = ['first', 'second', 'third'];

const english = ({ duration }: SpokenFigures): DictationSentences => ({
  ask: 'Gladly. Please read me the code group by group, four characters at a time, and say a word for each letter: Foxtrot for F, or Kilo for K.',
  askFromStart: 'All right. Please read it to me again, from the first group on.',
  unclear: (group) => `I did not get the ${ORDINALS[group]} group. Please say it again.`,
  goOn: (heard) => `I have: ${heard}. Please go on.`,
  slip: (heard) =>
    `Something is not right in what I heard: ${heard}. Which group is wrong? Say, for example, second group, and then its four characters.`,
  confirm: (heard) => `I heard: ${heard}. Shall I activate it? Please say yes or no.`,
  activated(isRepeated, remainingSeconds) {
    const done = isRepeated ? 'That code is yours already.' : 'The code is activated.';
    return `${done} You have ${duration(remainingSeconds)} now.`;
  },
  withMessage: (message) => `It came with a message: ${message}`,
});

const sentences: SentencesIn<Said> = {
  en: (figures) => ({
    elsewhere: 'I cannot take codes in this call. Please enter yours on your page.',
    dictation: english(figures),
  }),
  de: () => ({
    elsewhere:
      'In diesem Gespräch kann ich leider keine Codes annehmen. Bitte geben Sie Ihren auf Ihrer Seite ein.',
    dictation: undefined,
  }),
  es: () => ({
    elsewhere: 'En esta llamada no puedo aceptar códigos. Por favor, introduzca el suyo en su página.',
    dictation: undefined,
  }),
  fr: () => ({
    elsewhere: 'Je ne peux pas prendre de codes pendant cet appel. Veuillez saisir le vôtre sur votre page.',
    dictation: undefined,
  }),
};

type Session = voice.AgentSession<CallContext>;

/**
 * Says something about a code. The model has no part in it, lest it change a character; history and captions show the
 * mark where the voice says the characters.
 */
function tell(session: Session, call: CallContext, symbols: string, text: string): undefined {
  call.dictation.spelling = spellCode(symbols);
  session.say(text);
}

/** What to say next, or undefined where it was said already. */
function goOn(session: Session, call: CallContext, say: DictationSentences): Answer | undefined {
  const { dictation } = call;
  dictation.open();
  const progress = dictation.progress();
  switch (progress.state) {
    case 'empty':
      return { speech: say.ask };
    case 'unclear':
      return { speech: say.unclear(progress.group) };
    case 'partial':
      return tell(session, call, progress.heard, say.goOn(CODE_MARK));
    case 'slip':
      return tell(session, call, progress.heard, say.slip(CODE_MARK));
    case 'complete':
      dictation.confirmable = progress.code;
      return tell(session, call, progress.code, say.confirm(CODE_MARK));
  }
}

/** Reads a giver's words out. They are a stranger's: the model never sees them, neither as an answer nor as history. */
function readMessage(session: Session, say: DictationSentences, done: string, message: string): undefined {
  session.say(done);
  session.say(say.withMessage(message), { addToChatCtx: false });
}

async function activateConfirmed(
  session: Session,
  call: CallContext,
  say: DictationSentences,
  key: string,
  code: string,
): Promise<Answer | undefined> {
  const attempt = {
    userId: call.userId,
    tenantId: call.tenantId,
    codeHash: hashActivationCode(key, code),
    addressHash: null,
  };
  const { repeated, gift } = await activateCode(call.database, attempt).catch((error: unknown) => {
    // A code that opens nothing is done with. Where nobody answered, a yes may try the same one again.
    if (error instanceof Fault && error.code !== 'database_unavailable') call.dictation.startAgain();
    throw error;
  });
  call.dictation.close();
  const meter = openMeter(call);
  await meter.renew();
  const remainingSeconds = meter.remainingSeconds();
  const speech = say.activated(repeated, remainingSeconds);
  if (gift?.message) return readMessage(session, say, speech, gift.message);
  return { speech, repeated, remaining_seconds: remainingSeconds };
}

export default defineTool({
  name: 'activate_code',
  description:
    `Takes an activation or gift code, which you see as ${CODE_MARK} only, reads it back, and activates it after a yes. ` +
    'Call it when the caller has a code, each time the caller has said a part of one, and with the answer when asked. ' +
    'When it answers nothing, it has spoken for itself: say nothing.',
  parameters: z.object({
    answer: z.enum(['yes', 'no']).optional().describe('to "Shall I activate it?"; no also to start again'),
  }),
  isOffered: () => true,
  sentences,
  execute({ args: { answer }, call, say, session }) {
    const { activationCodeKey: key, dictation } = call;
    if (key === undefined || say.dictation === undefined) {
      dictation.close();
      return { speech: say.elsewhere };
    }
    if (answer === 'no') {
      dictation.startAgain();
      return { speech: say.dictation.askFromStart };
    }
    const code = dictation.confirmable;
    // A yes counts for what was read back, and for nothing that was said since.
    if (answer === 'yes' && code !== undefined && !dictation.hasMore) {
      return activateConfirmed(session, call, say.dictation, key, code);
    }
    return goOn(session, call, say.dictation);
  },
});
