import type { Words } from '../words.ts';

const shell: Words['shell'] = {
  language: 'Langue de cette page',
  rooms: {
    home: 'Accueil',
    talk: 'Parler',
    buy: 'Acheter du temps',
    account: 'Compte',
    help: 'Aide',
    terms: 'Conditions',
    privacy: 'Confidentialité',
    call: 'Un appel',
    gift: 'Un cadeau pour vous',
    teams: 'Équipes',
    operator: 'Exploitant',
    missing: 'Il n’y a rien ici',
    signIn: 'Se connecter',
    signUp: 'Créer un compte',
    forgotPassword: 'Mot de passe oublié',
    newPassword: 'Un nouveau mot de passe',
  },
  skip: 'Aller au contenu',
  navigation: 'Rubriques',
  foot: 'Plus',
  timeLeft: 'Temps restant',
  yourTime: 'Votre temps',
  connection: {
    offline: 'Vous êtes hors ligne. Ce qui est affiché peut être ancien.',
    unreachable: 'MindBot est injoignable. La page continue d’essayer d’elle-même.',
    back: 'De nouveau connecté.',
    tryNow: 'Essayer maintenant',
  },
  oneMoment: 'Un instant…',
  close: 'Fermer',
  away: 'MindBot est injoignable',
  awaySafe:
    'Votre temps et vos paiements sont en sécurité : ils ne sont pas gardés dans cette page. Elle continue d’essayer d’elle-même.',
  awayGift: 'Le code cadeau de votre lien attend ici tant que la page est ouverte.',
  tryNow: 'Essayer maintenant',
  giftWaits: 'Votre lien a apporté un code cadeau. Connectez-vous ou créez un compte : il vous y attend.',
  stale: 'Cette rubrique n’a pas pu être chargée',
  staleWhy: 'La connexion a été coupée, ou la page a été renouvelée pendant qu’elle était ouverte.',
  reload: 'Recharger la page',
  missing:
    'Il n’y a pas de page à cette adresse. Elle est peut-être mal écrite, ou ce qui était ici n’y est plus.',
  toStart: 'À l’accueil',
};

export default shell;
