import type { Words } from '../words.ts';

const support: Words['support'] = {
  about: 'De quoi s’agit-il ?',
  aboutAnything: 'De mon compte, ou d’autre chose',
  aboutCall: (moment) => `De l’appel du ${moment}`,
  label: 'En quoi pouvons-nous vous aider ?',
  send: 'Demander',
  sent: 'C’est reçu. La réponse vient par e-mail.',
  notNow: 'Pas maintenant',
  asked: 'Ce que vous avez demandé',
  status: { open: 'ouverte', answered: 'répondue', closed: 'close' },
  answer: 'Réponse :',
  signIn: 'Connectez-vous, et vous pourrez demander ici même.',
};

export default support;
