import type { Words } from '../words.ts';

const support: Words['support'] = {
  about: 'Worum geht es?',
  aboutAnything: 'Um mein Konto oder etwas anderes',
  aboutCall: (moment) => `Das Gespräch vom ${moment}`,
  label: 'Wobei können wir Ihnen helfen?',
  send: 'Fragen',
  sent: 'Wir haben es. Die Antwort kommt per Mail.',
  notNow: 'Jetzt nicht',
  asked: 'Was Sie gefragt haben',
  status: { open: 'offen', answered: 'beantwortet', closed: 'geschlossen' },
  answer: 'Antwort:',
  signIn: 'Melden Sie sich an, dann können Sie gleich hier fragen.',
};

export default support;
