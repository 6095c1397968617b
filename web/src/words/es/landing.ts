import type { Words } from '../words.ts';

const landing: Words['landing'] = {
  title: 'Háblelo',
  headline: 'Háblelo. Pague por segundos.',
  purpose:
    'Un asistente con el que simplemente se habla: para pensar en voz alta, practicar o preguntar. Usted compra tiempo por adelantado, y solo se usan los segundos que habla.',
  examples: [
    'Practicar un idioma',
    'Preparar una entrevista',
    'Pensar en voz alta',
    'Preguntar y volver a preguntar',
  ],
  examplesTitle: 'Para qué se usa',
  start: 'Empezar a hablar',
  tryFree: (time) => `Probar ${time} gratis`,
  tryFreeWhy: (days) => `Para cuentas nuevas con la dirección confirmada, durante ${days} días. Sin tarjeta.`,
  from: (price) => `desde ${price} el minuto`,
  sampleTitle: 'Escuchar una llamada',
  sampleWhy: 'Grabada con la voz sencilla que trae MindBot. Una instalación puede hablar con una mejor.',
  play: 'Reproducir la llamada',
  pause: 'Pausar la llamada',
  sampleLanguage: 'En inglés',
  speakers: { agent: 'MindBot', caller: 'Quien llama' },
  stepsTitle: 'Cómo funciona',
  steps: [
    {
      title: 'Compre tiempo',
      text: 'Una tarjeta de minutos que se paga una vez. Sin suscripción, y nada se renueva solo si usted no lo pide.',
    },
    {
      title: 'Pulse «Hablar»',
      text: 'Su navegador es el teléfono. El reloj empieza con la primera palabra que oye, no antes.',
    },
    {
      title: 'Siga cuando quiera',
      text: 'Lo que no usa se queda en su tarjeta. Durante una llamada puede comprar más, y simplemente continúa.',
    },
  ],
  pricesTitle: 'Precios',
  pricesWhy: 'Usted paga una vez. El tiempo se usa por segundos.',
  bestValue: 'El más ventajoso',
  perMinute: (price) => `${price} el minuto`,
  bonus: (time) => `${time} de ellos gratis`,
  choose: 'Elegir',
  trustTitle: 'En qué puede confiar',
  trust: [
    {
      title: 'Cada segundo explicado',
      text: 'Cada llamada tiene un recibo que muestra qué se cobró, qué fue gratis y por qué.',
    },
    {
      title: 'Los fallos son gratis',
      text: 'Cuando falla nuestra línea, el asistente o un proveedor, ese tiempo no se cobra.',
    },
    {
      title: 'Nunca más de lo que compró',
      text: 'Cuando se acaba su tiempo, el asistente espera un momento sin coste y luego se despide.',
    },
    { title: 'Lo que recuerda es suyo', text: 'Usted lo ve, lo corrige, lo borra o lo desactiva.' },
  ],
  endTitle: 'Está a solo una conversación',
};

export default landing;
