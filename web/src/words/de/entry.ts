import type { Words } from '../words.ts';

const entry: Words['entry'] = {
  toGoOn: 'Melden Sie sich an, um fortzufahren.',
  email: 'E-Mail',
  password: 'Passwort',
  rule: (least) => `Mindestens ${least} Zeichen. Ein paar Wörter sind leicht zu merken.`,
  tooShort: (least) => `Ein neues Passwort muss mindestens ${least} Zeichen haben.`,
  show: 'Zeigen',
  hide: 'Verbergen',
  forgot: 'Vergessen?',
  signInNow: 'Anmelden',
  signUpNow: 'Konto anlegen',
  noAccount: 'Noch kein Konto?',
  haveAccount: 'Schon ein Konto?',
  byLink: 'Schicken Sie mir lieber einen Link',
  byLinkWhy: 'Sie bekommen eine Mail mit einem Link, der Sie anmeldet. Ohne Passwort.',
  sendLink: 'Link senden',
  byPassword: 'Mit Passwort anmelden',
  linkSent: 'Wenn es zu dieser Adresse ein Konto gibt, ist eine Mail mit einem Link unterwegs.',
  confirm:
    'Öffnen Sie den Link in der Mail, die wir Ihnen geschickt haben, und melden Sie sich dann hier an.',
  or: 'oder',
  with: (provider) => `Weiter mit ${provider}`,
  agree: 'Mit einem Konto stimmen Sie zu:',
  and: 'und',
  terms: 'Bedingungen',
  privacy: 'Datenschutzhinweis',
  forgotWhy: 'Nennen Sie uns Ihre Adresse, und Sie bekommen eine Mail mit einem Link für ein neues Passwort.',
  forgotSent:
    'Wenn es zu dieser Adresse ein Konto gibt, ist eine Mail mit einem Link unterwegs. Er gilt einmal, eine Stunde lang.',
  backToSignIn: 'Zurück zur Anmeldung',
  newPasswordWhy: 'Wählen Sie ein neues Passwort. Sie bleiben hier angemeldet.',
  newPassword: 'Neues Passwort',
  savePassword: 'Passwort speichern',
  passwordSaved: 'Ihr neues Passwort ist gespeichert.',
  goOn: 'Weiter',
  deadLink:
    'Um ein neues Passwort zu wählen, öffnen Sie den Link in der Mail. Er gilt einmal; wurde er schon verwendet, lassen Sie sich einen neuen schicken.',
  askAgain: 'Neuen Link anfordern',
};

export default entry;
