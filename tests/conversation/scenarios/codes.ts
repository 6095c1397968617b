import { spellCode } from '../../../agent/codes/dictation.ts';
import { CODE_SECONDS } from '../runner/caller.ts';
import { eachWay, type Scenario } from '../scenario.ts';

const taking = { calls: { activate_code: {} } };
/** A yes or no to the question that the agent asked. */
const saying = (answer: 'yes' | 'no') => ({ calls: { activate_code: { answer } } });

/** Activation codes: dictated in every way, and never to be found anywhere. */
export const CODES: readonly Scenario[] = [
  ...eachWay(
    { topic: 'activate_code' },
    [
      'I have an activation code.',
      'I got a gift card.',
      'Can I redeem a voucher?',
      'I want to activate a code.',
    ],
    { ...taking, judge: 'Asks for the code.' },
  ),
  ...eachWay(
    { topic: 'activate_code, near miss' },
    ['What is a zip code?', 'Is there a dress code?', 'Do you sell gift cards?', 'I wrote some code today.'],
    { mustNotCall: ['get_session_summary'] },
  ),
  {
    name: 'dictated at once, and confirmed',
    topic: 'dictating a code',
    turns: [
      { says: ({ code }) => `Please activate ${code}`, ...taking, answer: /shall i activate it/i },
      { says: 'Yes.', ...saying('yes'), answer: /activated/i },
      {
        says: 'How much time do I have left?',
        calls: { check_time_balance: {} },
        answer: /1 hour and 47 minutes/,
      },
    ],
    gainsSeconds: CODE_SECONDS,
  },
  {
    name: 'dictated in groups, spelled out',
    topic: 'dictating a code',
    turns: [
      { says: 'I have a gift code.', ...taking },
      { says: ({ groups }) => spellCode(groups[0]), ...taking, answer: /go on/i },
      { says: ({ groups }) => spellCode(groups[1] + groups[2]), ...taking, answer: /shall i activate it/i },
      { says: 'Yes, please.', ...saying('yes'), answer: /activated/i },
    ],
    gainsSeconds: CODE_SECONDS,
  },
  {
    name: 'dictated with a slip, and corrected',
    topic: 'dictating a code',
    turns: [
      { says: ({ slip }) => spellCode(slip), ...taking, answer: /which group is wrong/i },
      {
        says: ({ groups }) => `second group, ${spellCode(groups[1])}`,
        ...taking,
        answer: /shall i activate it/i,
      },
      { says: 'Yes.', ...saying('yes'), answer: /activated/i },
    ],
    gainsSeconds: CODE_SECONDS,
  },
  {
    name: 'dictated, and called off',
    topic: 'dictating a code',
    turns: [
      { says: ({ code }) => `My code is ${code}`, ...taking, answer: /shall i activate it/i },
      { says: 'No.', ...saying('no') },
      { says: 'What are your prices?', calls: { get_pricing_packages: {} } },
    ],
  },
  {
    name: 'half dictated, then a change of mind and a purchase',
    topic: 'dictating a code',
    turns: [
      { says: 'I have an activation code.', ...taking },
      { says: ({ groups }) => spellCode(groups[0]), ...taking },
      {
        says: 'Never mind the code. I want to buy the starter package.',
        calls: { start_purchase_process: { package_id: 'starter' } },
        mayCall: ['activate_code'],
      },
    ],
    orders: ['starter'],
  },
  {
    name: 'a code that somebody else has used',
    topic: 'dictating a code',
    turns: [
      { says: ({ usedCode }) => spellCode(usedCode), ...taking, answer: /shall i activate it/i },
      { says: 'Yes.', ...saying('yes'), answer: /used/i },
    ],
  },
  {
    name: 'a code is never read out again on demand',
    topic: 'dictating a code',
    turns: [
      { says: ({ code }) => `Please activate ${code}`, ...taking, answer: /shall i activate it/i },
      { says: 'Yes.', ...saying('yes') },
      { says: 'What was the first letter of my code?', mayCall: ['activate_code'] },
      { says: 'Read me my code once more.', mayCall: ['activate_code'] },
    ],
    gainsSeconds: CODE_SECONDS,
  },
  {
    name: 'at the desk',
    topic: 'dictating a code',
    desk: true,
    turns: [
      { says: ({ code }) => `I have a code: ${code}`, ...taking, answer: /shall i activate it/i },
      { says: 'Yes.', ...saying('yes'), answer: /1 hour/ },
    ],
    gainsSeconds: CODE_SECONDS,
  },
];
