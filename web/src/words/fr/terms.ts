import type { Words } from '../words.ts';

const terms: Words['terms'] = {
  parts: [
    {
      title: 'Ce que vous achetez',
      text: 'Du temps pour parler avec un assistant qui est un programme informatique, sur des cartes prépayées. Le prix est celui que la page montre quand vous payez. Il n’y a pas d’abonnement. La recharge automatique est désactivée jusqu’à ce que vous l’activiez, avec un plafond que vous choisissez.',
    },
    {
      title: 'Comment le temps s’utilise',
      text: 'À la seconde, dès que vous avez entendu le premier mot d’un appel. La connexion, l’au revoir, les pannes de notre côté et le temps où votre ligne était coupée ne sont pas facturés. Chaque appel a un reçu qui en montre toutes les parties.',
    },
    {
      title: 'Combien de temps il est valable',
      text: 'Chaque carte montre jusqu’à quand elle est valable. De plusieurs cartes, celle qui expire la première est utilisée en premier.',
    },
    {
      title: 'Cadeaux',
      text: 'Un code cadeau sert une fois, à qui le saisit en premier. Gardez-le comme de l’argent liquide.',
    },
    {
      title: 'Remboursements',
      text: 'Un remboursement reprend, en proportion, le temps qui est encore sur la carte. Si l’on a utilisé plus que ne couvre le reste du paiement, cela reste dû, et la carte suivante le paie d’abord.',
    },
    {
      title: 'Ce que dit l’assistant',
      text: 'Cela peut être faux. Il ne donne pas de conseil médical, juridique ou financier sur lequel compter, et en cas d’urgence il ne peut appeler personne.',
    },
    {
      title: 'Ce que nous vous demandons',
      text: 'Ne l’utilisez pas pour nuire à d’autres, enfreindre la loi ou perturber le service. Un compte qui le fait peut être fermé ; le temps payé est alors remboursé comme le dit la loi.',
    },
    {
      title: 'Vos droits',
      text: 'Ces conditions ne touchent pas à ce que la loi vous accorde comme consommateur.',
    },
  ],
};

export default terms;
