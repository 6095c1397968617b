import type { Words } from '../words.ts';

const privacy: Words['privacy'] = {
  parts: [
    {
      title: 'Was aufbewahrt wird',
      text: 'Ihre E-Mail-Adresse; was Sie gekauft und wie viel Sie davon verbraucht haben; wann Ihre Gespräche begannen und endeten, und technische Messwerte dazu. Was Sie sagen, wird in Text verwandelt, um Ihnen zu antworten; der Ton wird nicht gespeichert.',
    },
    {
      title: 'Was der Assistent sich merkt',
      text: 'Ist das Gedächtnis eingeschaltet, kurze Tatsachen aus Ihren Gesprächen, etwa dass Sie einen Hund haben. Sie sehen alles davon in Ihrem Konto und können es berichtigen, löschen oder das Gedächtnis abschalten.',
    },
    {
      title: 'Wer noch beteiligt ist',
      text: 'Zahlungen nimmt Stripe entgegen, das allein Ihre Karte sieht. Anmeldung und Datenbank sind von Supabase; Gespräche laufen über LiveKit; Sprache und Antworten machen die Anbieter, die diese Installation verwendet. Jeder sieht, was er dafür braucht.',
    },
    {
      title: 'In diesem Browser',
      text: 'Die Seite speichert Ihre Anmeldung, die Sprache, die Sie gewählt haben, und eine Zahlung, die noch läuft. Es gibt keine Cookies für Werbung und keine Verfolger von irgendwem.',
    },
    {
      title: 'Ihre Rechte',
      text: 'In Ihrem Konto können Sie alles, was über Sie aufbewahrt wird, als eine Datei mitnehmen und das Konto löschen. Was die Bücher von Gesetzes wegen behalten müssen, bleibt dann ohne Ihren Namen.',
    },
  ],
};

export default privacy;
