import type { Words } from '../words.ts';

const landing: Words['landing'] = {
  title: 'Sprechen Sie darüber',
  headline: 'Sprechen Sie darüber. Bezahlt wird nach Sekunden.',
  purpose:
    'Ein Assistent, mit dem Sie einfach sprechen: um laut zu denken, zu üben, zu fragen. Sie kaufen Zeit im Voraus, und nur die Sekunden, in denen Sie sprechen, werden verbraucht.',
  examples: ['Eine Sprache üben', 'Ein Vorstellungsgespräch üben', 'Laut denken', 'Fragen und weiterfragen'],
  examplesTitle: 'Wofür es genutzt wird',
  start: 'Gespräch beginnen',
  tryFree: (time) => `${time} gratis testen`,
  tryFreeWhy: (days) => `Für neue Konten mit bestätigter Adresse, ${days} Tage lang. Ohne Karte.`,
  from: (price) => `ab ${price} pro Minute`,
  sampleTitle: 'Ein Gespräch anhören',
  sampleWhy:
    'Aufgenommen mit der einfachen Stimme, die MindBot mitbringt. Eine Installation kann mit einer besseren sprechen.',
  play: 'Gespräch abspielen',
  pause: 'Gespräch anhalten',
  sampleLanguage: 'Auf Englisch',
  speakers: { agent: 'MindBot', caller: 'Anrufer' },
  stepsTitle: 'So geht es',
  steps: [
    {
      title: 'Zeit kaufen',
      text: 'Eine Karte mit Minuten, einmal bezahlt. Kein Abonnement, und nichts erneuert sich von selbst, außer Sie möchten es.',
    },
    {
      title: 'Auf „Sprechen“ drücken',
      text: 'Ihr Browser ist das Telefon. Die Uhr beginnt mit dem ersten Wort, das Sie hören, nicht früher.',
    },
    {
      title: 'Weitermachen, wann Sie möchten',
      text: 'Was Sie nicht brauchen, bleibt auf Ihrer Karte. Im Gespräch können Sie mehr kaufen, und es geht einfach weiter.',
    },
  ],
  pricesTitle: 'Preise',
  pricesWhy: 'Sie bezahlen einmal. Verbraucht wird nach Sekunden.',
  bestValue: 'Am günstigsten',
  perMinute: (price) => `${price} pro Minute`,
  bonus: (time) => `davon ${time} gratis`,
  choose: 'Auswählen',
  trustTitle: 'Worauf Sie sich verlassen können',
  trust: [
    {
      title: 'Jede Sekunde erklärt',
      text: 'Zu jedem Gespräch gibt es einen Beleg, der zeigt, was berechnet wurde, was frei war, und warum.',
    },
    {
      title: 'Ausfälle sind frei',
      text: 'Wenn unsere Leitung, der Assistent oder ein Anbieter ausfällt, wird diese Zeit nicht berechnet.',
    },
    {
      title: 'Nie mehr, als Sie gekauft haben',
      text: 'Wenn Ihre Zeit um ist, wartet der Assistent einen Moment kostenlos und verabschiedet sich dann.',
    },
    {
      title: 'Was er sich merkt, gehört Ihnen',
      text: 'Sie sehen es, berichtigen es, löschen es oder schalten es ab.',
    },
  ],
  endTitle: 'Nur ein Gespräch entfernt',
};

export default landing;
