import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve } from 'node:path';

const USAGE = `npm run structure -- [folder of a checkout]
  How large files and folders are, and which imports go where they should not. Ends with 1 when folders
  import each other, or when an import goes against the floors (docs/architecture.md).`;

/** Whom each folder may import besides itself: the same rules as in docs/architecture.md and biome.json. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  shared: [],
  agent: ['shared'],
  'webhook-server': ['shared'],
  local: ['shared'],
  web: ['shared'],
  commands: ['shared', 'agent', 'webhook-server', 'local', 'web'],
};

const IMPORT =
  /^\s*(?:import|export)\s[^'"`;]*?\bfrom\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

type SourceFile = { path: string; lines: number; imports: string[] };
type Import = { from: string; to: string };
/** Two folders of the same top folder that import each other, with how many imports go which way. */
type TwoWayPair = { folders: [string, string]; there: Import[]; back: Import[] };

/** @returns paths of the imported files of this project, relative to `root` */
function importsOf(root: string, path: string, text: string): string[] {
  return [...text.matchAll(IMPORT)]
    .map((found) => found[1] ?? found[2] ?? found[3] ?? '')
    .filter((target) => target.startsWith('.'))
    .map((target) => relative(root, resolve(root, dirname(path), normalize(target))));
}

function readSources(root: string): SourceFile[] {
  return Object.keys(MAY_IMPORT).flatMap((top) =>
    globSync('**/*.{ts,tsx}', { cwd: join(root, top), exclude: (name) => name === 'node_modules' })
      .filter((name) => !/\.(test|d)\.tsx?$/.test(name))
      .map((name) => {
        const path = join(top, name);
        const text = readFileSync(join(root, path), 'utf8');
        return { path, lines: text.split('\n').length - 1, imports: importsOf(root, path, text) };
      }),
  );
}

const topOf = (path: string) => path.split('/')[0] ?? path;

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? 0, sorted[middle] ?? 0];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** Folders of one top folder that import each other; a folder is where files lie, at any depth. */
function findTwoWayPairs(imports: readonly Import[]): TwoWayPair[] {
  const inside = imports.filter(({ from, to }) => topOf(from) === topOf(to) && dirname(from) !== dirname(to));
  const ways = Map.groupBy(inside, ({ from, to }) => `${dirname(from)} ${dirname(to)}`);
  return [...ways].flatMap(([key, there]) => {
    const [one = '', other = ''] = key.split(' ');
    const back = ways.get(`${other} ${one}`);
    return back && one < other ? [{ folders: [one, other], there, back }] : [];
  });
}

const isNested = ({ folders: [one, other] }: TwoWayPair) => other.startsWith(`${one}/`);

/** Everything that a file builds on, itself among it. */
function reachOf(path: string, imports: ReadonlyMap<string, readonly Import[]>): Set<string> {
  const reached = new Set([path]);
  for (const one of reached) for (const { to } of imports.get(one) ?? []) reached.add(to);
  return reached;
}

/**
 * Imports against the floors: those that docs/architecture.md does not allow, and those of a file in an enclosing
 * folder that builds on the folder it is imported from. What lies above and builds on nothing there is ground.
 */
function findArrowsUp(imports: readonly Import[], pairs: readonly TwoWayPair[]): Import[] {
  const forbidden = imports.filter(
    ({ from, to }) => topOf(from) !== topOf(to) && !MAY_IMPORT[topOf(from)]?.includes(topOf(to)),
  );
  const byFile = Map.groupBy(imports, ({ from }) => from);
  const buildsOn = (path: string, folder: string) =>
    [...reachOf(path, byFile)].some((reached) => dirname(reached) === folder);
  const inside = pairs.filter(isNested).flatMap(({ back }) => back);
  return [...forbidden, ...inside.filter(({ from, to }) => buildsOn(to, dirname(from)))];
}

/** One row for each folder in which a file lies, indented, after its top folder's own sums. */
function sizeRows(files: readonly SourceFile[]): string[] {
  const row = (label: string, of: readonly SourceFile[]) => {
    const lines = of.map((file) => file.lines);
    const total = lines.reduce((sum, count) => sum + count, 0);
    const [filesText, totalText, medianText] = [of.length, total, median(lines)].map(String);
    return `${label.padEnd(40)}${filesText?.padStart(7)}${totalText?.padStart(9)}${medianText?.padStart(9)}`;
  };
  const rows = Object.keys(MAY_IMPORT).flatMap((top) => {
    const own = files.filter(({ path }) => topOf(path) === top);
    const folders = [...Map.groupBy(own, ({ path }) => dirname(path))].toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    );
    return [row(top, own), ...folders.map(([folder, of]) => row(`  ${folder}`, of))];
  });
  return [`${'folder'.padEnd(40)}  files    lines   median`, ...rows, row('all', files)];
}

const listImports = (imports: readonly Import[]) => imports.map(({ from, to }) => `  ${from} imports ${to}`);

if (import.meta.main) {
  const [root = '.', ...rest] = process.argv.slice(2);
  if (rest.length > 0 || root.startsWith('-')) {
    console.error(USAGE);
    process.exit(2);
  }
  const files = readSources(root);
  const imports = files.flatMap(({ path, imports: targets }) => targets.map((to) => ({ from: path, to })));
  const twoWay = findTwoWayPairs(imports);
  const pairs = twoWay.filter((pair) => !isNested(pair));
  const arrowsUp = findArrowsUp(imports, twoWay);
  const report = [
    ...sizeRows(files),
    '',
    ...pairs.flatMap(({ folders: [one, other], there, back }) => [
      `${one} and ${other} import each other (${there.length} and ${back.length} imports); the rarer way:`,
      ...listImports(there.length <= back.length ? there : back),
    ]),
    ...(arrowsUp.length > 0 ? ['Against the floors:', ...listImports(arrowsUp)] : []),
    `${pairs.length} two-way folder pairs, ${arrowsUp.length} arrows up`,
  ];
  console.log(report.join('\n'));
  process.exitCode = pairs.length + arrowsUp.length === 0 ? 0 : 1;
}
