import type { Words } from '../words.ts';

const errors: Words['errors'] = {
  codes: {
    network: 'Der Server ist nicht zu erreichen. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
    timeout: 'Der Server hat zu lange nicht geantwortet. Versuchen Sie es noch einmal.',
    http: 'Der Server gab keine Antwort, die diese Seite versteht. Versuchen Sie es noch einmal.',
    unexpected_answer: 'Der Server gab eine Antwort, die diese Seite nicht versteht.',
    signed_out: 'Sie sind abgemeldet. Melden Sie sich wieder an.',
    microphone_blocked:
      'Das Mikrofon ist blockiert. Erlauben Sie es für diese Seite (in der Adresszeile) und drücken Sie noch einmal auf „Sprechen“.',
    microphone_missing:
      'Es wurde kein Mikrofon gefunden. Schließen Sie eines an und drücken Sie noch einmal auf „Sprechen“.',
    microphone_busy:
      'Ein anderes Programm benutzt das Mikrofon. Schließen Sie es und drücken Sie noch einmal auf „Sprechen“.',
    microphone_failed: 'Das Mikrofon konnte nicht geöffnet werden.',
    call_failed: 'Das Gespräch kam nicht zustande. Versuchen Sie es gleich noch einmal.',
    invalid_request: 'So geht das nicht: Die Angaben sind nicht gültig.',
    idempotency_key_missing: 'Die Anfrage war unvollständig. Laden Sie die Seite neu.',
    bad_signature: 'Die Unterschrift der Nachricht stimmt nicht.',
    not_signed_in: 'Sie sind nicht angemeldet, oder dieses Konto gibt es nicht mehr. Melden Sie sich an.',
    spend_limit_reached:
      'Diese Organisation hat ausgegeben, was ihr Tarif derzeit erlaubt. Fragen Sie einen ihrer Inhaber.',
    not_enough_money: 'In dieser Geldbörse ist nicht genug Geld. Laden Sie sie erst auf.',
    price_not_confirmed:
      'Das kostet mehr, als ohne Rückfrage ausgegeben werden darf. Stimmen Sie erst dem Preis zu.',
    role_missing: 'Ihre Rolle in dieser Organisation erlaubt das nicht. Fragen Sie einen ihrer Inhaber.',
    no_credits_left:
      'So viele Credits sind nicht mehr da, und darüber hinaus werden hier keine verbraucht: Der Zeitraum ist eine Probe oder nicht bezahlt, oder der Tarif sieht es nicht vor.',
    overage_cap_reached:
      'Das würde über die Credits hinaus mehr kosten, als Ihre Organisation für einen Zeitraum erlaubt. Fragen Sie, wer die Abrechnung macht.',
    payment_required: 'Das kostet etwas, und hier bezahlen es nur Programme.',
    payment_used: 'Diese Zahlung bezahlt eine andere Bestellung. Dafür wurde nichts abgebucht.',
    spend_cap_reached:
      'Das wäre mehr, als für dieses Gespräch höchstens bezahlt werden soll. Es wurde nichts abgebucht.',
    scope_missing:
      'Dieser API-Schlüssel darf das nicht. Ein Inhaber der Organisation kann einen anderen anlegen.',
    already_rotated: 'Anstelle dieses Schlüssels gibt es schon einen neuen. Ersetzen Sie jenen.',
    quota_spent:
      'Der Tarif dieser Organisation beantwortet in diesem Zeitraum keine weiteren Anfragen. Warten Sie, oder wählen Sie einen größeren.',
    other_address: 'Diese Einladung ging an eine andere E-Mail-Adresse. Melden Sie sich mit jener an.',
    last_owner:
      'Eine Organisation hat immer einen Inhaber. Machen Sie zuerst jemand anderen dazu, oder schließen Sie sie.',
    already_member: 'Jemand mit dieser E-Mail-Adresse gehört schon zur Organisation.',
    subscription_open: 'Das Abonnement läuft noch. Kündigen Sie es zuerst.',
    plan_too_small: 'Es ist mehr in Gebrauch, als dieser Tarif zulässt. Verringern Sie es zuerst.',
    invitation_over:
      'Diese Einladung ist vorbei: benutzt, zurückgenommen oder abgelaufen. Bitten Sie um eine neue.',
    no_time_left: 'Es ist keine Zeit übrig. Kaufen Sie eine Karte oder geben Sie einen Code ein.',
    forbidden: 'Das gehört jemand anderem.',
    account_frozen: 'Dieses Konto ist gesperrt. Fragen Sie unter „Hilfe“ nach.',
    not_found: 'Das gibt es nicht, oder nicht mehr.',
    unknown_user: 'Dieses Konto gibt es nicht mehr.',
    unknown_package: 'Dieses Paket wird nicht verkauft.',
    unknown_code: 'Keine Karte hat diesen Code. Vergleichen Sie ihn mit dem, den Sie bekommen haben.',
    code_used: 'Dieser Code wurde schon verwendet.',
    own_code: 'Diesen Code haben Sie selbst ausgegeben: Er ist für jemand anderen.',
    code_revoked: 'Dieser Code gilt nicht mehr: Er wurde zurückgenommen, oder sein letzter Tag ist vorbei.',
    idempotency_key_reused: 'Diese Anfrage wurde schon mit anderem Inhalt gestellt. Laden Sie die Seite neu.',
    price_changed: 'Der Preis hat sich geändert. Sehen Sie ihn sich noch einmal an.',
    purchase_closed: 'Dieser Kauf ist vorbei. Beginnen Sie einen neuen.',
    checkout_open: 'Dieser Kauf wird gerade auf einer Seite von Stripe bezahlt.',
    forfeit_not_agreed: 'Es ist noch Zeit übrig, die verloren ginge. Stimmen Sie dem zu.',
    too_late: 'Das lässt sich nicht mehr ändern.',
    trial_unavailable: 'Freiminuten gibt es hier nicht.',
    not_refundable: 'Dieser Kauf kann so nicht erstattet werden.',
    call_in_progress: 'Dieses Gespräch läuft noch. Sein Beleg wird geschrieben, wenn es endet.',
    too_many_calls: 'Zu viele Gespräche laufen zugleich über dieses Konto. Beenden Sie zuerst eines davon.',
    room_taken: 'In diesem Raum läuft ein anderes Gespräch.',
    call_settled: 'Dieses Gespräch ist vorbei.',
    call_mismatch: 'Dieses Gespräch gehört jemand anderem, oder es läuft nicht in einem Browser.',
    codes_exported: 'Die Codes wurden schon ausgegeben.',
    payload_too_large: 'Das ist zu groß.',
    mistyped_code:
      'Das ist kein gültiger Code: Ein Zeichen ist falsch, fehlt oder ist vertauscht. Es zählt nicht als Versuch.',
    payment_refused:
      'Der Zahlungsanbieter lehnt das ab, und es wurde nichts berechnet. Noch ein Versuch hilft nicht; sagen Sie es dem Betreiber.',
    too_many_attempts: 'Zu viele Codes, die es nicht gibt. Versuchen Sie es in einer Stunde noch einmal.',
    too_many_short_calls:
      'Sie haben in wenigen Minuten oft angerufen und gleich wieder aufgelegt. Warten Sie ein paar Minuten.',
    too_many_requests: 'Zu viele Anfragen. Warten Sie ein wenig und versuchen Sie es noch einmal.',
    internal: 'Hier ist etwas schiefgegangen. Versuchen Sie es noch einmal; es wurde nichts berechnet.',
    payment_misconfigured:
      'Zahlungen sind hier nicht richtig eingerichtet, und es wurde nichts berechnet. Sagen Sie es dem Betreiber.',
    payment_provider_unavailable: 'Der Zahlungsanbieter antwortet nicht. Versuchen Sie es noch einmal.',
    database_unavailable: 'Die Datenbank antwortet nicht. Versuchen Sie es gleich noch einmal.',
    overloaded: 'Zu viele fragen zugleich. Es ist nichts geschehen: Versuchen Sie es gleich noch einmal.',
    calls_unavailable: 'Gespräche sind hier nicht möglich.',
  },
  request: (id) => `Anfrage ${id}`,
};

export default errors;
