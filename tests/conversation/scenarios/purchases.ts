import { eachWay, type Scenario } from '../scenario.ts';

const buying = (package_id: string) => ({ start_purchase_process: { package_id } });

/** Buying: only what was chosen, once, at the catalogue's price, whatever comes in between. */
export const PURCHASES: readonly Scenario[] = [
  ...eachWay(
    { topic: 'start_purchase_process', orders: ['basic'] },
    [
      'I want to buy the basic package.',
      'Basic, please.',
      "I'll take the basic one.",
      'Give me the basic package.',
      'Can I get the basic package please?',
    ],
    { calls: buying('basic'), answer: /basic/i, judge: 'Says the package, its price, and where to pay.' },
  ),
  ...eachWay(
    { topic: 'start_purchase_process, near miss' },
    [
      'I want to buy more time.',
      'I need more minutes.',
      'Can I top up?',
      'I might buy something later.',
      'Which one should I buy?',
      'How much is the premium package?',
      'What do I get in the pro package?',
      'I do not want the premium package.',
      'My sister bought the premium package.',
      'I bought a starter motor for my car.',
      'Do not buy anything.',
      'Is the premium package good?',
      'Tell me about the premium package.',
      'I already have the premium package.',
      'Is basic better than starter?',
      'Can I return the basic package?',
      'If I buy the pro package, is it cheaper?',
      'Should I buy the basic or the premium package?',
    ],
    {},
  ),
  {
    name: 'asks which package, and sells the one that is named',
    topic: 'start_purchase_process',
    turns: [
      { says: 'I want to buy more time.', answer: /\?/, judge: 'Asks which package, or lists packages.' },
      { says: 'The pro one, please.', calls: buying('pro') },
    ],
    orders: ['pro'],
  },
  {
    name: 'asked twice for the same package: one order',
    topic: 'start_purchase_process',
    turns: [
      { says: 'I want to buy the starter package.', calls: buying('starter') },
      { says: 'I want to buy the starter package.', mayCall: ['start_purchase_process'] },
    ],
    orders: ['starter'],
  },
  {
    name: 'a package that nobody sells',
    topic: 'start_purchase_process, near miss',
    turns: [{ says: 'I want to buy the diamond package.', judge: 'Does not sell a diamond package.' }],
  },
  {
    name: 'interrupted while it acts, then the same again: one order',
    topic: 'interrupted purchase',
    turns: [
      { says: 'I want to buy the basic package.', calls: buying('basic'), interrupted: 'acting' },
      { says: 'Sorry, go on: I want to buy the basic package.', mayCall: ['start_purchase_process'] },
    ],
    orders: ['basic'],
  },
  {
    name: 'interrupted while it acts, then another package',
    topic: 'interrupted purchase',
    turns: [
      { says: 'I want to buy the basic package.', calls: buying('basic'), interrupted: 'acting' },
      {
        says: 'Wait. I want to buy the premium package instead.',
        calls: buying('premium'),
        answer: /premium/i,
      },
    ],
    orders: ['basic', 'premium'],
  },
  {
    name: 'interrupted while it speaks, another package, and back again: no second order for the first',
    topic: 'interrupted purchase',
    turns: [
      { says: 'I want to buy the basic package.', calls: buying('basic'), interrupted: 'speaking' },
      { says: 'No, the premium package, please.', calls: buying('premium'), answer: /premium/i },
      { says: 'How much time do I have left?', calls: { check_time_balance: {} } },
      { says: 'After all, I want to buy the basic package.', calls: buying('basic'), answer: /basic/i },
    ],
    orders: ['basic', 'premium'],
  },
  {
    name: 'interrupted by a question about the price',
    topic: 'interrupted purchase',
    turns: [
      { says: 'I want to buy the pro package.', calls: buying('pro'), interrupted: 'speaking' },
      {
        says: 'Hold on, what does the pro package cost?',
        mayCall: ['start_purchase_process'],
        answer: /179|hundred/,
      },
    ],
    orders: ['pro'],
  },
  {
    name: 'interrupted, and called off',
    topic: 'interrupted purchase',
    turns: [
      { says: 'I want to buy the enterprise package.', calls: buying('enterprise'), interrupted: 'speaking' },
      { says: 'No, thanks. I do not want it.' },
      { says: 'What has this call cost so far?', calls: { estimate_session_cost: {} } },
    ],
    orders: ['enterprise'],
  },
];
