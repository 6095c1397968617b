/** Who runs this installation, below the help, the terms and the privacy notice. */
export default {
  yourOwn: 'The operator of this service has a text of their own:',
  readIt: 'Read it',
  unnamed:
    'Nobody is named here yet. Whoever runs this service has to name themselves before it is open to others.',
  runBy: 'This service is run by',
  contact: 'Write to',
  noContact: 'No address to write to is given yet.',
};
