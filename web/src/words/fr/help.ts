import type { Words } from '../words.ts';

const help: Words['help'] = {
  lead: 'Les réponses à ce que l’on demande le plus.',
  more: 'Autre chose ?',
  write:
    'Ou écrivez-nous, et dites de quel appel ou de quel achat il s’agit : le numéro figure sur son reçu.',
  questions: [
    {
      title: 'Qu’est-ce qui compte comme temps ?',
      text: 'Le compteur démarre au premier mot que vous entendez et s’arrête à la fin de l’appel. La connexion, l’au revoir, les pannes de notre côté et une ligne coupée sont gratuits. Le silence compte ; quand personne ne parle pendant un moment, l’assistant demande, puis prend congé de lui-même.',
    },
    {
      title: 'Comment arrondit-on ?',
      text: 'Une fois par appel, à la seconde entière inférieure.',
    },
    { title: 'Quelle carte est utilisée en premier ?', text: 'Celle qui expire la première.' },
    {
      title: 'Mon temps s’est écoulé au milieu d’un appel.',
      text: 'L’assistant attend une minute et demie, gratuitement. Achetez du temps sur la page, et la même conversation continue.',
    },
    {
      title: 'Le microphone est introuvable ou bloqué.',
      text: 'Autorisez-le pour cette page dans la barre d’adresse de votre navigateur, et appuyez de nouveau sur « Parler ». Un autre programme l’utilise peut-être.',
    },
    {
      title: 'J’ai payé, et le temps n’est pas là.',
      text: 'Il arrive dès que le paiement est passé, le plus souvent en quelques secondes ; un prélèvement bancaire prend des jours. Vous ne payez jamais deux fois un même achat.',
    },
    {
      title: 'On m’a donné un code.',
      text: 'Saisissez-le sous « Acheter du temps », aux cadeaux. Si un caractère est faux, la page vous dit dans quel groupe.',
    },
    {
      title: 'Puis-je être remboursé ?',
      text: 'Écrivez-nous avec le numéro du reçu. Un remboursement reprend le temps qui est encore sur cette carte.',
    },
    {
      title: 'J’ai oublié mon mot de passe.',
      text: 'Demandez un lien sous « Se connecter ». Il sert une fois, pendant une heure.',
    },
  ],
};

export default help;
