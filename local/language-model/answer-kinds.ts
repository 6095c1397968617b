/** Either something to say, or a tool to call. */
export type Answer =
  | { text: string }
  | { call: { name: string; arguments: Record<string, string | boolean> } };
