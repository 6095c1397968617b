import type { Sentences, SpokenFigures } from './sentences.ts';

/** In the polite form. Figures stand where one of something reads as well as many. */
export const german = ({ duration }: SpokenFigures): Sentences => {
  const expiresSoon = (seconds: number) =>
    `Davon sollten Sie ${duration(seconds)} innerhalb einer Woche nutzen, danach verfällt diese Zeit.`;
  return {
    greeting: (remainingSeconds, expiringSeconds) =>
      `Guten Tag, hier ist MindBot. Sie haben ${duration(remainingSeconds)}.${expiringSeconds > 0 ? ` ${expiresSoon(expiringSeconds)}` : ''} Was kann ich für Sie tun?`,
    expiresSoon,
    welcomeBack: 'Da sind Sie ja wieder. Bitte sprechen Sie weiter.',
    unsteadyLine:
      'Da sind Sie ja wieder. Ihre Leitung bricht immer wieder ab. Während ich zu Ihnen spreche, wird die Zeit trotzdem berechnet.',
    apology: 'Entschuldigung, mir ist gerade keine Antwort eingefallen. Könnten Sie das noch einmal sagen?',
    sorryForTheWait: 'Entschuldigen Sie die Wartezeit.',
    letMeStartAgain: 'Entschuldigung, ich fange noch einmal an.',
    notHeard: 'Entschuldigung, das habe ich nicht gehört. Könnten Sie es noch einmal sagen?',
    areYouThere: 'Sind Sie noch da?',
    otherCall: 'Nur damit Sie es wissen: Ein anderer Anruf nutzt gerade dasselbe Guthaben.',
    spendWarning: 'Nur damit Sie es wissen: Ihr Team hat eine Ausgabengrenze seines Tarifs erreicht.',
    warning: (remainingSeconds) =>
      `Nur damit Sie es wissen: Sie haben noch ${duration(remainingSeconds)}. Sie können jederzeit mehr Zeit kaufen.`,
    timeAdded: (remainingSeconds) =>
      `Ihre neue Zeit ist angekommen. Sie haben jetzt ${duration(remainingSeconds)}.`,
    deskOpens: (freeSeconds) =>
      `Ihre Zeit ist aufgebraucht. Ich bleibe noch ${duration(freeSeconds)} kostenlos für Sie da. Möchten Sie mehr Zeit kaufen?`,
    thanksForTime: (remainingSeconds) =>
      `Vielen Dank! Sie haben jetzt ${duration(remainingSeconds)}. Wo waren wir stehen geblieben?`,
    farewell: 'Auf Wiederhören, und danke für Ihren Anruf.',
    goodbyes: {
      time_used_up:
        'Ihre Zeit ist jetzt aufgebraucht, deshalb muss ich mich verabschieden. Auf der Seite können Sie mehr Zeit kaufen. Alles Gute!',
      billing_unreachable:
        'Es tut mir leid, ich erreiche Ihr Konto gerade nicht und muss das Gespräch deshalb beenden. Darüber hinaus wurde nichts berechnet. Auf Wiederhören!',
      silence: 'Ich höre nichts mehr, deshalb verabschiede ich mich. Rufen Sie jederzeit wieder an!',
      provider_outage:
        'Es tut mir leid, bei uns funktioniert gerade etwas nicht, deshalb muss ich das Gespräch beenden. Das kostet Sie nichts. Bitte rufen Sie später wieder an. Auf Wiederhören!',
      conversation_failed:
        'Es tut mir leid, bei uns ist etwas schiefgegangen. Ihre Zeit ist sicher. Bitte rufen Sie noch einmal an. Auf Wiederhören!',
    },
    owed: (seconds) =>
      `Offen sind ${duration(seconds)}, die Sie genutzt und erstattet bekommen haben. Ihr nächster Kauf begleicht das zuerst.`,
    nothingRemembered: 'Daran kann ich mich nicht erinnern.',
    faults: FAULTS,
  };
};

const FAULTS: Sentences['faults'] = {
  invalid_request:
    'Entschuldigung, das habe ich nicht richtig verstanden. Bitte versuchen Sie es noch einmal.',
  idempotency_key_missing: 'Entschuldigung, dieser Kauf wurde nicht begonnen.',
  bad_signature: 'Entschuldigung, hier ist etwas schiefgegangen.',
  account_frozen: 'Dieses Konto ist gesperrt. Bitte schreiben Sie an unseren Support.',
  not_signed_in: 'Bitte melden Sie sich zuerst an.',
  no_time_left: 'Sie haben keine Zeit mehr.',
  forbidden: 'Entschuldigung, ich kann nur über Ihr eigenes Konto sprechen.',
  not_found: 'Entschuldigung, das konnte ich nicht finden.',
  unknown_package: 'Dieses Paket kenne ich nicht. Soll ich die Pakete nennen?',
  unknown_code: 'Diesen Code kenne ich nicht.',
  code_used: 'Dieser Code wurde schon eingelöst.',
  own_code: 'Diesen Code haben Sie selbst ausgegeben, er ist für jemand anderen.',
  code_revoked: 'Dieser Code ist nicht mehr gültig.',
  idempotency_key_reused: 'Entschuldigung, dieser Kauf wurde nicht begonnen.',
  price_changed: 'Der Preis hat sich geändert. Bitte sehen Sie ihn sich noch einmal an.',
  purchase_closed: 'Dieser Kauf ist abgeschlossen. Sollen wir einen neuen beginnen?',
  checkout_open: 'Dieser Kauf ist schon auf der Bezahlseite geöffnet.',
  forfeit_not_agreed: 'Sie haben noch Zeit, die verloren ginge.',
  role_missing: 'Ihre Rolle in diesem Team erlaubt das nicht. Bitte fragen Sie jemanden, dem es gehört.',
  no_credits_left: 'Ihre Organisation hat dafür keine Credits mehr.',
  overage_cap_reached: 'Ihre Organisation hat ihre Grenze für zusätzliche Credits erreicht.',
  payment_required: 'Das muss zuerst bezahlt werden.',
  payment_used: 'Diese Zahlung ist für etwas anderes.',
  spend_cap_reached: 'Das ist mehr, als Sie für dieses Gespräch bezahlen wollten.',
  scope_missing: 'Dieser Schlüssel darf das nicht.',
  already_rotated: 'Dieser Schlüssel wurde schon ersetzt.',
  quota_spent: 'Der Tarif erlaubt im Moment keine weiteren Anfragen.',
  other_address: 'Diese Einladung ging an eine andere E-Mail-Adresse.',
  last_owner: 'Ein Team gehört immer jemandem. Bitte übergeben Sie es zuerst.',
  already_member: 'Diese Person gehört schon zum Team.',
  subscription_open: 'Das Abonnement läuft noch. Bitte kündigen Sie es zuerst.',
  plan_too_small: 'Dieser Tarif ist zu klein für das, was Sie nutzen. Bitte verringern Sie es zuerst.',
  invitation_over: 'Diese Einladung gilt nicht mehr. Bitte lassen Sie sich neu einladen.',
  too_late: 'Das lässt sich nicht mehr ändern.',
  trial_unavailable: 'Leider gibt es für Sie keine Freiminuten.',
  not_refundable: 'Entschuldigung, das kann ich nicht erstatten.',
  call_in_progress: 'Dieses Gespräch läuft noch. Die Quittung kommt, wenn es endet.',
  unknown_user: 'Ich kenne Ihr Konto nicht mehr. Bitte melden Sie sich neu an.',
  room_taken: 'Hier läuft schon ein anderes Gespräch. Bitte legen Sie auf und rufen Sie noch einmal an.',
  call_settled:
    'Dieses Gespräch ist schon beendet. Bitte rufen Sie noch einmal an, um ein neues zu beginnen.',
  call_mismatch: 'Dieses Gespräch gehört jemand anderem. Bitte rufen Sie von Ihrer eigenen Seite aus an.',
  spend_limit_reached:
    'Ihre Organisation hat ausgegeben, was ihr Tarif vorerst erlaubt. Bitte fragen Sie dort nach.',
  not_enough_money: 'Dafür ist nicht genug Geld in Ihrer Geldbörse.',
  price_not_confirmed: 'Dafür brauche ich erst Ihre Zustimmung zum Preis.',
  too_many_calls: 'Gerade nutzen zu viele Anrufe Ihr Konto.',
  too_many_short_calls:
    'Sie haben in wenigen Minuten sehr oft angerufen. Bitte warten Sie ein wenig, bevor Sie wieder anrufen.',
  codes_exported: 'Diese Codes wurden schon ausgegeben.',
  payload_too_large: 'Entschuldigung, das war zu viel auf einmal.',
  mistyped_code: 'In diesem Code steckt ein Fehler. Bitte lesen Sie ihn mir noch einmal vor.',
  too_many_attempts: 'Das waren zu viele falsche Codes. Bitte versuchen Sie es in einer Stunde wieder.',
  too_many_requests: 'Einen Moment, bitte.',
  internal: 'Entschuldigung, hier ist etwas schiefgegangen.',
  payment_refused:
    'Der Zahlungsdienst nimmt das nicht an, und ein neuer Versuch hilft nicht. Es wurde nichts abgebucht. Bitte schreiben Sie uns.',
  payment_misconfigured:
    'Zahlungen sind hier zurzeit nicht möglich, und ein neuer Versuch hilft nicht. Es wurde nichts abgebucht. Bitte schreiben Sie uns.',
  payment_provider_unavailable:
    'Der Zahlungsdienst antwortet gerade nicht. Bitte versuchen Sie es gleich noch einmal.',
  database_unavailable: 'Ich erreiche Ihr Konto gerade nicht. Bitte versuchen Sie es gleich noch einmal.',
  overloaded: 'Gerade fragen zu viele auf einmal. Bitte versuchen Sie es gleich noch einmal.',
  calls_unavailable: 'Anrufe sind gerade nicht möglich.',
};
