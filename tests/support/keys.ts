/** Keys of the stand-ins in tests: well-formed, and worthless anywhere else. */
export const TEST_KEYS = {
  publishableKey: 'sb_publishable_TestTestTestTestTestTe_TestTest',
  secretKey: 'sb_secret_TestTestTestTestTestTe_TestTest',
  jwtSecret: 'test-only-jwt-secret-of-more-than-32-characters',
};

/** Name of the migrated database that test files clone. */
export const TEMPLATE = 'mindbot_template';
