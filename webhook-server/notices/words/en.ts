/** All that the mails say in English, which the other languages are typed by. */
export const en = {
  language: 'en' as string,
  /** BCP 47, of days and of amounts. */
  dates: 'en-GB',
  amounts: 'en',
  /** Between a term and its value. */
  colon: ':',
  signature: 'MindBot. This message was sent by a machine.',
  open: 'Open MindBot',
  terms: {
    package: 'Package',
    time: 'Time',
    price: 'Price',
    tax: 'Tax',
    paid: 'Paid',
    paidDebt: 'Paid of what was owed',
    date: 'Date',
    purchase: 'Purchase',
    recipient: 'For',
    theirWords: 'Their words',
    yourWords: 'Your words',
    refundedNow: 'Refunded now',
    refundedInAll: 'Refunded in all',
    takenBack: 'Time taken back',
    returned: 'Returned',
    disputed: 'Disputed',
    goesBack: 'Goes back',
    youAsked: 'You asked',
  },
  receipt: {
    subject: (name: string) => `Your receipt: ${name}`,
    ready: 'Thank you. Your time is on your account, and ready to talk.',
    giftGoesTo: (address: string, day: string | null) =>
      `Thank you. Your gift is paid; its activation code goes to ${address}${day === null ? '' : ` on ${day}`}.`,
    giftComes: (day: string | null) =>
      `Thank you. Your gift is paid; its activation code comes${day === null ? '' : ` on ${day}`} in a message of its own.`,
    debt: 'You owed time that was used and whose money had gone back to you. A part of what you bought has paid for it.',
    asGift: (name: string) => `${name}, as a gift`,
    withBonus: (time: string, bonus: string) => `${time}, of which ${bonus} bonus`,
  },
  gift: {
    somebody: 'Somebody',
    subjectForYou: (time: string) => `A gift for you: ${time} of MindBot`,
    subjectYours: (time: string) => `Your gift: ${time} of MindBot`,
    forYou: (giver: string) =>
      `${giver} gives you time to talk with MindBot, a voice assistant. Enter this code on the page, and the time is yours; your year to use it begins then.`,
    passOn:
      'Pass this activation code on. Whoever enters it first gets the time; their year to use it begins then.',
    link: 'Activate it with this link',
    likeCash: 'It can be typed on the page, or read aloud in a call. Treat it like cash.',
  },
  refund: {
    subject: (sum: string) => `Your refund of ${sum}`,
    text: 'The money goes back to where it was paid from, which takes some days. The time that it had paid for is taken back in proportion.',
    inAll: (refunded: string, paid: string) => `${refunded} of ${paid}`,
    failedSubject: (sum: string) => `Your refund of ${sum} did not arrive`,
    failed:
      'Your bank returned the money, as it does when a card or an account was closed. The time is yours again until we have found another way to pay you: please write to us.',
  },
  dispute: {
    openSubject: 'Your payment is disputed',
    open: 'Your bank told us that this payment is disputed. The time that it paid for cannot be used until the bank has decided; all other time can.',
    mistake: 'If that is a mistake, tell your bank, and write to us.',
    closedSubject: 'The dispute about your payment is over',
    won: 'Your bank decided that the payment stands. The time that it paid for can be used again.',
    lost: 'Your bank gave the money back to you. The time that it had paid for was taken back.',
  },
  topUp: {
    subject: 'Your automatic top-up has stopped',
    why: {
      declined: 'Your card could not be charged twice in a row.',
      review: 'A payment of your automatic top-up did not arrive as agreed, and we look at it.',
      terms_changed: 'The package, or its price, is not what you agreed to any more.',
      money_back:
        'Money went back to the payer, by a refund or a dispute, and you shall not be charged for time again at once.',
    },
    stays: 'Nothing more is charged until you turn automatic top-up on again.',
  },
  second: {
    subject: (sum: string) => `You paid twice: ${sum} goes back to you`,
    text: 'We received a second payment for a purchase that another payment pays. It goes back, whole and by itself, to where it was paid from, which takes some days.',
  },
  support: {
    subject: {
      call: 'Our answer about your call',
      purchase: 'Our answer about your purchase',
      card: 'Our answer about your time card',
      account: 'Our answer about your account',
    },
    id: {
      call: 'Id of the call',
      purchase: 'Id of the purchase',
      card: 'Id of the time card',
      account: 'Id of the account',
    },
  },
  spend: {
    subject: {
      soft: (team: string) => `${team} has used most of its budget`,
      hard: (team: string) => `${team} has used up its budget`,
    },
    text: {
      soft: (team: string) => `The team “${team}” has reached the amount of its plan at which we tell you.`,
      hard: (team: string) =>
        `The team “${team}” has spent what its plan allows. What goes on is finished, and nothing new begins until the period is over or the plan is changed.`,
    },
    periods: { day: 'Today (UTC)', month: 'This month' },
    spent: 'Spent',
    of: (spent: string, limit: string) => `${spent} of ${limit}`,
    link: 'Look at the plan',
  },
  invoice: {
    subject: {
      invoice_open: (number: string) => `Your invoice ${number}`,
      invoice_paid: (number: string) => `Paid: your invoice ${number}`,
      invoice_failed: (number: string) => `Your invoice ${number} could not be charged`,
      invoice_void: (number: string) => `Your invoice ${number} is not owed any more`,
      invoice_credited: (number: string) => `A credit note to your invoice ${number}`,
    },
    text: {
      invoice_open: 'This invoice is charged to the saved card. There is nothing to do.',
      invoice_paid: 'Thank you. The credits of the period that was paid are there.',
      invoice_void: 'Nothing is to be paid for it.',
      invoice_credited: 'A part of it was given back: to the card, or off what is owed.',
    },
    failed: (next: string | null) =>
      next === null
        ? 'The card was declined, and it is not tried again by itself. Please pay it at the link.'
        : `The card was declined. It is tried again on ${next}; pay at the link, or save another card, to be done with it now.`,
    number: 'Invoice',
    period: 'Period',
    span: (from: string, to: string) => `${from} to ${to}`,
    base: 'Plan',
    assets: 'Assets beyond the plan',
    credits: 'Credits beyond the plan',
    gainshare: 'Gain-share',
    other: 'Changes and other items',
    subtotal: 'Together before tax',
    total: 'Total',
    due: 'To be paid',
    credited: 'Given back in all',
    link: 'See and pay the invoice',
  },
  invitation: {
    somebody: 'Somebody',
    subject: (team: string) => `You are invited to ${team}`,
    text: (inviter: string, team: string) =>
      `${inviter} invites you to the team “${team}” at MindBot, a voice assistant.`,
    roles: {
      owner: 'As an owner you decide who belongs to it, buy for it, and talk on its time.',
      billing: 'You buy for it, see what it used, and talk on its time.',
      member: 'You talk on its time.',
    },
    signIn: 'Sign in, or sign up, with this e-mail address; the invitation lets in nobody else.',
    until: 'Valid until',
    link: 'Join with this link',
    ignore: 'If you do not know who invites you, do nothing: nobody learns whether you read this.',
  },
};

export type MailWords = typeof en;
