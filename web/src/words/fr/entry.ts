import type { Words } from '../words.ts';

const entry: Words['entry'] = {
  toGoOn: 'Connectez-vous pour continuer.',
  email: 'E-mail',
  password: 'Mot de passe',
  rule: (least) => `Au moins ${least} caractères. Quelques mots se retiennent facilement.`,
  tooShort: (least) => `Un nouveau mot de passe doit avoir au moins ${least} caractères.`,
  show: 'Afficher',
  hide: 'Masquer',
  forgot: 'Oublié ?',
  signInNow: 'Se connecter',
  signUpNow: 'Créer le compte',
  noAccount: 'Pas encore de compte ?',
  haveAccount: 'Déjà un compte ?',
  byLink: 'Envoyez-moi plutôt un lien',
  byLinkWhy: 'Vous recevez un e-mail avec un lien qui vous connecte. Sans mot de passe.',
  sendLink: 'Envoyer le lien',
  byPassword: 'Utiliser un mot de passe',
  linkSent: 'S’il existe un compte à cette adresse, un e-mail avec un lien est en route.',
  confirm: 'Ouvrez le lien dans l’e-mail que nous vous avons envoyé, puis connectez-vous ici.',
  or: 'ou',
  with: (provider) => `Continuer avec ${provider}`,
  agree: 'En créant un compte, vous acceptez :',
  and: 'et',
  terms: 'conditions',
  privacy: 'confidentialité',
  forgotWhy:
    'Donnez-nous votre adresse, et vous recevrez un e-mail avec un lien pour choisir un nouveau mot de passe.',
  forgotSent:
    'S’il existe un compte à cette adresse, un e-mail avec un lien est en route. Il sert une fois, pendant une heure.',
  backToSignIn: 'Retour à la connexion',
  newPasswordWhy: 'Choisissez un nouveau mot de passe. Vous restez connecté ici.',
  newPassword: 'Nouveau mot de passe',
  savePassword: 'Enregistrer le mot de passe',
  passwordSaved: 'Votre nouveau mot de passe est enregistré.',
  goOn: 'Continuer',
  deadLink:
    'Pour choisir un nouveau mot de passe, ouvrez le lien de l’e-mail. Il sert une fois ; s’il a déjà servi, demandez-en un autre.',
  askAgain: 'Demander un nouveau lien',
};

export default entry;
