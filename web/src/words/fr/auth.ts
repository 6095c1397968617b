import type { Words } from '../words.ts';

const auth: Words['auth'] = {
  errors: {
    invalid_credentials: 'L’e-mail ou le mot de passe est faux.',
    email_not_confirmed:
      'Cette adresse n’est pas encore confirmée : ouvrez le lien dans l’e-mail que nous vous avons envoyé.',
    user_already_exists: 'Il existe déjà un compte à cette adresse. Connectez-vous.',
    email_exists: 'Il existe déjà un compte à cette adresse.',
    email_address_invalid: 'Cette adresse e-mail n’est pas valable.',
    over_email_send_rate_limit: 'Trop d’e-mails ont été envoyés à cette adresse. Attendez quelques minutes.',
    over_request_rate_limit: 'Trop d’essais. Attendez une minute, puis réessayez.',
    signup_disabled: 'Il n’est pas possible de créer un compte pour le moment.',
    same_password: 'C’est déjà votre mot de passe. Choisissez-en un autre.',
    weak_password: 'Ce mot de passe est trop facile à deviner. Choisissez-en un plus long.',
    reauthentication_needed:
      'Vous vous êtes connecté il y a longtemps. Déconnectez-vous, reconnectez-vous, puis changez de mot de passe.',
    session_not_found: 'Vous avez été déconnecté. Reconnectez-vous.',
    session_expired: 'Vous avez été déconnecté. Reconnectez-vous.',
    user_banned: 'Ce compte est fermé.',
    otp_disabled: 'Il n’y a pas de compte à cette adresse.',
    unreachable: 'Le service de connexion est injoignable. Réessayez.',
    other: 'Cela n’a pas fonctionné.',
  },
  links: {
    otp_expired:
      'Ce lien a déjà servi ou est trop ancien. Si vous n’êtes pas connecté, essayez de l’être : une adresse confirmée n’a pas besoin de lien, et pour toute autre, une nouvelle inscription en envoie un nouveau.',
    access_denied:
      'Ce lien ne vous laisse pas entrer. Connectez-vous, ou inscrivez-vous de nouveau pour en recevoir un autre.',
    flow_state_expired:
      'Ce lien est trop ancien. Connectez-vous, ou inscrivez-vous de nouveau pour en recevoir un autre.',
    flow_state_not_found: 'Ce lien a été ouvert dans un autre navigateur, ou a déjà servi. Connectez-vous.',
    bad_code_verifier:
      'Ce lien a été ouvert dans un autre navigateur que celui où il a été demandé. Connectez-vous.',
    user_banned: 'Ce compte est fermé.',
    other:
      'Ce lien n’a pas fonctionné. Connectez-vous, ou inscrivez-vous de nouveau pour en recevoir un autre.',
  },
};

export default auth;
