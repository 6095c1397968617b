/** What is kept of people. */
export default {
  parts: [
    {
      title: 'What is kept',
      text: 'Your e-mail address; what you bought and how much of it you used; when your calls began and ended, and technical measures of them. What you say is turned into text to answer you, and the sound is not stored.',
    },
    {
      title: 'What the assistant remembers',
      text: 'If memory is on, short facts from your calls, such as that you have a dog. You see all of it in your account, and can correct it, erase it, or turn memory off.',
    },
    {
      title: 'Who else is involved',
      text: 'Payments are taken by Stripe, which alone sees your card. Sign-in and the database are Supabase’s; calls go through LiveKit; speech and answers are made by the providers of speech and language that this installation uses. Each sees what it needs for that.',
    },
    {
      title: 'In this browser',
      text: 'The page stores your sign-in, the language you chose, and a payment that is under way. There are no cookies for advertising, and nobody’s trackers.',
    },
    {
      title: 'Your rights',
      text: 'In your account you can take along all that is kept of you as one file, and delete the account. What the books must keep by law is then kept without your name.',
    },
  ],
};
