/** Why the sign-in service did not do what it was asked. */
export default {
  errors: {
    invalid_credentials: 'E-mail or password is wrong.',
    email_not_confirmed: 'This address is not confirmed yet: open the link in the mail we sent you.',
    user_already_exists: 'There is already an account with this address. Sign in instead.',
    email_exists: 'There is already an account with this address.',
    email_address_invalid: 'This e-mail address is not valid.',
    over_email_send_rate_limit: 'Too many mails were sent to this address. Wait a few minutes.',
    over_request_rate_limit: 'Too many tries. Wait a minute, then try again.',
    signup_disabled: 'New accounts cannot be made at the moment.',
    same_password: 'This is your password already. Choose another one.',
    weak_password: 'This password is too easy to guess. Choose a longer one.',
    reauthentication_needed:
      'You signed in long ago. Sign out, sign in again, and change your password then.',
    session_not_found: 'You were signed out. Sign in again.',
    session_expired: 'You were signed out. Sign in again.',
    user_banned: 'This account is closed.',
    otp_disabled: 'There is no account with this address.',
    unreachable: 'The sign-in service cannot be reached. Try again.',
    other: 'That did not work.',
  },
  /** Of links in mails that let nobody in. */
  links: {
    otp_expired:
      'This link was used already, or is too old. If you are not signed in, try that: an address that is confirmed needs no link, and for any other one signing up again sends a new one.',
    access_denied: 'This link does not let you in. Sign in, or sign up again for a new one.',
    flow_state_expired: 'This link is too old. Sign in, or sign up again for a new one.',
    flow_state_not_found: 'This link was opened in another browser, or was used already. Sign in.',
    bad_code_verifier: 'This link was opened in another browser than it was asked for in. Sign in.',
    user_banned: 'This account is closed.',
    other: 'This link did not work. Sign in, or sign up again for a new one.',
  },
};
