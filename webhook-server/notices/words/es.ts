import type { MailWords } from './en.ts';

/** Los correos en español, de usted. */
export const es: MailWords = {
  language: 'es',
  dates: 'es-ES',
  amounts: 'es-ES',
  colon: ':',
  signature: 'MindBot. Este mensaje se ha enviado automáticamente.',
  open: 'Abrir MindBot',
  terms: {
    package: 'Paquete',
    time: 'Tiempo',
    price: 'Precio',
    tax: 'Impuestos',
    paid: 'Pagado',
    paidDebt: 'Destinado a tiempo pendiente',
    date: 'Fecha',
    purchase: 'Compra',
    recipient: 'Para',
    theirWords: 'Dedicatoria',
    yourWords: 'Su dedicatoria',
    refundedNow: 'Reembolsado ahora',
    refundedInAll: 'Reembolsado en total',
    takenBack: 'Tiempo retirado',
    returned: 'Devuelto',
    disputed: 'En disputa',
    goesBack: 'Se devuelve',
    youAsked: 'Su pregunta',
  },
  receipt: {
    subject: (name) => `Su recibo: ${name}`,
    ready: 'Gracias. Su tiempo ya está en su cuenta y puede empezar a hablar.',
    giftGoesTo: (address, day) =>
      `Gracias. Su regalo está pagado; el código de activación se envía a ${address}${day === null ? '' : ` el ${day}`}.`,
    giftComes: (day) =>
      `Gracias. Su regalo está pagado; el código de activación llega${day === null ? '' : ` el ${day}`} en un mensaje aparte.`,
    debt: 'Había un saldo pendiente de tiempo ya usado cuyo dinero se le había devuelto. Parte de esta compra lo ha saldado.',
    asGift: (name) => `${name}, como regalo`,
    withBonus: (time, bonus) => `${time}, de los cuales ${bonus} de regalo`,
  },
  gift: {
    somebody: 'Alguien',
    subjectForYou: (time) => `Un regalo para usted: ${time} de MindBot`,
    subjectYours: (time) => `Su regalo: ${time} de MindBot`,
    forYou: (giver) =>
      `${giver} le regala tiempo para hablar con MindBot, un asistente de voz. Introduzca este código en la página y el tiempo será suyo; desde ese momento tiene un año para usarlo.`,
    passOn:
      'Entregue este código de activación. Quien lo introduzca primero recibe el tiempo y tiene desde entonces un año para usarlo.',
    link: 'Actívelo con este enlace',
    likeCash:
      'Puede escribirse en la página o leerse en voz alta durante una llamada. Trátelo como dinero en efectivo.',
  },
  refund: {
    subject: (sum) => `Su reembolso de ${sum}`,
    text: 'El dinero vuelve al medio con el que se pagó, lo que tarda unos días. El tiempo que se había pagado con él se retira en proporción.',
    inAll: (refunded, paid) => `${refunded} de ${paid}`,
    failedSubject: (sum) => `Su reembolso de ${sum} no ha llegado`,
    failed:
      'Su banco ha devuelto el dinero, como ocurre cuando se ha cerrado una tarjeta o una cuenta. El tiempo vuelve a ser suyo hasta que encontremos otra forma de pagarle: por favor, escríbanos.',
  },
  dispute: {
    openSubject: 'Su pago está en disputa',
    open: 'Su banco nos ha comunicado que este pago está en disputa. El tiempo que pagó no puede usarse hasta que el banco decida; el resto, sí.',
    mistake: 'Si se trata de un error, dígaselo a su banco y escríbanos.',
    closedSubject: 'La disputa sobre su pago ha terminado',
    won: 'Su banco ha decidido que el pago es válido. El tiempo que pagó puede usarse de nuevo.',
    lost: 'Su banco le ha devuelto el dinero. El tiempo que se había pagado con él se ha retirado.',
  },
  topUp: {
    subject: 'Su recarga automática se ha detenido',
    why: {
      declined: 'No se ha podido cobrar en su tarjeta dos veces seguidas.',
      review: 'Un pago de su recarga automática no llegó como se había acordado y lo estamos revisando.',
      terms_changed: 'El paquete o su precio ya no es el que usted aceptó.',
      money_back:
        'Se devolvió dinero por un reembolso o una disputa, y no debe cobrársele tiempo otra vez de inmediato.',
    },
    stays: 'No se cobrará nada más hasta que vuelva a activar la recarga automática.',
  },
  second: {
    subject: (sum) => `Ha pagado dos veces: le devolvemos ${sum}`,
    text: 'Hemos recibido un segundo pago de una compra que ya estaba pagada. Se devuelve íntegro y por sí solo al medio con el que se pagó, lo que tarda unos días.',
  },
  support: {
    subject: {
      call: 'Nuestra respuesta sobre su llamada',
      purchase: 'Nuestra respuesta sobre su compra',
      card: 'Nuestra respuesta sobre su tarjeta de tiempo',
      account: 'Nuestra respuesta sobre su cuenta',
    },
    id: {
      call: 'Número de la llamada',
      purchase: 'Número de la compra',
      card: 'Número de la tarjeta de tiempo',
      account: 'Número de la cuenta',
    },
  },
  spend: {
    subject: {
      soft: (team: string) => `${team} ha gastado casi todo su presupuesto`,
      hard: (team: string) => `${team} ha agotado su presupuesto`,
    },
    text: {
      soft: (team: string) =>
        `El equipo «${team}» ha alcanzado el importe de su plan a partir del cual avisamos.`,
      hard: (team: string) =>
        `El equipo «${team}» ha gastado lo que permite su plan. Lo que está en marcha se termina, y nada nuevo empieza hasta que acabe el periodo o cambie el plan.`,
    },
    periods: { day: 'Hoy (UTC)', month: 'Este mes' },
    spent: 'Gastado',
    of: (spent: string, limit: string) => `${spent} de ${limit}`,
    link: 'Ver el plan',
  },
  invoice: {
    subject: {
      invoice_open: (number: string) => `Su factura ${number}`,
      invoice_paid: (number: string) => `Pagada: su factura ${number}`,
      invoice_failed: (number: string) => `No se pudo cobrar su factura ${number}`,
      invoice_void: (number: string) => `Su factura ${number} ya no se debe`,
      invoice_credited: (number: string) => `Una nota de abono de su factura ${number}`,
    },
    text: {
      invoice_open: 'Esta factura se cobra de la tarjeta guardada. No tiene que hacer nada.',
      invoice_paid: 'Gracias. Los créditos del periodo pagado ya están disponibles.',
      invoice_void: 'No hay nada que pagar por ella.',
      invoice_credited: 'Una parte se ha devuelto: a la tarjeta, o de lo que se debe.',
    },
    failed: (next: string | null) =>
      next === null
        ? 'La tarjeta fue rechazada y no se intentará de nuevo por sí solo. Pague con el enlace, por favor.'
        : `La tarjeta fue rechazada. Se intentará de nuevo el ${next}; pague con el enlace, o guarde otra tarjeta, para resolverlo ahora.`,
    number: 'Factura',
    period: 'Periodo',
    span: (from: string, to: string) => `${from} a ${to}`,
    base: 'Plan',
    assets: 'Activos por encima del plan',
    credits: 'Créditos por encima del plan',
    gainshare: 'Participación en el ahorro',
    other: 'Cambios y otros conceptos',
    subtotal: 'Total antes de impuestos',
    total: 'Total',
    due: 'Por pagar',
    credited: 'Devuelto en total',
    link: 'Ver y pagar la factura',
  },
  invitation: {
    somebody: 'Alguien',
    subject: (team: string) => `Le invitan a ${team}`,
    text: (inviter: string, team: string) =>
      `${inviter} le invita al equipo «${team}» en MindBot, un asistente de voz.`,
    roles: {
      owner: 'Como propietario decide quién forma parte de él, compra para él y habla con su tiempo.',
      billing: 'Usted compra para él, ve lo que se ha usado y habla con su tiempo.',
      member: 'Usted habla con su tiempo.',
    },
    signIn: 'Inicie sesión o regístrese con esta dirección de correo; la invitación no vale para nadie más.',
    until: 'Válida hasta',
    link: 'Unirse con este enlace',
    ignore: 'Si no sabe quién le invita, no haga nada: nadie sabrá si ha leído esto.',
  },
};
