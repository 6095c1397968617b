/** A fixture of vitest's that is started when it is needed, and closed behind its last use. */
export const closing =
  <Server extends { close(): Promise<void> }>(start: () => Promise<Server>) =>
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads there what a fixture depends on
  async ({}, { onCleanup }: { onCleanup: (close: () => Promise<void>) => void }): Promise<Server> => {
    const server = await start();
    onCleanup(() => server.close());
    return server;
  };
