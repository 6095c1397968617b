import type { Words } from '../words.ts';

const entry: Words['entry'] = {
  toGoOn: 'Inicie sesión para continuar.',
  email: 'Correo electrónico',
  password: 'Contraseña',
  rule: (least) => `Al menos ${least} caracteres. Unas pocas palabras se recuerdan bien.`,
  tooShort: (least) => `Una contraseña nueva debe tener al menos ${least} caracteres.`,
  show: 'Mostrar',
  hide: 'Ocultar',
  forgot: '¿La olvidó?',
  signInNow: 'Iniciar sesión',
  signUpNow: 'Crear la cuenta',
  noAccount: '¿Aún no tiene cuenta?',
  haveAccount: '¿Ya tiene una?',
  byLink: 'Prefiero que me envíen un enlace',
  byLinkWhy: 'Recibirá un correo con un enlace que inicia su sesión. Sin contraseña.',
  sendLink: 'Enviar el enlace',
  byPassword: 'Usar una contraseña',
  linkSent: 'Si hay una cuenta con esta dirección, un correo con un enlace está en camino.',
  confirm: 'Abra el enlace del correo que le enviamos y después inicie sesión aquí.',
  or: 'o',
  with: (provider) => `Continuar con ${provider}`,
  agree: 'Con una cuenta acepta:',
  and: 'y',
  terms: 'condiciones',
  privacy: 'aviso de privacidad',
  forgotWhy: 'Díganos su dirección y recibirá un correo con un enlace para elegir una contraseña nueva.',
  forgotSent:
    'Si hay una cuenta con esta dirección, un correo con un enlace está en camino. Sirve una vez, durante una hora.',
  backToSignIn: 'Volver al inicio de sesión',
  newPasswordWhy: 'Elija una contraseña nueva. Su sesión aquí sigue abierta.',
  newPassword: 'Contraseña nueva',
  savePassword: 'Guardar la contraseña',
  passwordSaved: 'Su contraseña nueva está guardada.',
  goOn: 'Continuar',
  deadLink:
    'Para elegir una contraseña nueva, abra el enlace del correo. Sirve una vez; si ya se usó, pida otro.',
  askAgain: 'Pedir un enlace nuevo',
};

export default entry;
