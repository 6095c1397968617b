import type { Words } from '../words.ts';

const auth: Words['auth'] = {
  errors: {
    invalid_credentials: 'El correo o la contraseña no son correctos.',
    email_not_confirmed: 'Esta dirección aún no está confirmada: abra el enlace del correo que le enviamos.',
    user_already_exists: 'Ya hay una cuenta con esta dirección. Inicie sesión.',
    email_exists: 'Ya hay una cuenta con esta dirección.',
    email_address_invalid: 'Esta dirección de correo no es válida.',
    over_email_send_rate_limit: 'Se enviaron demasiados correos a esta dirección. Espere unos minutos.',
    over_request_rate_limit: 'Demasiados intentos. Espere un minuto e inténtelo de nuevo.',
    signup_disabled: 'Por ahora no se pueden crear cuentas nuevas.',
    same_password: 'Esa ya es su contraseña. Elija otra.',
    weak_password: 'Esta contraseña es demasiado fácil de adivinar. Elija una más larga.',
    reauthentication_needed:
      'Inició sesión hace mucho. Cierre la sesión, iníciela de nuevo y cambie entonces su contraseña.',
    session_not_found: 'Se cerró su sesión. Iníciela de nuevo.',
    session_expired: 'Se cerró su sesión. Iníciela de nuevo.',
    user_banned: 'Esta cuenta está cerrada.',
    otp_disabled: 'No hay ninguna cuenta con esta dirección.',
    unreachable: 'No se puede llegar al servicio de inicio de sesión. Inténtelo de nuevo.',
    other: 'Eso no funcionó.',
  },
  links: {
    otp_expired:
      'Este enlace ya se usó o es demasiado antiguo. Si no ha iniciado sesión, pruebe a hacerlo: una dirección confirmada no necesita enlace, y para cualquier otra un nuevo registro envía otro.',
    access_denied: 'Este enlace no le deja entrar. Inicie sesión, o regístrese otra vez para recibir otro.',
    flow_state_expired:
      'Este enlace es demasiado antiguo. Inicie sesión, o regístrese otra vez para recibir otro.',
    flow_state_not_found: 'Este enlace se abrió en otro navegador, o ya se usó. Inicie sesión.',
    bad_code_verifier:
      'Este enlace se abrió en un navegador distinto de aquel en que se pidió. Inicie sesión.',
    user_banned: 'Esta cuenta está cerrada.',
    other: 'Este enlace no funcionó. Inicie sesión, o regístrese otra vez para recibir otro.',
  },
};

export default auth;
