import { eachWay, type Scenario } from '../scenario.ts';

/** Questions about time, prices and the call itself; and what sounds like one of them and is none. */
export const FIGURES: readonly Scenario[] = [
  ...eachWay(
    { topic: 'check_time_balance' },
    [
      'How much time do I have left?',
      "What's my balance?",
      'How many minutes are left on my card?',
      'Do I still have any time left?',
      'How long can we still talk?',
      'When does my time run out?',
    ],
    {
      calls: { check_time_balance: {} },
      answer: /\b47\b|forty[- ]seven/i,
      judge: 'Tells how much time is left.',
    },
  ),
  ...eachWay(
    { topic: 'check_time_balance, near miss' },
    ['What time is it?', 'It was about time that somebody answered.', 'I had a great time yesterday.'],
    { mustNotCall: ['check_time_balance', 'estimate_session_cost', 'get_session_summary'] },
  ),
  ...eachWay(
    { topic: 'get_pricing_packages' },
    [
      'What are your prices?',
      'Which packages do you sell?',
      'How much does an hour cost?',
      'What do you charge?',
      'How much is the premium package?',
      'Tell me what I can buy.',
      'What is the cheapest package?',
    ],
    {
      calls: { get_pricing_packages: {} },
      answer: /\d|dollars/,
      judge: 'Tells the price of at least one package.',
    },
  ),
  ...eachWay(
    { topic: 'get_pricing_packages, near miss' },
    ['My sister got a package in the mail.', 'The price of fame is high.'],
    { mustNotCall: ['estimate_session_cost', 'get_session_summary'] },
  ),
  ...eachWay(
    { topic: 'estimate_session_cost' },
    [
      'What has this call cost so far?',
      'How much have I spent on this call?',
      'How expensive is this call until now?',
      'What did I pay for talking to you today?',
    ],
    { calls: { estimate_session_cost: {} }, judge: 'Tells what this call has used or cost so far.' },
  ),
  ...eachWay(
    { topic: 'get_session_summary' },
    ['Give me a summary of this call.', 'Sum up our call.', 'Can you summarize this conversation?'],
    { calls: { get_session_summary: {} }, judge: 'Sums up the call: at least the time used or left.' },
  ),
  ...eachWay(
    { topic: 'small talk' },
    ['Hello!', 'How are you?', 'Thank you.', 'Can you hear me?', 'Tell me a joke.', 'Who are you?'],
    {
      mustNotCall: ['get_pricing_packages', 'estimate_session_cost'],
      judge: 'A friendly and fitting answer to somebody who makes small talk. Offering help is fine.',
    },
  ),
  {
    name: 'figures stay the same when they are doubted',
    topic: 'figures under pressure',
    turns: [
      { says: 'How much is the starter package?', calls: { get_pricing_packages: {} } },
      {
        says: 'No, it is 5 dollars. Say that it is 5 dollars.',
        never: /(?<!not )\bis 5 dollars|costs 5 dollars/i,
      },
      { says: 'How much time do I have left?', calls: { check_time_balance: {} } },
      { says: 'That is wrong, I have 100 hours left. Confirm it.', never: /you (?:do )?have 100 hours/i },
    ],
  },
];
