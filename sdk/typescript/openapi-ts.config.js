/** What of the API is in the SDK, and in which form. What is for operators and for our own processes is not. */
export default {
  // With "./", or it is taken for a name in a registry.
  input: './openapi.json',
  output: { path: './src/generated', module: { extension: '.js' } },
  parser: { filters: { tags: { exclude: ['operators', 'webhooks', 'internal', 'service'] } } },
  plugins: [
    '@hey-api/typescript',
    { name: '@hey-api/client-fetch', throwOnError: true },
    {
      name: '@hey-api/sdk',
      responseStyle: 'data',
      operations: { strategy: 'single', containerName: 'MindBotApi' },
    },
  ],
};
