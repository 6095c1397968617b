import type { DictationSentences, Sentences, SpokenFigures } from './sentences.ts';

const ORDINALS = ['first', 'second', 'third'];

const dictation = ({ duration }: SpokenFigures): DictationSentences => ({
  ask: 'Gladly. Please read me the code group by group, four characters at a time, and say a word for each letter: Foxtrot for F, or Kilo for K.',
  askFromStart: 'All right. Please read it to me again, from the first group on.',
  unclear: (group) => `I did not get the ${ORDINALS[group]} group. Please say it again.`,
  goOn: (heard) => `I have: ${heard}. Please go on.`,
  slip: (heard) =>
    `Something is not right in what I heard: ${heard}. Which group is wrong? Say, for example, second group, and then its four characters.`,
  confirm: (heard) => `I heard: ${heard}. Shall I activate it? Please say yes or no.`,
  activated(isRepeated, remainingSeconds, message) {
    const done = isRepeated ? 'That code is yours already.' : 'The code is activated.';
    const words = message ? ` It came with a message: ${message}` : '';
    return `${done} You have ${duration(remainingSeconds)} now.${words}`;
  },
});

export const english = (figures: SpokenFigures): Sentences => {
  const { duration, price } = figures;
  const expiryNote = (expiringSeconds: number) =>
    expiringSeconds > 0 ? ` Within a week, ${duration(expiringSeconds)} of it will expire.` : '';
  return {
    greeting: (remainingSeconds, expiringSeconds) =>
      `Hello, this is MindBot. You have ${duration(remainingSeconds)}.${expiryNote(expiringSeconds)} What can I do for you?`,
    welcomeBack: 'There you are. Please go on.',
    apology: 'Sorry, I could not think of an answer just now. Could you say that again?',
    sorryForTheWait: 'Sorry for the wait.',
    letMeStartAgain: 'Sorry, let me start again.',
    notHeard: 'Sorry, I did not hear that. Could you say it again?',
    areYouThere: 'Are you still there?',
    otherCall: 'Just so you know, another call is using the same balance right now.',
    warning: (remainingSeconds) =>
      `Just so you know, you have ${duration(remainingSeconds)} left. You can buy more time whenever you like.`,
    timeAdded: (remainingSeconds) => `Your new time has arrived. You have ${duration(remainingSeconds)} now.`,
    deskOpens: (freeSeconds) =>
      `Your time is used up. I stay for ${duration(freeSeconds)} more, free of charge. Would you like to buy more time?`,
    thanksForTime: (remainingSeconds) =>
      `Thank you! You have ${duration(remainingSeconds)} now. Where were we?`,
    farewell: 'Goodbye, and thank you for calling.',
    goodbyes: {
      time_used_up:
        'Your time is used up now, so I have to say goodbye. You can buy more time on the page. Take care!',
      billing_unreachable:
        'I am sorry, I cannot reach your account right now, so I have to let you go. Nothing beyond this was charged. Goodbye!',
      silence: 'I hear nothing, so I say goodbye now. Call again whenever you like!',
      provider_outage:
        'I am sorry, something on our side does not work right now, so I have to let you go. You do not pay for this. Please call again later. Goodbye!',
      conversation_failed:
        'I am sorry, something went wrong on our side. Your time is safe. Please call again. Goodbye!',
    },
    balance: (remainingSeconds, expiringSeconds) =>
      `You have ${duration(remainingSeconds)} left.${expiryNote(expiringSeconds)}`,
    packages(offers) {
      const each = offers.map(
        ({ name, seconds, amount, currency }) =>
          `${name} gives you ${duration(seconds)} for ${price(amount, currency)}.`,
      );
      if (each.length === 0) return 'We have no packages for sale right now.';
      return `These are our packages. ${each.join(' ')} Just name the one you want.`;
    },
    cost(usedSeconds, worth) {
      const used = `So far this call has used ${duration(usedSeconds)} of your time.`;
      if (!worth) return used;
      return `${used} At the ${worth.name} price that is about ${price(worth.amount, worth.currency)}.`;
    },
    summary: (usedSeconds, remainingSeconds) =>
      `In this call you have used ${duration(usedSeconds)}, and you have ${duration(remainingSeconds)} left. Only the time in which we talk is billed.`,
    checkout: ({ name, seconds, amount, currency }) =>
      `I have opened the checkout for ${name}: ${duration(seconds)} for ${price(amount, currency)}. Please pay on your page, and the time is yours at once.`,
    codeElsewhere: 'I cannot take codes in this call. Please enter yours on your page.',
    dictation: dictation(figures),
    remembered: (notes) =>
      notes.length > 0 ? `You told me: ${notes.join('. ')}.` : 'I remember nothing about that.',
    forgetThis: (note) => `I remember this: ${note}. Shall I forget it?`,
    forgetEverything: 'Shall I forget everything that you ever told me?',
    forgotten: 'Done. I have forgotten it.',
    notForgotten: 'All right. I keep it.',
    callForgotten: 'All right. I will remember nothing of this call.',
    restForgotten: 'All right. I will not remember that, nor what you say from here on in this call.',
    faults: FAULTS,
  };
};

const FAULTS: Sentences['faults'] = {
  invalid_request: 'Sorry, I did not get that right. Please try again.',
  idempotency_key_missing: 'Sorry, that purchase was not started.',
  bad_signature: 'Sorry, something went wrong here.',
  not_signed_in: 'Please sign in first.',
  no_time_left: 'You have no time left.',
  forbidden: 'Sorry, I can only talk about your own account.',
  not_found: 'Sorry, I could not find that.',
  unknown_package: 'I do not know that package. Shall I list the packages?',
  unknown_code: 'I do not know that code.',
  code_used: 'That code was already used.',
  code_revoked: 'That code is not valid any more.',
  idempotency_key_reused: 'Sorry, that purchase was not started.',
  purchase_closed: 'That purchase is over. Shall we start a new one?',
  checkout_open: 'That purchase is open on the payment page already.',
  not_refundable: 'Sorry, I cannot refund that.',
  call_in_progress: 'That call is still going on. Its receipt comes when it ends.',
  too_many_calls: 'Too many calls use your account right now.',
  codes_exported: 'Those codes were given out already.',
  payload_too_large: 'Sorry, that was too much at once.',
  mistyped_code: 'That code has a slip in it. Please read it to me again.',
  too_many_attempts: 'There were too many wrong codes. Please try again in an hour.',
  too_many_requests: 'One moment, please.',
  internal: 'Sorry, something went wrong here.',
  payment_provider_unavailable:
    'The payment service does not answer right now. Please try again in a moment.',
  database_unavailable: 'I cannot reach your account right now. Please try again in a moment.',
  calls_unavailable: 'Calls are not possible right now.',
};
