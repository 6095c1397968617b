import type { Words } from '../words.ts';

const info: Words['info'] = {
  yourOwn: 'L’exploitant de ce service a son propre texte :',
  readIt: 'Le lire',
  unnamed:
    'Personne n’est encore nommé ici. Qui exploite ce service doit se nommer avant de l’ouvrir à d’autres.',
  runBy: 'Ce service est exploité par',
  contact: 'Écrivez à',
  noContact: 'Aucune adresse où écrire n’est encore indiquée.',
};

export default info;
