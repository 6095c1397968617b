import type { Words } from '../words.ts';

const auth: Words['auth'] = {
  errors: {
    invalid_credentials: 'E-Mail oder Passwort ist falsch.',
    email_not_confirmed:
      'Diese Adresse ist noch nicht bestätigt: Öffnen Sie den Link in der Mail, die wir Ihnen geschickt haben.',
    user_already_exists: 'Zu dieser Adresse gibt es schon ein Konto. Melden Sie sich an.',
    email_exists: 'Zu dieser Adresse gibt es schon ein Konto.',
    email_address_invalid: 'Diese E-Mail-Adresse ist nicht gültig.',
    over_email_send_rate_limit: 'An diese Adresse gingen zu viele Mails. Warten Sie ein paar Minuten.',
    over_request_rate_limit: 'Zu viele Versuche. Warten Sie eine Minute und versuchen Sie es noch einmal.',
    signup_disabled: 'Neue Konten können zurzeit nicht angelegt werden.',
    same_password: 'Das ist schon Ihr Passwort. Wählen Sie ein anderes.',
    weak_password: 'Dieses Passwort ist zu leicht zu erraten. Wählen Sie ein längeres.',
    reauthentication_needed:
      'Ihre Anmeldung ist lange her. Melden Sie sich ab und wieder an und ändern Sie dann Ihr Passwort.',
    session_not_found: 'Sie wurden abgemeldet. Melden Sie sich wieder an.',
    session_expired: 'Sie wurden abgemeldet. Melden Sie sich wieder an.',
    user_banned: 'Dieses Konto ist geschlossen.',
    otp_disabled: 'Zu dieser Adresse gibt es kein Konto.',
    unreachable: 'Der Anmeldedienst ist nicht zu erreichen. Versuchen Sie es noch einmal.',
    other: 'Das hat nicht geklappt.',
  },
  links: {
    otp_expired:
      'Dieser Link wurde schon verwendet oder ist zu alt. Wenn Sie nicht angemeldet sind, versuchen Sie das: Eine bestätigte Adresse braucht keinen Link, und für jede andere schickt eine neue Registrierung einen neuen.',
    access_denied:
      'Dieser Link lässt Sie nicht hinein. Melden Sie sich an, oder registrieren Sie sich noch einmal für einen neuen.',
    flow_state_expired:
      'Dieser Link ist zu alt. Melden Sie sich an, oder registrieren Sie sich noch einmal für einen neuen.',
    flow_state_not_found:
      'Dieser Link wurde in einem anderen Browser geöffnet oder schon verwendet. Melden Sie sich an.',
    bad_code_verifier:
      'Dieser Link wurde in einem anderen Browser geöffnet, als er angefordert wurde. Melden Sie sich an.',
    user_banned: 'Dieses Konto ist geschlossen.',
    other:
      'Dieser Link hat nicht geklappt. Melden Sie sich an, oder registrieren Sie sich noch einmal für einen neuen.',
  },
};

export default auth;
