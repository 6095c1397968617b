import type { Words } from '../words.ts';

const landing: Words['landing'] = {
  title: 'Parlez-en',
  headline: 'Parlez-en. Payez à la seconde.',
  purpose:
    'Un assistant avec qui vous parlez, tout simplement : pour réfléchir à voix haute, vous exercer, demander. Vous achetez du temps d’avance, et seules les secondes où vous parlez sont utilisées.',
  examples: [
    'Pratiquer une langue',
    'Préparer un entretien',
    'Réfléchir à voix haute',
    'Demander, et redemander',
  ],
  examplesTitle: 'Ce que l’on en fait',
  start: 'Commencer à parler',
  tryFree: (time) => `Essayer ${time} gratuitement`,
  tryFreeWhy: (days) =>
    `Pour les nouveaux comptes dont l’adresse est confirmée, pendant ${days} jours. Sans carte.`,
  from: (price) => `à partir de ${price} la minute`,
  sampleTitle: 'Écouter un appel',
  sampleWhy:
    'Enregistré avec la voix simple fournie avec MindBot. Une installation peut parler avec une meilleure voix.',
  play: 'Écouter l’appel',
  pause: 'Suspendre l’appel',
  sampleLanguage: 'En anglais',
  speakers: { agent: 'MindBot', caller: 'Appelant' },
  stepsTitle: 'Comment ça marche',
  steps: [
    {
      title: 'Achetez du temps',
      text: 'Une carte de minutes, payée une fois. Pas d’abonnement, et rien ne se renouvelle tout seul, sauf si vous le demandez.',
    },
    {
      title: 'Appuyez sur « Parler »',
      text: 'Votre navigateur est le téléphone. Le compteur démarre au premier mot que vous entendez, pas avant.',
    },
    {
      title: 'Continuez quand vous voulez',
      text: 'Ce que vous n’utilisez pas reste sur votre carte. Pendant un appel, vous pouvez en acheter davantage, et il continue simplement.',
    },
  ],
  pricesTitle: 'Prix',
  pricesWhy: 'Vous payez une fois. Le temps s’utilise à la seconde.',
  bestValue: 'Le plus avantageux',
  perMinute: (price) => `${price} la minute`,
  bonus: (time) => `dont ${time} offertes`,
  choose: 'Choisir',
  trustTitle: 'Ce sur quoi vous pouvez compter',
  trust: [
    {
      title: 'Chaque seconde expliquée',
      text: 'Chaque appel a un reçu qui montre ce qui a été facturé, ce qui était gratuit, et pourquoi.',
    },
    {
      title: 'Les pannes sont gratuites',
      text: 'Quand notre ligne, l’assistant ou un fournisseur tombe en panne, ce temps n’est pas facturé.',
    },
    {
      title: 'Jamais plus que ce que vous avez acheté',
      text: 'Quand votre temps est écoulé, l’assistant attend un moment gratuitement, puis prend congé.',
    },
    {
      title: 'Ce qu’il retient est à vous',
      text: 'Vous le voyez, le corrigez, l’effacez ou le désactivez.',
    },
  ],
  endTitle: 'Il suffit d’un appel',
};

export default landing;
