/** What people ask most. */
export default {
  lead: 'Answers to what people ask most.',
  more: 'Something else?',
  write: 'Or write to us, and say which call or purchase it is about: the number stands on its receipt.',
  questions: [
    {
      title: 'What counts as time?',
      text: 'The clock starts with the first word that you hear, and stops when the call ends. Connecting, the goodbye, outages on our side and a cut line are free. Silence counts; when nobody speaks for a while, the assistant asks, and later says goodbye by itself.',
    },
    { title: 'How is it rounded?', text: 'Once per call, down to whole seconds.' },
    { title: 'Which card is used first?', text: 'The one that ends first.' },
    {
      title: 'My time ran out in the middle of a call.',
      text: 'The assistant waits for a minute and a half, free of charge. Buy more on the page, and the same conversation goes on.',
    },
    {
      title: 'The microphone is not found, or blocked.',
      text: 'Allow it for this page in the address bar of your browser, and press Talk again. Another program may be using it.',
    },
    {
      title: 'I paid, and the time is not here.',
      text: 'It comes as soon as the payment has gone through, mostly within seconds; a bank debit takes days. You never pay twice for one purchase.',
    },
    {
      title: 'I was given a code.',
      text: 'Enter it at Buy time, under Gifts. If a character was mistyped, the page tells you which group to look at.',
    },
    {
      title: 'Can I have my money back?',
      text: 'Write to us with the number of the receipt. A refund takes the time back that is still on that card.',
    },
    {
      title: 'I have forgotten my password.',
      text: 'Ask for a link at Sign in. It works once, for an hour.',
    },
  ],
};
