import type { Words } from '../words.ts';

const privacy: Words['privacy'] = {
  parts: [
    {
      title: 'Ce qui est gardé',
      text: 'Votre adresse e-mail ; ce que vous avez acheté et ce que vous en avez utilisé ; quand vos appels ont commencé et fini, et des mesures techniques de ceux-ci. Ce que vous dites est transformé en texte pour vous répondre, et le son n’est pas enregistré.',
    },
    {
      title: 'Ce que l’assistant retient',
      text: 'Si la mémoire est activée, de courts faits tirés de vos appels, par exemple que vous avez un chien. Vous voyez tout dans votre compte, et pouvez le corriger, l’effacer ou désactiver la mémoire.',
    },
    {
      title: 'Qui d’autre intervient',
      text: 'Les paiements sont reçus par Stripe, qui seul voit votre carte. La connexion et la base de données sont de Supabase ; les appels passent par LiveKit ; la parole et les réponses viennent des fournisseurs que cette installation utilise. Chacun voit ce qu’il lui faut pour cela.',
    },
    {
      title: 'Dans ce navigateur',
      text: 'La page garde votre connexion, la langue que vous avez choisie et un paiement en cours. Il n’y a pas de cookies publicitaires, ni de traceurs de qui que ce soit.',
    },
    {
      title: 'Vos droits',
      text: 'Dans votre compte, vous pouvez emporter dans un seul fichier tout ce qui est gardé de vous, et supprimer le compte. Ce que les livres doivent garder selon la loi l’est alors sans votre nom.',
    },
  ],
};

export default privacy;
