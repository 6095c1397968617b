import type { Words } from '../words.ts';

const info: Words['info'] = {
  yourOwn: 'Quien opera este servicio tiene un texto propio:',
  readIt: 'Leerlo',
  unnamed:
    'Aquí aún no se nombra a nadie. Quien opera este servicio debe nombrarse antes de abrirlo a otros.',
  runBy: 'Este servicio lo opera',
  contact: 'Escriba a',
  noContact: 'Aún no se indica ninguna dirección a la que escribir.',
};

export default info;
