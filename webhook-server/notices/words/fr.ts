import type { MailWords } from './en.ts';

/** Les courriels en français, avec « vous ». */
export const fr: MailWords = {
  language: 'fr',
  dates: 'fr-FR',
  amounts: 'fr-FR',
  colon: '\u00a0:',
  signature: 'MindBot. Ce message a été envoyé automatiquement.',
  open: 'Ouvrir MindBot',
  terms: {
    package: 'Forfait',
    time: 'Temps',
    price: 'Prix',
    tax: 'Taxes',
    paid: 'Payé',
    paidDebt: 'Dont temps dû',
    date: 'Date',
    purchase: 'Achat',
    recipient: 'Pour',
    theirWords: 'Message',
    yourWords: 'Votre message',
    refundedNow: 'Remboursé maintenant',
    refundedInAll: 'Remboursé au total',
    takenBack: 'Temps repris',
    returned: 'Retourné',
    disputed: 'Contesté',
    goesBack: 'Remboursé',
    youAsked: 'Votre question',
  },
  receipt: {
    subject: (name) => `Votre reçu\u00a0: ${name}`,
    ready: 'Merci. Votre temps est sur votre compte\u00a0: vous pouvez parler tout de suite.',
    giftGoesTo: (address, day) =>
      `Merci. Votre cadeau est payé\u00a0; le code d’activation sera envoyé à ${address}${day === null ? '' : ` le ${day}`}.`,
    giftComes: (day) =>
      `Merci. Votre cadeau est payé\u00a0; le code d’activation arrivera${day === null ? '' : ` le ${day}`} dans un message à part.`,
    debt: 'Vous deviez du temps utilisé dont l’argent vous avait été rendu. Une partie de votre achat l’a réglé.',
    asGift: (name) => `${name}, en cadeau`,
    withBonus: (time, bonus) => `${time}, dont ${bonus} offerts`,
  },
  gift: {
    somebody: 'Quelqu’un',
    subjectForYou: (time) => `Un cadeau pour vous\u00a0: ${time} de MindBot`,
    subjectYours: (time) => `Votre cadeau\u00a0: ${time} de MindBot`,
    forYou: (giver) =>
      `${giver} vous offre du temps pour parler avec MindBot, un assistant vocal. Saisissez ce code sur la page et le temps est à vous\u00a0; vous avez alors un an pour l’utiliser.`,
    passOn:
      'Transmettez ce code d’activation. La première personne qui le saisit reçoit le temps et dispose alors d’un an pour l’utiliser.',
    link: 'Activez-le avec ce lien',
    likeCash:
      'Il peut être saisi sur la page ou lu à voix haute pendant un appel. Traitez-le comme de l’argent liquide.',
  },
  refund: {
    subject: (sum) => `Votre remboursement de ${sum}`,
    text: 'L’argent retourne au moyen de paiement utilisé, ce qui prend quelques jours. Le temps qu’il avait payé est repris en proportion.',
    inAll: (refunded, paid) => `${refunded} sur ${paid}`,
    failedSubject: (sum) => `Votre remboursement de ${sum} n’est pas arrivé`,
    failed:
      'Votre banque a renvoyé l’argent, comme elle le fait quand une carte ou un compte a été fermé. Le temps est de nouveau à vous jusqu’à ce que nous trouvions un autre moyen de vous payer\u00a0: veuillez nous écrire.',
  },
  dispute: {
    openSubject: 'Votre paiement est contesté',
    open: 'Votre banque nous a signalé que ce paiement est contesté. Le temps qu’il a payé ne peut pas être utilisé avant la décision de la banque\u00a0; tout le reste, si.',
    mistake: 'S’il s’agit d’une erreur, dites-le à votre banque et écrivez-nous.',
    closedSubject: 'La contestation de votre paiement est terminée',
    won: 'Votre banque a décidé que le paiement est valable. Le temps qu’il a payé peut de nouveau être utilisé.',
    lost: 'Votre banque vous a rendu l’argent. Le temps qu’il avait payé a été repris.',
  },
  topUp: {
    subject: 'Votre recharge automatique s’est arrêtée',
    why: {
      declined: 'Votre carte n’a pas pu être débitée deux fois de suite.',
      review:
        'Un paiement de votre recharge automatique n’est pas arrivé comme convenu, et nous l’examinons.',
      terms_changed: 'Le forfait ou son prix n’est plus celui que vous avez accepté.',
      money_back:
        'De l’argent a été rendu par un remboursement ou une contestation, et du temps ne doit pas vous être facturé de nouveau aussitôt.',
    },
    stays: 'Rien d’autre ne sera débité tant que vous ne réactivez pas la recharge automatique.',
  },
  second: {
    subject: (sum) => `Vous avez payé deux fois\u00a0: ${sum} vous sont rendus`,
    text: 'Nous avons reçu un second paiement pour un achat déjà payé. Il est rendu automatiquement et en entier par le moyen de paiement utilisé, ce qui prend quelques jours.',
  },
  support: {
    subject: {
      call: 'Notre réponse au sujet de votre appel',
      purchase: 'Notre réponse au sujet de votre achat',
      card: 'Notre réponse au sujet de votre carte de temps',
      account: 'Notre réponse au sujet de votre compte',
    },
    id: {
      call: 'Numéro de l’appel',
      purchase: 'Numéro de l’achat',
      card: 'Numéro de la carte de temps',
      account: 'Numéro du compte',
    },
  },
  spend: {
    subject: {
      soft: (team: string) => `${team} a dépensé presque tout son budget`,
      hard: (team: string) => `${team} a épuisé son budget`,
    },
    text: {
      soft: (team: string) =>
        `L’équipe « ${team} » a atteint le montant de sa formule à partir duquel nous prévenons.`,
      hard: (team: string) =>
        `L’équipe « ${team} » a dépensé ce que sa formule permet. Ce qui est en cours se termine, et rien de nouveau ne commence avant la fin de la période ou un changement de formule.`,
    },
    periods: { day: 'Aujourd’hui (UTC)', month: 'Ce mois-ci' },
    spent: 'Dépensé',
    of: (spent: string, limit: string) => `${spent} sur ${limit}`,
    link: 'Voir la formule',
  },
  invoice: {
    subject: {
      invoice_open: (number: string) => `Votre facture ${number}`,
      invoice_paid: (number: string) => `Payée : votre facture ${number}`,
      invoice_failed: (number: string) => `Votre facture ${number} n’a pas pu être débitée`,
      invoice_void: (number: string) => `Votre facture ${number} n’est plus due`,
      invoice_credited: (number: string) => `Un avoir sur votre facture ${number}`,
    },
    text: {
      invoice_open: 'Cette facture est débitée de la carte enregistrée. Il n’y a rien à faire.',
      invoice_paid: 'Merci. Les crédits de la période payée sont disponibles.',
      invoice_void: 'Il n’y a rien à payer pour elle.',
      invoice_credited: 'Une partie a été rendue : sur la carte, ou sur ce qui est dû.',
    },
    failed: (next: string | null) =>
      next === null
        ? 'La carte a été refusée et aucun autre essai n’aura lieu de lui-même. Veuillez payer par le lien.'
        : `La carte a été refusée. Un nouvel essai aura lieu le ${next} ; payez par le lien, ou enregistrez une autre carte, pour en finir maintenant.`,
    number: 'Facture',
    period: 'Période',
    span: (from: string, to: string) => `${from} au ${to}`,
    base: 'Formule',
    assets: 'Actifs au-delà de la formule',
    credits: 'Crédits au-delà de la formule',
    gainshare: 'Partage des gains',
    other: 'Changements et autres lignes',
    subtotal: 'Total hors taxes',
    total: 'Total',
    due: 'À payer',
    credited: 'Rendu en tout',
    link: 'Voir et payer la facture',
  },
  invitation: {
    somebody: 'Quelqu’un',
    subject: (team: string) => `Vous êtes invité à rejoindre ${team}`,
    text: (inviter: string, team: string) =>
      `${inviter} vous invite dans l’équipe « ${team} » chez MindBot, un assistant vocal.`,
    roles: {
      owner:
        'Comme propriétaire, vous décidez qui en fait partie, achetez pour elle et parlez sur son temps.',
      billing: 'Vous achetez pour elle, voyez ce qu’elle a utilisé et parlez sur son temps.',
      member: 'Vous parlez sur son temps.',
    },
    signIn:
      'Connectez-vous ou inscrivez-vous avec cette adresse e-mail ; l’invitation ne vaut pour personne d’autre.',
    until: 'Valable jusqu’au',
    link: 'Rejoindre avec ce lien',
    ignore: 'Si vous ne savez pas qui vous invite, ne faites rien : personne ne saura si vous avez lu ceci.',
  },
};
