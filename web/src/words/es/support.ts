import type { Words } from '../words.ts';

const support: Words['support'] = {
  about: '¿De qué se trata?',
  aboutAnything: 'De mi cuenta, o de otra cosa',
  aboutCall: (moment) => `De la llamada del ${moment}`,
  label: '¿En qué podemos ayudarle?',
  send: 'Preguntar',
  sent: 'Lo tenemos. La respuesta llega por correo.',
  notNow: 'Ahora no',
  asked: 'Lo que preguntó',
  status: { open: 'abierta', answered: 'respondida', closed: 'cerrada' },
  answer: 'Respuesta:',
  signIn: 'Inicie sesión, y podrá preguntar aquí mismo.',
};

export default support;
