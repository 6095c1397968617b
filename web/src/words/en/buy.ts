/** What is said where time is bought. */
export default {
  forWhom: 'For whom? (optional)',
  message: 'Message (optional)',
  recipientEmail: 'Their e-mail address (optional)',
  recipientEmailWhy: 'They get the code by mail. Without it you get it, and pass it on.',
  deliverOn: 'On which day? (optional)',
  deliverOnWhy: 'The mail goes out that morning. Without a day it goes out as soon as the gift is paid.',
  goesTo: (address: string) => `to ${address}`,
  goesOut: (moment: string) => `goes out ${moment}`,
};
