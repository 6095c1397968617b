/** Reasons of an end that the worker or the reaper writes, told to the caller. */
export const ENDINGS = {
  caller_hung_up: 'You hung up.',
  caller_never_came: 'You did not come into the call.',
  never_heard: 'The assistant could not be heard on your side, so the call ended before it began.',
  time_used_up: 'Your time was used up.',
  silence: 'Nothing was said for a while, so the assistant said goodbye.',
  said_goodbye: 'You and the assistant said goodbye.',
  line_lost: 'Your line was lost and did not come back in time.',
  lease_expired: 'The call broke off on our side. Only what was reported until then is charged.',
  our_outage: 'Our own line was lost, so the call had to end.',
  provider_outage: 'A service that the assistant needs failed, so the call had to end.',
  billing_unreachable: 'Your account could not be reached, so the call had to end.',
  fenced: 'The call went on in another place.',
  refused: 'The call could not begin.',
  nobody_answered: 'Nobody answered. Nothing was charged; please try again in a moment.',
  busy: 'Too many calls began at once. Nothing was charged; please try again in a moment.',
  no_time_left: 'No time is left. Buy a time card or activate a code.',
  too_many_calls: 'Too many calls use your account at once. End one of them first.',
  too_many_short_calls: 'You called many times in a few minutes. Please wait a little before you call again.',
  room_taken: 'Another call is going on in this room. Begin a new one.',
  call_settled: 'This call is over. Begin a new one.',
  call_mismatch: 'This call belongs to somebody else.',
  unknown_user: 'This account does not exist any more.',
  conversation_failed: 'The assistant failed, so the call had to end.',
  job_shutdown: 'The service was shut down.',
};

export const WINDOWS = {
  connecting: 'Connecting',
  talking: 'Talking',
  line_down: 'Your line was cut',
  our_outage: 'Outage on our side',
  provider_outage: 'Outage of a service that we use',
  desk: 'Buying more time',
  goodbye: 'Goodbye',
  earlier: 'Before another worker took over',
};

const asWords = (name: string) => {
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Why a call ended, as a sentence, in English unless other words are given; an unknown reason is shown as it is. */
export function endWords(reason: string, words: Readonly<Record<string, string>> = ENDINGS): string {
  return words[reason] ?? `${asWords(reason)}.`;
}

/** Why a stretch of a call was billed or free, in the same way. */
export function windowWords(reason: string, words: Readonly<Record<string, string>> = WINDOWS): string {
  return words[reason] ?? asWords(reason);
}
