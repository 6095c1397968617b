import type { Words } from '../words.ts';

const errors: Words['errors'] = {
  codes: {
    network: 'Le serveur est injoignable. Vérifiez la connexion et réessayez.',
    timeout: 'Le serveur a mis trop de temps à répondre. Réessayez.',
    http: 'Le serveur n’a pas donné de réponse que cette page comprenne. Réessayez.',
    unexpected_answer: 'Le serveur a donné une réponse que cette page ne comprend pas.',
    signed_out: 'Vous êtes déconnecté. Reconnectez-vous.',
    microphone_blocked:
      'Le microphone est bloqué. Autorisez-le pour cette page (dans la barre d’adresse), puis appuyez de nouveau sur « Parler ».',
    microphone_missing:
      'Aucun microphone n’a été trouvé. Branchez-en un, puis appuyez de nouveau sur « Parler ».',
    microphone_busy:
      'Un autre programme utilise le microphone. Fermez-le, puis appuyez de nouveau sur « Parler ».',
    microphone_failed: 'Le microphone n’a pas pu être ouvert.',
    call_failed: 'L’appel n’a pas pu être établi. Réessayez dans un instant.',
    invalid_request: 'Cela ne va pas : les indications ne sont pas valables.',
    idempotency_key_missing: 'La demande était incomplète. Rechargez la page.',
    bad_signature: 'La signature du message n’est pas bonne.',
    not_signed_in: 'Vous n’êtes pas connecté, ou ce compte n’existe plus. Connectez-vous.',
    spend_limit_reached:
      'Cette organisation a dépensé ce que son offre permet pour le moment. Adressez-vous à l’un de ses propriétaires.',
    not_enough_money: 'Il n’y a pas assez d’argent dans ce porte-monnaie. Rechargez-le d’abord.',
    price_not_confirmed:
      'Cela coûte plus que ce qui peut être dépensé sans demander. Acceptez d’abord le prix.',
    role_missing:
      'Votre rôle dans cette organisation ne le permet pas. Adressez-vous à l’un de ses propriétaires.',
    no_credits_left:
      'Il ne reste pas autant de crédits, et rien n’est consommé au-delà ici : la période est un essai ou n’est pas payée, ou la formule ne le prévoit pas.',
    overage_cap_reached:
      'Cela coûterait, au-delà des crédits, plus que ce que votre organisation permet pour une période. Demandez à qui gère la facturation.',
    payment_required: 'Cela coûte quelque chose, et seuls des programmes le paient ici.',
    payment_used: 'Ce paiement règle une autre commande. Rien n’a été prélevé pour celle-ci.',
    spend_cap_reached: 'Ce serait plus que ce que vous vouliez payer pour cet appel. Rien n’a été prélevé.',
    scope_missing:
      'Cette clé d’API ne le permet pas. Un propriétaire de l’organisation peut en créer une autre.',
    already_rotated: 'Cette clé a déjà été remplacée. Remplacez la nouvelle.',
    quota_spent:
      'La formule de cette organisation ne traite plus de demandes pendant cette période. Attendez la suivante, ou choisissez une formule plus grande.',
    other_address: 'Cette invitation a été envoyée à une autre adresse e-mail. Connectez-vous avec celle-ci.',
    last_owner:
      'Une organisation a toujours un propriétaire. Nommez d’abord quelqu’un d’autre, ou fermez-la.',
    already_member: 'Quelqu’un avec cette adresse e-mail fait déjà partie de l’organisation.',
    subscription_open: 'L’abonnement est encore en cours. Résiliez-le d’abord.',
    plan_too_small: 'Ce qui est utilisé dépasse cette formule. Réduisez-le d’abord.',
    invitation_over:
      'Cette invitation n’est plus valable : utilisée, retirée ou expirée. Demandez-en une nouvelle.',
    no_time_left: 'Il ne reste pas de temps. Achetez une carte ou saisissez un code.',
    forbidden: 'Cela appartient à quelqu’un d’autre.',
    account_frozen: 'Ce compte est bloqué. Demandez pourquoi sous « Aide ».',
    not_found: 'Cela n’existe pas, ou plus.',
    unknown_user: 'Ce compte n’existe plus.',
    unknown_package: 'Cette offre n’est pas en vente.',
    unknown_code: 'Aucune carte n’a ce code. Comparez-le avec celui qu’on vous a donné.',
    code_used: 'Ce code a déjà servi.',
    own_code: 'Vous avez émis ce code vous-même : il est pour quelqu’un d’autre.',
    code_revoked: 'Ce code n’est plus valable : il a été retiré, ou son dernier jour est passé.',
    idempotency_key_reused: 'Cette demande a déjà été faite avec un autre contenu. Rechargez la page.',
    price_changed: 'Le prix a changé. Regardez-le de nouveau.',
    purchase_closed: 'Cet achat est terminé. Commencez-en un nouveau.',
    checkout_open: 'Cet achat est en cours de paiement sur une page de Stripe.',
    forfeit_not_agreed: 'Il reste du temps qui serait perdu. Donnez votre accord.',
    too_late: 'Cela ne peut plus être changé.',
    trial_unavailable: 'Il n’y a pas de minutes gratuites ici.',
    not_refundable: 'Cet achat ne peut pas être remboursé ainsi.',
    call_in_progress: 'Cet appel est encore en cours. Son reçu est écrit quand il se termine.',
    too_many_calls: 'Trop d’appels utilisent ce compte à la fois. Terminez-en un d’abord.',
    room_taken: 'Un autre appel est en cours dans cette salle.',
    call_settled: 'Cet appel est terminé.',
    call_mismatch: 'Cet appel appartient à quelqu’un d’autre, ou n’a pas lieu dans un navigateur.',
    codes_exported: 'Les codes ont déjà été exportés.',
    payload_too_large: 'C’est trop grand.',
    mistyped_code:
      'Ce n’est pas un code valable : un caractère est faux, manque ou est interverti. Cela ne compte pas comme un essai.',
    payment_refused:
      'Le prestataire de paiement refuse cela, et rien n’a été débité. Réessayer n’aide pas ; dites-le à l’exploitant.',
    too_many_attempts: 'Trop de codes qui n’existent pas. Réessayez dans une heure.',
    too_many_short_calls:
      'Vous avez appelé plusieurs fois en quelques minutes et raccroché aussitôt. Attendez quelques minutes.',
    too_many_requests: 'Trop de demandes. Attendez un peu et réessayez.',
    internal: 'Quelque chose s’est mal passé ici. Réessayez ; rien n’a été débité.',
    payment_misconfigured:
      'Les paiements ne sont pas bien configurés ici, et rien n’a été débité. Dites-le à l’exploitant.',
    payment_provider_unavailable: 'Le prestataire de paiement ne répond pas. Réessayez.',
    database_unavailable: 'La base de données ne répond pas. Réessayez dans un instant.',
    overloaded: 'Trop de demandes à la fois. Rien n’a été fait : réessayez dans un instant.',
    calls_unavailable: 'Les appels sont impossibles ici.',
  },
  request: (id) => `Demande ${id}`,
};

export default errors;
