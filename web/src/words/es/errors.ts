import type { Words } from '../words.ts';

const errors: Words['errors'] = {
  codes: {
    network: 'No se puede llegar al servidor. Compruebe la conexión e inténtelo de nuevo.',
    timeout: 'El servidor tardó demasiado en responder. Inténtelo de nuevo.',
    http: 'El servidor no dio una respuesta que esta página entienda. Inténtelo de nuevo.',
    unexpected_answer: 'El servidor dio una respuesta que esta página no entiende.',
    signed_out: 'Su sesión está cerrada. Iníciela de nuevo.',
    microphone_blocked:
      'El micrófono está bloqueado. Permítalo para esta página (en la barra de direcciones) y vuelva a pulsar «Hablar».',
    microphone_missing: 'No se encontró ningún micrófono. Conecte uno y vuelva a pulsar «Hablar».',
    microphone_busy: 'Otro programa está usando el micrófono. Ciérrelo y vuelva a pulsar «Hablar».',
    microphone_failed: 'No se pudo abrir el micrófono.',
    call_failed: 'No se pudo conectar la llamada. Inténtelo de nuevo en un momento.',
    invalid_request: 'Así no es posible: los datos no son válidos.',
    idempotency_key_missing: 'La petición estaba incompleta. Cargue la página de nuevo.',
    bad_signature: 'La firma del mensaje no es correcta.',
    not_signed_in: 'No ha iniciado sesión, o esta cuenta ya no existe. Inicie sesión.',
    spend_limit_reached:
      'Esta organización ha gastado lo que su plan permite por ahora. Pregunte a uno de sus propietarios.',
    role_missing: 'Su función en esta organización no lo permite. Pregunte a uno de sus propietarios.',
    no_credits_left:
      'No quedan tantos créditos, y aquí no se usan más: el período es de prueba o no está pagado, o el plan no lo prevé.',
    overage_cap_reached:
      'Esto costaría, más allá de los créditos, más de lo que su organización permite en un período. Pregunte a quien lleva la facturación.',
    scope_missing: 'Esta clave de API no lo permite. Un propietario de la organización puede crear otra.',
    already_rotated: 'Esta clave ya tiene una sucesora. Sustituya aquella.',
    quota_spent:
      'El plan de esta organización no atiende más peticiones en este período. Espere al siguiente o elija un plan mayor.',
    other_address: 'Esta invitación se envió a otra dirección de correo. Inicie sesión con esa dirección.',
    last_owner: 'Una organización siempre tiene un propietario. Nombre antes a otra persona, o ciérrela.',
    already_member: 'Alguien con esta dirección de correo ya pertenece a la organización.',
    subscription_open: 'La suscripción sigue activa. Cancélela primero.',
    invitation_over: 'Esta invitación ya no vale: se usó, se retiró o caducó. Pida una nueva.',
    no_time_left: 'No queda tiempo. Compre una tarjeta o introduzca un código.',
    forbidden: 'Eso es de otra persona.',
    account_frozen: 'Esta cuenta está bloqueada. Pregunte en «Ayuda».',
    not_found: 'Eso no existe, o ya no.',
    unknown_user: 'Esta cuenta ya no existe.',
    unknown_package: 'Ese paquete no se vende.',
    unknown_code: 'Ninguna tarjeta tiene este código. Compárelo con el que le dieron.',
    code_used: 'Este código ya se usó.',
    own_code: 'Este código lo emitió usted: es para otra persona.',
    code_revoked: 'Este código ya no vale: se retiró, o pasó su último día.',
    idempotency_key_reused: 'Esta petición ya se hizo con otro contenido. Cargue la página de nuevo.',
    price_changed: 'El precio ha cambiado. Véalo de nuevo.',
    purchase_closed: 'Esta compra ha terminado. Empiece una nueva.',
    checkout_open: 'Esta compra se está pagando en una página de Stripe.',
    forfeit_not_agreed: 'Queda tiempo que se perdería. Dé su acuerdo.',
    too_late: 'Esto ya no se puede cambiar.',
    trial_unavailable: 'Aquí no hay minutos gratis.',
    not_refundable: 'Esta compra no se puede reembolsar así.',
    call_in_progress: 'Esta llamada sigue en curso. Su recibo se escribe cuando termina.',
    too_many_calls: 'Demasiadas llamadas usan esta cuenta a la vez. Termine antes una de ellas.',
    room_taken: 'En esta sala hay otra llamada.',
    call_settled: 'Esta llamada ha terminado.',
    call_mismatch: 'Esta llamada es de otra persona, o no tiene lugar en un navegador.',
    codes_exported: 'Los códigos ya se exportaron.',
    payload_too_large: 'Es demasiado grande.',
    mistyped_code:
      'No es un código válido: un carácter está mal, falta o está cambiado de sitio. No cuenta como intento.',
    payment_refused:
      'El proveedor de pagos lo rechaza, y no se cobró nada. Intentarlo otra vez no ayuda; dígaselo a quien opera el servicio.',
    too_many_attempts: 'Demasiados códigos que no existen. Inténtelo de nuevo en una hora.',
    too_many_short_calls: 'Llamó muchas veces en pocos minutos y colgó enseguida. Espere unos minutos.',
    too_many_requests: 'Demasiadas peticiones. Espere un poco e inténtelo de nuevo.',
    internal: 'Algo salió mal aquí. Inténtelo de nuevo; no se cobró nada.',
    payment_misconfigured:
      'Los pagos no están bien configurados aquí, y no se cobró nada. Dígaselo a quien opera el servicio.',
    payment_provider_unavailable: 'El proveedor de pagos no responde. Inténtelo de nuevo.',
    database_unavailable: 'La base de datos no responde. Inténtelo de nuevo en un momento.',
    overloaded: 'Demasiadas peticiones a la vez. No se hizo nada: inténtelo de nuevo en un momento.',
    calls_unavailable: 'Aquí no se puede llamar.',
  },
  request: (id) => `Petición ${id}`,
};

export default errors;
