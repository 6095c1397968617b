/** Asking whoever runs the service, and what came of it. */
export default {
  about: 'What is it about?',
  aboutAnything: 'My account, or something else',
  aboutCall: (moment: string) => `The call of ${moment}`,
  label: 'What can we help you with?',
  send: 'Ask',
  sent: 'We have it. The answer comes by mail.',
  notNow: 'Not now',
  asked: 'What you asked',
  status: { open: 'open', answered: 'answered', closed: 'closed' },
  answer: 'Answer:',
  signIn: 'Sign in, and you can ask right here.',
};
