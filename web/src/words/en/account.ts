/** What one person owns, has used and has chosen. */
export default {
  access: {
    title: 'Signing in',
    signedInAs: 'Signed in as',
    changeEmail: 'Change the e-mail address',
    newEmail: 'New e-mail address',
    saveEmail: 'Change the address',
    emailSent:
      'Open the links in the mails we sent to your old and your new address. Until then nothing changes.',
    emailChanged: 'Your address is changed.',
    changePassword: 'Change the password',
    signOut: 'Sign out',
    signOutEverywhere: 'Sign out everywhere',
    everywhereWhy: 'Ends every session of yours, on all devices, this one included.',
  },
  ownData: {
    title: 'Your data',
    take: 'Take it along',
    takeWhy: 'All that is kept of you, as one file.',
    taking: 'Gathering it …',
    remove: 'Delete the account …',
    removeTitle: 'Delete your account?',
    removeWhy: 'It is gone for good. What the books must keep is kept without your name.',
    lose: (time: string) => `${time} that you have not used are given up. No money comes back for them.`,
    gifts: (count: number) =>
      count === 1
        ? 'A gift you bought was not used yet. It stays valid: note its code.'
        : `${count} gifts you bought were not used yet. They stay valid: note their codes.`,
    live: 'Your running call is ended.',
    typeEmail: 'Your e-mail address, to be sure',
    yourPassword: 'Your password',
    agree: 'I give that time up.',
    removeNow: 'Delete for good',
    keep: 'Keep it',
    loading: 'Looking at what would be lost …',
  },
  purchases: {
    title: 'Purchases',
    none: 'None yet.',
    gift: 'gift',
    refunded: (money: string) => `${money} refunded`,
    disputed: (money: string) => `${money} under dispute`,
    lost: (money: string) => `${money} went back by a dispute`,
  },
  usage: {
    table: 'As a table',
    day: 'Day',
    calls: 'Calls',
    talked: 'Talked',
    held: (time: string) => `${time} of it held for a running call`,
  },
};
