import type { Sentences, SpokenFigures } from './sentences.ts';

/** In the polite form. Figures stand where one of something reads as well as many. */
export const spanish = ({ duration }: SpokenFigures): Sentences => {
  const expiresSoon = (seconds: number) =>
    `Le conviene usar ${duration(seconds)} en el plazo de una semana; después, ese tiempo caduca.`;
  return {
    greeting: (remainingSeconds, expiringSeconds) =>
      `Hola, le habla MindBot. Tiene ${duration(remainingSeconds)}.${expiringSeconds > 0 ? ` ${expiresSoon(expiringSeconds)}` : ''} ¿En qué puedo ayudarle?`,
    expiresSoon,
    welcomeBack: 'Ya está aquí de nuevo. Continúe, por favor.',
    unsteadyLine:
      'Ya está aquí de nuevo. Su línea se corta una y otra vez. Mientras le hablo, el tiempo se cobra igualmente.',
    apology: 'Perdone, ahora mismo no se me ha ocurrido una respuesta. ¿Podría repetirlo?',
    sorryForTheWait: 'Perdone la espera.',
    letMeStartAgain: 'Perdone, empiezo de nuevo.',
    notHeard: 'Perdone, no he oído eso. ¿Podría repetirlo?',
    areYouThere: '¿Sigue ahí?',
    otherCall: 'Para que lo sepa: otra llamada está usando el mismo saldo en este momento.',
    spendWarning: 'Para que lo sepa: su equipo ha alcanzado un límite de gasto de su plan.',
    warning: (remainingSeconds) =>
      `Para que lo sepa: tiene todavía ${duration(remainingSeconds)}. Puede comprar más tiempo cuando quiera.`,
    timeAdded: (remainingSeconds) => `Ha llegado su nuevo tiempo. Ahora tiene ${duration(remainingSeconds)}.`,
    deskOpens: (freeSeconds) =>
      `Se le ha acabado el tiempo. Me quedo ${duration(freeSeconds)} más, sin coste alguno. ¿Quiere comprar más tiempo?`,
    thanksForTime: (remainingSeconds) =>
      `¡Muchas gracias! Ahora tiene ${duration(remainingSeconds)}. ¿Dónde estábamos?`,
    farewell: 'Hasta luego, y gracias por llamar.',
    goodbyes: {
      time_used_up:
        'Se le ha acabado el tiempo, así que tengo que despedirme. Puede comprar más tiempo en la página. ¡Cuídese!',
      billing_unreachable:
        'Lo siento, ahora mismo no puedo acceder a su cuenta, así que tengo que terminar la llamada. No se le ha cobrado nada más. ¡Hasta luego!',
      silence: 'No oigo nada, así que me despido. ¡Llame de nuevo cuando quiera!',
      provider_outage:
        'Lo siento, algo no funciona por nuestra parte, así que tengo que terminar la llamada. Esto no se le cobra. Por favor, llame más tarde. ¡Hasta luego!',
      conversation_failed:
        'Lo siento, algo ha fallado por nuestra parte. Su tiempo está a salvo. Por favor, llame de nuevo. ¡Hasta luego!',
    },
    owed: (seconds) =>
      `Debe ${duration(seconds)} que usó y cuyo importe se le devolvió. Su próxima compra paga primero eso.`,
    nothingRemembered: 'No recuerdo nada de eso.',
    faults: FAULTS,
  };
};

const FAULTS: Sentences['faults'] = {
  invalid_request: 'Perdone, no lo he entendido bien. Inténtelo de nuevo, por favor.',
  idempotency_key_missing: 'Perdone, esa compra no se ha iniciado.',
  bad_signature: 'Perdone, algo ha fallado.',
  account_frozen: 'Esta cuenta está bloqueada. Por favor, escriba a nuestro servicio de atención.',
  not_signed_in: 'Por favor, inicie sesión primero.',
  no_time_left: 'No le queda tiempo.',
  forbidden: 'Perdone, solo puedo hablar de su propia cuenta.',
  not_found: 'Perdone, no he podido encontrarlo.',
  unknown_package: 'No conozco ese paquete. ¿Le digo qué paquetes hay?',
  unknown_code: 'No conozco ese código.',
  code_used: 'Ese código ya se ha usado.',
  own_code: 'Ese código lo emitió usted, así que es para otra persona.',
  code_revoked: 'Ese código ya no es válido.',
  idempotency_key_reused: 'Perdone, esa compra no se ha iniciado.',
  price_changed: 'El precio ha cambiado. Por favor, mírelo otra vez.',
  purchase_closed: 'Esa compra ya ha terminado. ¿Empezamos una nueva?',
  checkout_open: 'Esa compra ya está abierta en la página de pago.',
  forfeit_not_agreed: 'Todavía tiene tiempo, que se perdería.',
  role_missing: 'Su función en este equipo no lo permite. Pregunte a uno de sus propietarios.',
  no_credits_left: 'A su organización no le quedan créditos para eso.',
  overage_cap_reached: 'Su organización ha llegado a su límite de créditos adicionales.',
  payment_required: 'Eso hay que pagarlo primero.',
  payment_used: 'Ese pago es para otra cosa.',
  spend_cap_reached: 'Eso es más de lo que quería pagar por esta llamada.',
  scope_missing: 'Esa clave no permite eso.',
  already_rotated: 'Esa clave ya fue sustituida.',
  quota_spent: 'El plan no permite más peticiones por ahora.',
  other_address: 'Esa invitación se envió a otra dirección de correo.',
  last_owner: 'Un equipo siempre tiene un propietario. Nombre primero a otra persona.',
  already_member: 'Esa persona ya pertenece al equipo.',
  subscription_open: 'La suscripción sigue activa. Cancélela primero.',
  plan_too_small: 'Ese plan es demasiado pequeño para lo que usa. Redúzcalo primero.',
  invitation_over: 'Esa invitación ya no es válida. Pida una nueva.',
  too_late: 'Eso ya no se puede cambiar.',
  trial_unavailable: 'Lo siento, no hay minutos gratis para usted.',
  not_refundable: 'Perdone, eso no lo puedo reembolsar.',
  call_in_progress: 'Esa llamada sigue en curso. El recibo llegará cuando termine.',
  unknown_user: 'Ya no conozco su cuenta. Por favor, regístrese de nuevo.',
  room_taken: 'Aquí ya hay otra llamada en curso. Por favor, cuelgue y llame de nuevo.',
  call_settled: 'Esa llamada ya ha terminado. Por favor, llame de nuevo para empezar otra.',
  call_mismatch: 'Esa llamada es de otra persona. Por favor, llame desde su propia página.',
  spend_limit_reached:
    'Su organización ha gastado lo que su plan permite por ahora. Pregunte a quien la administra.',
  not_enough_money: 'No hay suficiente dinero en su monedero para eso.',
  price_not_confirmed: 'Para eso necesito primero que acepte el precio.',
  too_many_calls: 'Demasiadas llamadas están usando su cuenta en este momento.',
  too_many_short_calls: 'Ha llamado muchas veces en pocos minutos. Espere un poco antes de volver a llamar.',
  codes_exported: 'Esos códigos ya se entregaron.',
  payload_too_large: 'Perdone, eso ha sido demasiado de una vez.',
  mistyped_code: 'En ese código hay un error. Léamelo de nuevo, por favor.',
  too_many_attempts: 'Ha habido demasiados códigos erróneos. Inténtelo de nuevo dentro de una hora.',
  too_many_requests: 'Un momento, por favor.',
  internal: 'Perdone, algo ha fallado.',
  payment_refused:
    'El servicio de pago no lo acepta, y volver a intentarlo no sirve. No se ha cobrado nada. Por favor, escríbanos.',
  payment_misconfigured:
    'Los pagos no funcionan aquí en este momento, y volver a intentarlo no sirve. No se ha cobrado nada. Por favor, escríbanos.',
  payment_provider_unavailable:
    'El servicio de pago no responde en este momento. Inténtelo de nuevo en un momento, por favor.',
  database_unavailable:
    'Ahora mismo no puedo acceder a su cuenta. Inténtelo de nuevo en un momento, por favor.',
  overloaded: 'Hay demasiadas peticiones a la vez. Inténtelo de nuevo en un momento.',
  calls_unavailable: 'En este momento no es posible hacer llamadas.',
};
