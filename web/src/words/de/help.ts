import type { Words } from '../words.ts';

const help: Words['help'] = {
  lead: 'Antworten auf das, was am häufigsten gefragt wird.',
  more: 'Noch etwas?',
  write:
    'Oder schreiben Sie uns und sagen Sie, um welches Gespräch oder welchen Kauf es geht: Die Nummer steht auf dem Beleg.',
  questions: [
    {
      title: 'Was zählt als Zeit?',
      text: 'Die Uhr beginnt mit dem ersten Wort, das Sie hören, und hält an, wenn das Gespräch endet. Der Aufbau, der Abschied, Ausfälle auf unserer Seite und eine unterbrochene Leitung sind frei. Stille zählt; wenn eine Weile niemand spricht, fragt der Assistent nach und verabschiedet sich später von selbst.',
    },
    { title: 'Wie wird gerundet?', text: 'Einmal pro Gespräch, auf ganze Sekunden ab.' },
    { title: 'Welche Karte wird zuerst verbraucht?', text: 'Die, die zuerst abläuft.' },
    {
      title: 'Meine Zeit ging mitten im Gespräch zu Ende.',
      text: 'Der Assistent wartet anderthalb Minuten, kostenlos. Kaufen Sie auf der Seite mehr, und dasselbe Gespräch geht weiter.',
    },
    {
      title: 'Das Mikrofon wird nicht gefunden oder ist blockiert.',
      text: 'Erlauben Sie es für diese Seite in der Adresszeile Ihres Browsers und drücken Sie noch einmal auf „Sprechen“. Vielleicht verwendet es ein anderes Programm.',
    },
    {
      title: 'Ich habe bezahlt, und die Zeit ist nicht da.',
      text: 'Sie kommt, sobald die Zahlung durch ist, meist nach Sekunden; eine Lastschrift dauert Tage. Sie bezahlen einen Kauf nie zweimal.',
    },
    {
      title: 'Ich habe einen Code bekommen.',
      text: 'Geben Sie ihn unter „Zeit kaufen“ bei den Geschenken ein. Ist ein Zeichen vertippt, sagt die Seite Ihnen, in welcher Gruppe.',
    },
    {
      title: 'Kann ich mein Geld zurückbekommen?',
      text: 'Schreiben Sie uns mit der Nummer des Belegs. Eine Erstattung nimmt die Zeit zurück, die noch auf dieser Karte ist.',
    },
    {
      title: 'Ich habe mein Passwort vergessen.',
      text: 'Lassen Sie sich unter „Anmelden“ einen Link schicken. Er gilt einmal, eine Stunde lang.',
    },
  ],
};

export default help;
