import type { Words } from '../words.ts';

const shell: Words['shell'] = {
  language: 'Sprache dieser Seite',
  rooms: {
    home: 'Startseite',
    talk: 'Sprechen',
    buy: 'Zeit kaufen',
    account: 'Konto',
    help: 'Hilfe',
    terms: 'Bedingungen',
    privacy: 'Datenschutz',
    call: 'Ein Gespräch',
    gift: 'Ein Geschenk für Sie',
    teams: 'Gruppen',
    operator: 'Betreiber',
    missing: 'Hier ist nichts',
    signIn: 'Anmelden',
    signUp: 'Konto anlegen',
    forgotPassword: 'Passwort vergessen',
    newPassword: 'Ein neues Passwort',
  },
  skip: 'Zum Inhalt springen',
  navigation: 'Räume',
  foot: 'Weiteres',
  timeLeft: 'Restzeit',
  yourTime: 'Ihre Zeit',
  connection: {
    offline: 'Sie sind offline. Was Sie sehen, kann veraltet sein.',
    unreachable: 'MindBot ist nicht zu erreichen. Es wird von selbst weiter versucht.',
    back: 'Wieder verbunden.',
    tryNow: 'Jetzt versuchen',
  },
  oneMoment: 'Einen Moment …',
  close: 'Schließen',
  away: 'MindBot ist nicht zu erreichen',
  awaySafe:
    'Ihre Zeit und Ihre Zahlungen sind sicher: Sie liegen nicht in dieser Seite. Es wird von selbst weiter versucht.',
  awayGift: 'Der Geschenkcode aus Ihrem Link wartet hier, solange die Seite offen ist.',
  tryNow: 'Jetzt versuchen',
  giftWaits:
    'Ihr Link hat einen Geschenkcode mitgebracht. Melden Sie sich an oder legen Sie ein Konto an, dann wartet er dort auf Sie.',
  stale: 'Dieser Raum konnte nicht geladen werden',
  staleWhy: 'Die Verbindung war unterbrochen, oder die Seite wurde erneuert, während sie offen war.',
  reload: 'Seite neu laden',
  missing:
    'Unter dieser Adresse gibt es keine Seite. Vielleicht ist sie vertippt, oder was hier war, ist weg.',
  toStart: 'Zur Startseite',
};

export default shell;
