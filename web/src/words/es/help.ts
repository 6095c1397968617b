import type { Words } from '../words.ts';

const help: Words['help'] = {
  lead: 'Respuestas a lo que más se pregunta.',
  more: '¿Algo más?',
  write: 'O escríbanos y diga de qué llamada o compra se trata: el número está en su recibo.',
  questions: [
    {
      title: '¿Qué cuenta como tiempo?',
      text: 'El reloj empieza con la primera palabra que oye y se detiene cuando acaba la llamada. La conexión, la despedida, los fallos de nuestra parte y una línea cortada son gratis. El silencio cuenta; cuando nadie habla durante un rato, el asistente pregunta y después se despide por sí mismo.',
    },
    { title: '¿Cómo se redondea?', text: 'Una vez por llamada, hacia abajo a segundos enteros.' },
    { title: '¿Qué tarjeta se usa primero?', text: 'La que caduca primero.' },
    {
      title: 'Mi tiempo se acabó en mitad de una llamada.',
      text: 'El asistente espera un minuto y medio, sin coste. Compre más en la página, y la misma conversación continúa.',
    },
    {
      title: 'No se encuentra el micrófono, o está bloqueado.',
      text: 'Permítalo para esta página en la barra de direcciones de su navegador y vuelva a pulsar «Hablar». Quizá lo esté usando otro programa.',
    },
    {
      title: 'He pagado, y el tiempo no está.',
      text: 'Llega en cuanto se completa el pago, casi siempre en segundos; un adeudo bancario tarda días. Nunca paga dos veces una misma compra.',
    },
    {
      title: 'Me han dado un código.',
      text: 'Introdúzcalo en «Comprar tiempo», en los regalos. Si hay un carácter mal, la página le dice en qué grupo.',
    },
    {
      title: '¿Puedo recuperar mi dinero?',
      text: 'Escríbanos con el número del recibo. Un reembolso retira el tiempo que aún queda en esa tarjeta.',
    },
    {
      title: 'He olvidado mi contraseña.',
      text: 'Pida un enlace en «Iniciar sesión». Sirve una vez, durante una hora.',
    },
  ],
};

export default help;
