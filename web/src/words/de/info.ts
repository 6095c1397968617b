import type { Words } from '../words.ts';

const info: Words['info'] = {
  yourOwn: 'Der Betreiber dieses Dienstes hat einen eigenen Text:',
  readIt: 'Zum Text',
  unnamed:
    'Hier ist noch niemand genannt. Wer diesen Dienst betreibt, muss sich nennen, bevor er für andere offen ist.',
  runBy: 'Dieser Dienst wird betrieben von',
  contact: 'Schreiben Sie an',
  noContact: 'Eine Adresse zum Schreiben ist noch nicht angegeben.',
};

export default info;
