import type { Words } from '../words.ts';

const terms: Words['terms'] = {
  parts: [
    {
      title: 'Qué compra',
      text: 'Tiempo para hablar con un asistente que es un programa informático, en tarjetas de prepago. El precio es el que muestra la página cuando paga. No hay suscripción. La recarga automática está desactivada hasta que usted la active, con un límite que usted elige.',
    },
    {
      title: 'Cómo se usa el tiempo',
      text: 'Por segundos, desde que ha oído la primera palabra de una llamada. La conexión, la despedida, los fallos de nuestra parte y el tiempo en que su línea estuvo cortada no se cobran. Cada llamada tiene un recibo con todas sus partes.',
    },
    {
      title: 'Cuánto dura el tiempo',
      text: 'Cada tarjeta muestra hasta cuándo vale. De varias tarjetas se usa primero la que caduca primero.',
    },
    {
      title: 'Regalos',
      text: 'Un código de regalo sirve una vez, para quien lo introduzca primero. Guárdelo como dinero en efectivo.',
    },
    {
      title: 'Reembolsos',
      text: 'Un reembolso retira, en proporción, el tiempo que aún está en la tarjeta. Si se usó más de lo que cubre el resto del pago, eso se debe, y la próxima tarjeta lo paga primero.',
    },
    {
      title: 'Lo que dice el asistente',
      text: 'Puede estar equivocado. No da consejos médicos, legales ni financieros en los que confiar, y en una emergencia no puede llamar a nadie.',
    },
    {
      title: 'Qué le pedimos',
      text: 'No lo use para dañar a otros, infringir la ley o perturbar el servicio. Una cuenta que lo haga puede cerrarse; el tiempo pagado se reembolsa entonces como dice la ley.',
    },
    {
      title: 'Sus derechos',
      text: 'Estas condiciones no afectan a lo que la ley le da como consumidor.',
    },
  ],
};

export default terms;
