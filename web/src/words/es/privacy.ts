import type { Words } from '../words.ts';

const privacy: Words['privacy'] = {
  parts: [
    {
      title: 'Qué se guarda',
      text: 'Su dirección de correo; qué compró y cuánto de ello usó; cuándo empezaron y acabaron sus llamadas, y medidas técnicas de ellas. Lo que dice se convierte en texto para responderle, y el sonido no se guarda.',
    },
    {
      title: 'Qué recuerda el asistente',
      text: 'Si la memoria está activada, hechos breves de sus llamadas, como que tiene un perro. Lo ve todo en su cuenta y puede corregirlo, borrarlo o desactivar la memoria.',
    },
    {
      title: 'Quién más interviene',
      text: 'Los pagos los recibe Stripe, que es quien ve su tarjeta. El inicio de sesión y la base de datos son de Supabase; las llamadas pasan por LiveKit; el habla y las respuestas las hacen los proveedores que usa esta instalación. Cada uno ve lo que necesita para ello.',
    },
    {
      title: 'En este navegador',
      text: 'La página guarda su sesión, el idioma que eligió y un pago en curso. No hay cookies de publicidad ni rastreadores de nadie.',
    },
    {
      title: 'Sus derechos',
      text: 'En su cuenta puede llevarse en un archivo todo lo que se guarda de usted y eliminar la cuenta. Lo que los libros deben guardar por ley queda entonces sin su nombre.',
    },
  ],
};

export default privacy;
