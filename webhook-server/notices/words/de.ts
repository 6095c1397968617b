import type { MailWords } from './en.ts';

/** Die Mails auf Deutsch, mit „Sie“. */
export const de: MailWords = {
  language: 'de',
  dates: 'de-DE',
  amounts: 'de-DE',
  colon: ':',
  signature: 'MindBot. Diese Nachricht wurde automatisch verschickt.',
  open: 'MindBot öffnen',
  terms: {
    package: 'Paket',
    time: 'Zeit',
    price: 'Preis',
    tax: 'Steuer',
    paid: 'Bezahlt',
    paidDebt: 'Davon für offene Zeit',
    date: 'Datum',
    purchase: 'Kauf',
    recipient: 'Für',
    theirWords: 'Gruß',
    yourWords: 'Ihr Gruß',
    refundedNow: 'Jetzt erstattet',
    refundedInAll: 'Insgesamt erstattet',
    takenBack: 'Zurückgenommene Zeit',
    returned: 'Zurückgekommen',
    disputed: 'Strittig',
    goesBack: 'Geht zurück',
    youAsked: 'Ihre Frage',
  },
  receipt: {
    subject: (name) => `Ihre Quittung: ${name}`,
    ready: 'Vielen Dank. Ihre Zeit ist auf Ihrem Konto, Sie können sofort sprechen.',
    giftGoesTo: (address, day) =>
      `Vielen Dank. Ihr Geschenk ist bezahlt; der Aktivierungscode geht${day === null ? '' : ` am ${day}`} an ${address}.`,
    giftComes: (day) =>
      `Vielen Dank. Ihr Geschenk ist bezahlt; der Aktivierungscode kommt${day === null ? '' : ` am ${day}`} in einer eigenen Nachricht.`,
    debt: 'Sie hatten Zeit verbraucht, deren Geld an Sie zurückgegangen war. Ein Teil Ihres Kaufs hat sie beglichen.',
    asGift: (name) => `${name}, als Geschenk`,
    withBonus: (time, bonus) => `${time}, davon ${bonus} Bonus`,
  },
  gift: {
    somebody: 'Jemand',
    subjectForYou: (time) => `Ein Geschenk für Sie: ${time} MindBot`,
    subjectYours: (time) => `Ihr Geschenk: ${time} MindBot`,
    forYou: (giver) =>
      `${giver} schenkt Ihnen Zeit zum Sprechen mit MindBot, einem Sprachassistenten. Geben Sie diesen Code auf der Seite ein, dann gehört die Zeit Ihnen; ab dann haben Sie ein Jahr, sie zu nutzen.`,
    passOn:
      'Geben Sie diesen Aktivierungscode weiter. Wer ihn zuerst eingibt, bekommt die Zeit und hat ab dann ein Jahr, sie zu nutzen.',
    link: 'Mit diesem Link einlösen',
    likeCash:
      'Der Code lässt sich auf der Seite eintippen oder in einem Gespräch vorlesen. Behandeln Sie ihn wie Bargeld.',
  },
  refund: {
    subject: (sum) => `Ihre Erstattung über ${sum}`,
    text: 'Das Geld geht dorthin zurück, von wo es gezahlt wurde; das dauert einige Tage. Die Zeit, die damit bezahlt war, wird anteilig zurückgenommen.',
    inAll: (refunded, paid) => `${refunded} von ${paid}`,
    failedSubject: (sum) => `Ihre Erstattung über ${sum} ist nicht angekommen`,
    failed:
      'Ihre Bank hat das Geld zurückgegeben, wie es geschieht, wenn eine Karte oder ein Konto geschlossen wurde. Die Zeit gehört wieder Ihnen, bis wir einen anderen Weg gefunden haben: Bitte schreiben Sie uns.',
  },
  dispute: {
    openSubject: 'Ihre Zahlung ist strittig',
    open: 'Ihre Bank hat uns mitgeteilt, dass diese Zahlung bestritten wird. Die damit bezahlte Zeit ist gesperrt, bis die Bank entschieden hat; alle andere Zeit können Sie nutzen.',
    mistake: 'Ist das ein Versehen, sagen Sie es bitte Ihrer Bank und schreiben Sie uns.',
    closedSubject: 'Der Streit um Ihre Zahlung ist beendet',
    won: 'Ihre Bank hat entschieden, dass die Zahlung gilt. Die damit bezahlte Zeit ist wieder nutzbar.',
    lost: 'Ihre Bank hat Ihnen das Geld zurückgegeben. Die damit bezahlte Zeit wurde zurückgenommen.',
  },
  topUp: {
    subject: 'Ihr automatisches Aufladen hat angehalten',
    why: {
      declined: 'Ihre Karte konnte zweimal hintereinander nicht belastet werden.',
      review: 'Eine Zahlung Ihres automatischen Aufladens kam nicht wie vereinbart an; wir sehen sie uns an.',
      terms_changed: 'Das Paket oder sein Preis ist nicht mehr das, dem Sie zugestimmt haben.',
      money_back:
        'Durch eine Erstattung oder einen Streitfall ging Geld zurück; Ihnen soll nicht gleich wieder Zeit berechnet werden.',
    },
    stays: 'Es wird nichts mehr abgebucht, bis Sie das automatische Aufladen wieder einschalten.',
  },
  second: {
    subject: (sum) => `Sie haben doppelt bezahlt: ${sum} gehen an Sie zurück`,
    text: 'Wir haben eine zweite Zahlung für einen Kauf erhalten, der schon bezahlt ist. Sie geht von selbst und vollständig dorthin zurück, von wo sie kam; das dauert einige Tage.',
  },
  support: {
    subject: {
      call: 'Unsere Antwort zu Ihrem Gespräch',
      purchase: 'Unsere Antwort zu Ihrem Kauf',
      card: 'Unsere Antwort zu Ihrer Zeitkarte',
      account: 'Unsere Antwort zu Ihrem Konto',
    },
    id: {
      call: 'Nummer des Gesprächs',
      purchase: 'Nummer des Kaufs',
      card: 'Nummer der Zeitkarte',
      account: 'Nummer des Kontos',
    },
  },
  spend: {
    subject: {
      soft: (team: string) => `${team}: Budget fast aufgebraucht`,
      hard: (team: string) => `${team}: Budget aufgebraucht`,
    },
    text: {
      soft: (team: string) =>
        `Das Team „${team}“ hat den Betrag seines Tarifs erreicht, bei dem wir Bescheid geben.`,
      hard: (team: string) =>
        `Das Team „${team}“ hat ausgegeben, was sein Tarif erlaubt. Was läuft, wird beendet, und Neues beginnt erst, wenn der Zeitraum vorbei oder der Tarif geändert ist.`,
    },
    periods: { day: 'Heute (UTC)', month: 'Diesen Monat' },
    spent: 'Ausgegeben',
    of: (spent: string, limit: string) => `${spent} von ${limit}`,
    link: 'Tarif ansehen',
  },
  invoice: {
    subject: {
      invoice_open: (number: string) => `Ihre Rechnung ${number}`,
      invoice_paid: (number: string) => `Bezahlt: Ihre Rechnung ${number}`,
      invoice_failed: (number: string) => `Ihre Rechnung ${number} konnte nicht abgebucht werden`,
      invoice_void: (number: string) => `Ihre Rechnung ${number} ist nicht mehr zu zahlen`,
      invoice_credited: (number: string) => `Eine Gutschrift zu Ihrer Rechnung ${number}`,
    },
    text: {
      invoice_open: 'Diese Rechnung wird von der gespeicherten Karte abgebucht. Es ist nichts zu tun.',
      invoice_paid: 'Vielen Dank. Die Credits des bezahlten Zeitraums stehen bereit.',
      invoice_void: 'Für sie ist nichts zu zahlen.',
      invoice_credited: 'Ein Teil davon wurde zurückgegeben: auf die Karte oder von dem, was offen ist.',
    },
    failed: (next: string | null) =>
      next === null
        ? 'Die Karte wurde abgelehnt, und von selbst wird es nicht noch einmal versucht. Bitte zahlen Sie über den Link.'
        : `Die Karte wurde abgelehnt. Am ${next} wird es noch einmal versucht; zahlen Sie über den Link oder speichern Sie eine andere Karte, um es gleich zu erledigen.`,
    number: 'Rechnung',
    period: 'Zeitraum',
    span: (from: string, to: string) => `${from} bis ${to}`,
    base: 'Tarif',
    assets: 'Anlagen über den Tarif hinaus',
    credits: 'Credits über den Tarif hinaus',
    gainshare: 'Anteil an der Ersparnis',
    other: 'Änderungen und anderes',
    subtotal: 'Zusammen vor Steuer',
    total: 'Gesamt',
    due: 'Zu zahlen',
    credited: 'Insgesamt zurückgegeben',
    link: 'Rechnung ansehen und bezahlen',
  },
  invitation: {
    somebody: 'Jemand',
    subject: (team: string) => `Einladung zu ${team}`,
    text: (inviter: string, team: string) =>
      `${inviter} lädt Sie in das Team „${team}“ bei MindBot ein, einem Sprachassistenten.`,
    roles: {
      owner:
        'Ihnen gehört es dann mit: Sie bestimmen, wer dazugehört, kaufen dafür ein und sprechen auf seine Zeit.',
      billing: 'Sie kaufen dafür ein, sehen, was es verbraucht hat, und sprechen auf seine Zeit.',
      member: 'Sie sprechen auf seine Zeit.',
    },
    signIn:
      'Melden Sie sich mit dieser E-Mail-Adresse an, oder registrieren Sie sich damit; die Einladung gilt für niemanden sonst.',
    until: 'Gültig bis',
    link: 'Mit diesem Link beitreten',
    ignore:
      'Wenn Sie nicht wissen, wer Sie einlädt, tun Sie nichts: Niemand erfährt, ob Sie dies gelesen haben.',
  },
};
