/** What a visitor reads first. */
export default {
  title: 'Talk it through',
  headline: 'Talk it through. Pay by the second.',
  purpose:
    'An assistant you simply talk with, to think out loud, to practise, to ask. You buy time in advance, and only the seconds you talk are used.',
  examples: ['Practise a language', 'Prepare an interview', 'Think out loud', 'Ask, and ask again'],
  examplesTitle: 'What people do with it',
  start: 'Start talking',
  tryFree: (time: string) => `Try ${time} free`,
  tryFreeWhy: (days: number) =>
    `For new accounts with a confirmed address, for ${days} days. No card needed.`,
  from: (price: string) => `from ${price} a minute`,
  sampleTitle: 'Hear a call',
  sampleWhy:
    'Recorded with the simple voice that comes with MindBot. An installation may speak with a finer one.',
  play: 'Play the call',
  pause: 'Pause the call',
  sampleLanguage: 'In English',
  speakers: { agent: 'MindBot', caller: 'Caller' },
  stepsTitle: 'How it works',
  steps: [
    {
      title: 'Buy time',
      text: 'A card of minutes, paid once. No subscription, and nothing renews by itself unless you say so.',
    },
    {
      title: 'Press Talk',
      text: 'Your browser is the telephone. The clock starts with the first word you hear, not before.',
    },
    {
      title: 'Go on whenever you like',
      text: 'What you do not use stays on your card. In a call you can buy more, and it simply goes on.',
    },
  ],
  pricesTitle: 'Prices',
  pricesWhy: 'You pay once. Time is used by the second.',
  bestValue: 'Best value',
  perMinute: (price: string) => `${price} a minute`,
  bonus: (time: string) => `${time} of it free`,
  choose: 'Choose',
  trustTitle: 'What you can rely on',
  trust: [
    {
      title: 'Every second explained',
      text: 'Each call has a receipt that shows what was billed, what was free, and why.',
    },
    {
      title: 'Outages are free',
      text: 'When our line, the assistant or a provider fails, that time is not charged.',
    },
    {
      title: 'Never more than you bought',
      text: 'When your time is up, the assistant waits a moment free of charge, and then says goodbye.',
    },
    { title: 'What it remembers is yours', text: 'You see it, correct it, erase it, or turn it off.' },
  ],
  endTitle: 'It is only a conversation away',
};
