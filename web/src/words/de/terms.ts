import type { Words } from '../words.ts';

const terms: Words['terms'] = {
  parts: [
    {
      title: 'Was Sie kaufen',
      text: 'Zeit, um mit einem Assistenten zu sprechen, der ein Computerprogramm ist, auf vorausbezahlten Karten. Es gilt der Preis, den die Seite beim Bezahlen zeigt. Es gibt kein Abonnement. Das automatische Aufladen ist aus, bis Sie es einschalten, mit einer Obergrenze, die Sie wählen.',
    },
    {
      title: 'Wie Zeit verbraucht wird',
      text: 'Nach Sekunden, sobald Sie das erste Wort eines Gesprächs gehört haben. Der Aufbau, der Abschied, Ausfälle auf unserer Seite und die Zeit, in der Ihre Leitung unterbrochen war, werden nicht berechnet. Zu jedem Gespräch gibt es einen Beleg mit allen Abschnitten.',
    },
    {
      title: 'Wie lange Zeit gilt',
      text: 'Jede Karte zeigt, bis wann sie gilt. Von mehreren Karten wird die zuerst verbraucht, die zuerst abläuft.',
    },
    {
      title: 'Geschenke',
      text: 'Ein Geschenkcode gilt einmal, für den, der ihn zuerst eingibt. Bewahren Sie ihn auf wie Bargeld.',
    },
    {
      title: 'Erstattungen',
      text: 'Eine Erstattung nimmt anteilig die Zeit zurück, die noch auf der Karte ist. Wurde mehr verbraucht, als der Rest der Zahlung deckt, bleibt das geschuldet, und die nächste Karte bezahlt es zuerst.',
    },
    {
      title: 'Was der Assistent sagt',
      text: 'Es kann falsch sein. Er gibt keinen medizinischen, rechtlichen oder finanziellen Rat, auf den Sie sich verlassen können, und im Notfall kann er niemanden rufen.',
    },
    {
      title: 'Worum wir Sie bitten',
      text: 'Nutzen Sie ihn nicht, um anderen zu schaden, das Gesetz zu brechen oder den Dienst zu stören. Ein Konto, das dies tut, kann geschlossen werden; bezahlte Zeit wird dann erstattet, wie das Gesetz es sagt.',
    },
    {
      title: 'Ihre Rechte',
      text: 'Was das Gesetz Ihnen als Verbraucher gibt, berühren diese Bedingungen nicht.',
    },
  ],
};

export default terms;
