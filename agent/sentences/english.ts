import type { Sentences, SpokenFigures } from './sentences.ts';

export const english = ({ duration }: SpokenFigures): Sentences => {
  const expiresSoon = (seconds: number) => `Within a week, ${duration(seconds)} of it will expire.`;
  return {
    greeting: (remainingSeconds, expiringSeconds) =>
      `Hello, this is MindBot. You have ${duration(remainingSeconds)}.${expiringSeconds > 0 ? ` ${expiresSoon(expiringSeconds)}` : ''} What can I do for you?`,
    expiresSoon,
    welcomeBack: 'There you are. Please go on.',
    unsteadyLine:
      'There you are. Your line breaks off again and again. While I speak to you, time is billed all the same.',
    apology: 'Sorry, I could not think of an answer just now. Could you say that again?',
    sorryForTheWait: 'Sorry for the wait.',
    letMeStartAgain: 'Sorry, let me start again.',
    notHeard: 'Sorry, I did not hear that. Could you say it again?',
    areYouThere: 'Are you still there?',
    otherCall: 'Just so you know, another call is using the same balance right now.',
    spendWarning: 'Just so you know, your team has reached a spending limit of its plan.',
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
    owed: (seconds) =>
      `You owe ${duration(seconds)} that you used and got your money back for. What you buy next pays that first.`,
    nothingRemembered: 'I remember nothing about that.',
    faults: FAULTS,
  };
};

const FAULTS: Sentences['faults'] = {
  invalid_request: 'Sorry, I did not get that right. Please try again.',
  idempotency_key_missing: 'Sorry, that purchase was not started.',
  bad_signature: 'Sorry, something went wrong here.',
  account_frozen: 'This account is frozen. Please write to our support.',
  not_signed_in: 'Please sign in first.',
  no_time_left: 'You have no time left.',
  forbidden: 'Sorry, I can only talk about your own account.',
  not_found: 'Sorry, I could not find that.',
  unknown_package: 'I do not know that package. Shall I list the packages?',
  unknown_code: 'I do not know that code.',
  code_used: 'That code was already used.',
  own_code: 'You issued that code yourself, so it is for somebody else.',
  code_revoked: 'That code is not valid any more.',
  idempotency_key_reused: 'Sorry, that purchase was not started.',
  price_changed: 'The price has changed. Please look at it again.',
  purchase_closed: 'That purchase is over. Shall we start a new one?',
  checkout_open: 'That purchase is open on the payment page already.',
  forfeit_not_agreed: 'You still have time, which would be lost.',
  role_missing: 'Your role in this team does not allow that. Please ask one of its owners.',
  no_credits_left: 'Your organization has no credits left for that.',
  overage_cap_reached: 'Your organization has reached its limit for extra credits.',
  payment_required: 'That has to be paid for first.',
  payment_used: 'That payment is for something else.',
  spend_cap_reached: 'That is more than you wanted to pay for this call.',
  scope_missing: 'That key may not do this.',
  already_rotated: 'That key was replaced already.',
  quota_spent: 'The plan allows no more requests for now.',
  other_address: 'That invitation went to another e-mail address.',
  last_owner: 'A team always needs an owner. Please make somebody else an owner first.',
  already_member: 'That person belongs to the team already.',
  subscription_open: 'The subscription is still running. Please cancel it first.',
  plan_too_small: 'That plan is too small for what you use. Please reduce it first.',
  invitation_over: 'That invitation is over. Please ask for a new one.',
  too_late: 'That cannot be changed any more.',
  trial_unavailable: 'Sorry, there are no free minutes for you.',
  not_refundable: 'Sorry, I cannot refund that.',
  call_in_progress: 'That call is still going on. Its receipt comes when it ends.',
  unknown_user: 'I do not know your account any more. Please sign up again.',
  room_taken: 'Another call is already going on here. Please hang up and call again.',
  call_settled: 'That call is over. Please call again to begin a new one.',
  call_mismatch: 'That call belongs to somebody else. Please call again from your own page.',
  spend_limit_reached:
    'Your organisation has spent what its plan allows for now. Please ask whoever looks after it.',
  not_enough_money: 'There is not enough money in your wallet for that.',
  price_not_confirmed: 'I need your consent to the price of that first.',
  too_many_calls: 'Too many calls use your account right now.',
  too_many_short_calls: 'You called many times in a few minutes. Please wait a little before you call again.',
  codes_exported: 'Those codes were given out already.',
  payload_too_large: 'Sorry, that was too much at once.',
  mistyped_code: 'That code has a slip in it. Please read it to me again.',
  too_many_attempts: 'There were too many wrong codes. Please try again in an hour.',
  too_many_requests: 'One moment, please.',
  internal: 'Sorry, something went wrong here.',
  payment_refused:
    'The payment service does not accept this, and trying again will not help. Nothing was charged. Please write to us.',
  payment_misconfigured:
    'Payments do not work here at the moment, and trying again will not help. Nothing was charged. Please write to us.',
  payment_provider_unavailable:
    'The payment service does not answer right now. Please try again in a moment.',
  database_unavailable: 'I cannot reach your account right now. Please try again in a moment.',
  overloaded: 'Too many people ask at once. Please try again in a moment.',
  calls_unavailable: 'Calls are not possible right now.',
};
