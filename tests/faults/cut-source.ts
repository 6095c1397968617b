import { registerHooks } from 'node:module';

/**
 * Loaded first by a process that shall be broken on purpose: cuts guards out of the source as it is read, so that
 * no broken line is ever written to a file.
 * FAULTS_CUTS is JSON: [the end of the file's address, what is right, what is wrong][]
 */
const cuts = JSON.parse(process.env.FAULTS_CUTS ?? '[]') as [file: string, right: string, wrong: string][];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const mine = cuts.filter(([file]) => url.endsWith(file));
    if (mine.length === 0) return loaded;
    let source =
      typeof loaded.source === 'string'
        ? loaded.source
        : new TextDecoder().decode(loaded.source ?? undefined);
    for (const [file, right, wrong] of mine) {
      if (!source.includes(right)) throw new Error(`${file} has no "${right}"`);
      source = source.replace(right, () => wrong);
    }
    return { ...loaded, source };
  },
});
