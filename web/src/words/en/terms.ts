/** What holds between who runs this service and who uses it. */
export default {
  parts: [
    {
      title: 'What you buy',
      text: 'Time to talk with an assistant that is a computer program, on prepaid cards. The price is what the page shows when you pay. There is no subscription. Automatic top-up is off until you turn it on, with a cap that you choose.',
    },
    {
      title: 'How time is used',
      text: 'By the second, once you have heard the first word of a call. Connecting, the goodbye, outages on our side, and the time in which your line was cut are not charged. Each call has a receipt with every window of it.',
    },
    {
      title: 'How long time lasts',
      text: 'Each card shows until when it is good. Of several cards the one that ends first is used first.',
    },
    {
      title: 'Gifts',
      text: 'A gift code can be used once, by whoever enters it first. Keep it like cash.',
    },
    {
      title: 'Refunds',
      text: 'A refund takes back the time that is still on the card, in proportion. If more was used than the rest of the payment covers, that is owed, and the next card pays it first.',
    },
    {
      title: 'What the assistant says',
      text: 'It can be wrong. It gives no medical, legal or financial advice to rely on, and in an emergency it cannot call anybody.',
    },
    {
      title: 'What we ask of you',
      text: 'Do not use it to harm others, to break the law, or to disturb the service. An account that does can be closed; time that was paid for is then refunded as the law says.',
    },
    { title: 'Your rights', text: 'What the law gives you as a consumer is not touched by these terms.' },
  ],
};
