import type { Sentences, SpokenFigures } from './sentences.ts';

/** In the polite form. Figures stand where one of something reads as well as many. */
export const french = ({ duration }: SpokenFigures): Sentences => {
  const expiresSoon = (seconds: number) =>
    `Utilisez-en ${duration(seconds)} d'ici une semaine : ensuite, ce temps expire.`;
  return {
    greeting: (remainingSeconds, expiringSeconds) =>
      `Bonjour, ici MindBot. Vous avez ${duration(remainingSeconds)}.${expiringSeconds > 0 ? ` ${expiresSoon(expiringSeconds)}` : ''} Que puis-je faire pour vous ?`,
    expiresSoon,
    welcomeBack: 'Vous revoilà. Continuez, je vous en prie.',
    unsteadyLine:
      'Vous revoilà. Votre ligne est coupée sans cesse. Pendant que je vous parle, le temps est facturé malgré tout.',
    apology: "Pardon, je n'ai pas trouvé de réponse à l'instant. Pourriez-vous répéter ?",
    sorryForTheWait: "Pardon pour l'attente.",
    letMeStartAgain: 'Pardon, je recommence.',
    notHeard: "Pardon, je n'ai pas bien entendu. Pourriez-vous répéter ?",
    areYouThere: 'Êtes-vous toujours là ?',
    otherCall: 'Pour information, un autre appel utilise en ce moment le même crédit.',
    spendWarning: 'Pour information, votre équipe a atteint une limite de dépenses de sa formule.',
    warning: (remainingSeconds) =>
      `Pour information, il vous reste ${duration(remainingSeconds)}. Vous pouvez acheter du temps quand vous le souhaitez.`,
    timeAdded: (remainingSeconds) =>
      `Votre nouveau temps est arrivé. Vous avez maintenant ${duration(remainingSeconds)}.`,
    deskOpens: (freeSeconds) =>
      `Votre temps est épuisé. Je reste encore ${duration(freeSeconds)}, gratuitement. Souhaitez-vous acheter du temps ?`,
    thanksForTime: (remainingSeconds) =>
      `Merci beaucoup ! Vous avez maintenant ${duration(remainingSeconds)}. Où en étions-nous ?`,
    farewell: 'Au revoir, et merci de votre appel.',
    goodbyes: {
      time_used_up:
        'Votre temps est maintenant épuisé, je dois donc vous dire au revoir. Vous pouvez acheter du temps sur la page. Prenez soin de vous !',
      billing_unreachable:
        "Je regrette, je n'arrive pas à joindre votre compte, je dois donc mettre fin à l'appel. Rien de plus ne vous a été facturé. Au revoir !",
      silence: "Je n'entends plus rien, je vous dis donc au revoir. Rappelez quand vous voulez !",
      provider_outage:
        "Je regrette, quelque chose ne fonctionne pas de notre côté, je dois donc mettre fin à l'appel. Cela ne vous est pas facturé. Rappelez plus tard, s'il vous plaît. Au revoir !",
      conversation_failed:
        "Je regrette, un problème est survenu de notre côté. Votre temps est préservé. Rappelez, s'il vous plaît. Au revoir !",
    },
    owed: (seconds) =>
      `Vous devez ${duration(seconds)} de temps utilisé puis remboursé. Votre prochain achat le paie d'abord.`,
    nothingRemembered: 'Je ne me souviens de rien à ce sujet.',
    faults: FAULTS,
  };
};

const FAULTS: Sentences['faults'] = {
  invalid_request: "Pardon, je n'ai pas bien compris. Veuillez réessayer.",
  idempotency_key_missing: "Pardon, cet achat n'a pas été lancé.",
  bad_signature: 'Pardon, un problème est survenu.',
  account_frozen: 'Ce compte est bloqué. Veuillez écrire à notre assistance.',
  not_signed_in: "Veuillez d'abord vous connecter.",
  no_time_left: 'Il ne vous reste plus de temps.',
  forbidden: 'Pardon, je ne peux parler que de votre propre compte.',
  not_found: "Pardon, je n'ai pas pu trouver cela.",
  unknown_package: 'Je ne connais pas ce forfait. Voulez-vous que je cite les forfaits ?',
  unknown_code: 'Je ne connais pas ce code.',
  code_used: 'Ce code a déjà été utilisé.',
  own_code: "Ce code a été émis par vous : il est pour quelqu'un d'autre.",
  code_revoked: "Ce code n'est plus valable.",
  idempotency_key_reused: "Pardon, cet achat n'a pas été lancé.",
  price_changed: "Le prix a changé. Regardez-le encore une fois, s'il vous plaît.",
  purchase_closed: 'Cet achat est terminé. En commençons-nous un nouveau ?',
  checkout_open: 'Cet achat est déjà ouvert sur la page de paiement.',
  forfeit_not_agreed: 'Il vous reste du temps, qui serait perdu.',
  role_missing: "Votre rôle dans cette équipe ne le permet pas. Demandez à l'un de ses propriétaires.",
  no_credits_left: "Votre organisation n'a plus assez de crédits pour cela.",
  overage_cap_reached: 'Votre organisation a atteint sa limite de crédits supplémentaires.',
  payment_required: 'Il faut d’abord le payer.',
  payment_used: 'Ce paiement est pour autre chose.',
  spend_cap_reached: 'C’est plus que ce que vous vouliez payer pour cet appel.',
  scope_missing: 'Cette clé ne le permet pas.',
  already_rotated: 'Cette clé a déjà été remplacée.',
  quota_spent: "La formule ne permet plus de demandes pour l'instant.",
  other_address: 'Cette invitation a été envoyée à une autre adresse e-mail.',
  last_owner: "Une équipe a toujours un propriétaire. Nommez d'abord quelqu'un d'autre.",
  already_member: "Cette personne fait déjà partie de l'équipe.",
  subscription_open: "L'abonnement court encore. Veuillez d'abord le résilier.",
  plan_too_small: "Cette formule est trop petite pour ce que vous utilisez. Veuillez d'abord le réduire.",
  invitation_over: "Cette invitation n'est plus valable. Demandez-en une nouvelle.",
  too_late: 'Cela ne peut plus être modifié.',
  trial_unavailable: "Désolé, il n'y a pas de minutes offertes pour vous.",
  not_refundable: 'Pardon, je ne peux pas rembourser cela.',
  call_in_progress: 'Cet appel est encore en cours. Son reçu arrivera quand il se terminera.',
  unknown_user: 'Je ne connais plus votre compte. Veuillez vous inscrire à nouveau.',
  room_taken: 'Un autre appel est déjà en cours ici. Veuillez raccrocher et rappeler.',
  call_settled: 'Cet appel est terminé. Veuillez rappeler pour en commencer un nouveau.',
  call_mismatch: "Cet appel appartient à quelqu'un d'autre. Veuillez appeler depuis votre propre page.",
  spend_limit_reached:
    'Votre organisation a dépensé ce que son forfait permet pour le moment. Adressez-vous à la personne qui la gère.',
  not_enough_money: "Il n'y a pas assez d'argent dans votre porte-monnaie pour cela.",
  price_not_confirmed: "Il me faut d'abord votre accord sur le prix.",
  too_many_calls: "Trop d'appels utilisent votre compte en ce moment.",
  too_many_short_calls:
    'Vous avez appelé très souvent en quelques minutes. Veuillez patienter un peu avant de rappeler.',
  codes_exported: 'Ces codes ont déjà été remis.',
  payload_too_large: "Pardon, c'était trop à la fois.",
  mistyped_code: 'Il y a une erreur dans ce code. Veuillez me le relire.',
  too_many_attempts: 'Il y a eu trop de codes erronés. Veuillez réessayer dans une heure.',
  too_many_requests: "Un instant, s'il vous plaît.",
  internal: 'Pardon, un problème est survenu.',
  payment_refused:
    "Le service de paiement ne l'accepte pas, et réessayer n'y changera rien. Rien n'a été débité. Écrivez-nous, s'il vous plaît.",
  payment_misconfigured:
    "Les paiements ne fonctionnent pas ici pour le moment, et réessayer n'y changera rien. Rien n'a été débité. Écrivez-nous, s'il vous plaît.",
  payment_provider_unavailable:
    'Le service de paiement ne répond pas en ce moment. Veuillez réessayer dans un instant.',
  database_unavailable:
    'Je ne peux pas joindre votre compte en ce moment. Veuillez réessayer dans un instant.',
  overloaded: 'Trop de demandes arrivent en même temps. Réessayez dans un instant.',
  calls_unavailable: 'Les appels ne sont pas possibles en ce moment.',
};
