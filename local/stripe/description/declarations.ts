import { existsSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join, normalize } from 'node:path';

/**
 * Reads the declarations (.d.ts) of the installed `stripe` package. They are generated from Stripe's OpenAPI for
 * the API version that the package pins, so they say which fields each object and which parameters each call has.
 * Being generated they are regular, one statement a line, which is why no compiler is needed to read them; what
 * does not fit makes the reading fail.
 */
type Type =
  | { readonly is: 'any' | 'boolean' | 'null' | 'number' | 'string' }
  | { readonly is: 'literal'; readonly value: string | number | boolean }
  | { readonly is: 'list' | 'map' | 'page'; readonly items: readonly Type[] }
  | { readonly is: 'fields'; readonly declared: Interface };

/** What may stand in a place: any of these. */
export type Union = readonly Type[];

interface Field {
  readonly name: string;
  readonly optional: boolean;
  readonly union: Union;
}

export interface Interface {
  /** Such as `PaymentIntent.AmountDetails`. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
}

interface Source {
  readonly interfaces: Map<string, Interface>;
  readonly aliases: Map<string, string>;
  /** Where a name that the file imports comes from: file and name there. */
  readonly imports: Map<string, readonly [string, string]>;
  /** The declaration of its parameters by the name of a call, such as `create`. */
  readonly calls: Map<string, string>;
}

const FOLDER = join(dirname(findPackageJSON('stripe', import.meta.url) ?? ''), 'esm');
const SIMPLE = new Set(['any', 'boolean', 'null', 'number', 'string', 'unknown']);
/** Names that are written otherwise on the wire. */
const ON_THE_WIRE: Readonly<Record<string, Type>> = {
  Decimal: { is: 'string' },
  Metadata: { is: 'map', items: [{ is: 'string' }] },
  MetadataParam: { is: 'map', items: [{ is: 'string' }] },
};

/** Splits at ` | ` outside of brackets. */
function alternatives(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if ('<{[('.includes(character)) depth += 1;
    if ('>}])'.includes(character)) depth -= 1;
    if (character === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** One place in a file, from which names are looked up. */
interface Place {
  readonly path: string;
  readonly scope: readonly string[];
}

function named(name: string, { path, scope }: Place): Union {
  const known = ON_THE_WIRE[name];
  if (known !== undefined) return [known];
  const source = sourceOf(path);
  for (let depth = scope.length; depth >= 0; depth -= 1) {
    const full = [...scope.slice(0, depth), name].join('.');
    const declared = source.interfaces.get(full);
    if (declared !== undefined) return [{ is: 'fields', declared }];
    const alias = source.aliases.get(full);
    if (alias !== undefined) return typesOf(alias, { path, scope: full.split('.') });
  }
  const [first = '', ...rest] = name.split('.');
  const imported = source.imports.get(first);
  if (imported === undefined) throw new Error(`${path} does not say what ${name} is`);
  return named([imported[1], ...rest].filter((part) => part !== '').join('.'), {
    path: imported[0],
    scope: [],
  });
}

function typesOf(text: string, place: Place): Union {
  return alternatives(text).flatMap((part): Union => {
    if (SIMPLE.has(part)) return [{ is: (part === 'unknown' ? 'any' : part) as 'any' }];
    if (part === 'OtherString' || part === 'void') return [];
    if (/^(true|false|-?\d+|'.*')$/.test(part)) {
      return [{ is: 'literal', value: JSON.parse(part.replaceAll("'", '"')) }];
    }
    const [, wrapper, inner = ''] = /^(\w+)<(.*)>$/.exec(part) ?? [];
    if (wrapper === 'Array') return [{ is: 'list', items: typesOf(inner, place) }];
    if (wrapper === 'ApiList') return [{ is: 'page', items: typesOf(inner, place) }];
    if (wrapper === 'Emptyable') return [{ is: 'literal', value: '' }, ...typesOf(inner, place)];
    const entries = /^\{ \[\w+: string\]: (.*); \}$/.exec(part)?.[1];
    if (entries !== undefined) return [{ is: 'map', items: typesOf(entries, place) }];
    if (wrapper !== undefined || !/^[\w.]+$/.test(part)) throw new Error(`cannot read the type ${part}`);
    return named(part, place);
  });
}

/** What the SDK adds are functions; the wire has none. */
const isField = (line: string) => !/^\w+\(.*\): /.test(line);

/** An interface whose fields are read when they are first asked for: objects name each other in circles. */
function lazyInterface(place: Place, parents: string, lines: readonly string[]): Interface {
  let read: Map<string, Field> | undefined;
  const readFields = (): Map<string, Field> => {
    const inherited = parents
      .split(/,\s*/)
      .filter((parent) => parent !== '')
      .flatMap((parent) => named(parent, place))
      .flatMap((type) => (type.is === 'fields' ? [...type.declared.fields] : []));
    const own = lines.filter(isField).map((line): [string, Field] => {
      const [, name = '', mark, text = ''] = /^(\w+|\[\w+: string\])(\??): (.*);$/.exec(line) ?? [];
      if (text === '') throw new Error(`${place.path} says of ${place.scope.join('.')}: ${line}`);
      let union: Union | undefined;
      const field = {
        name,
        optional: mark === '?',
        get union() {
          union ??= typesOf(text, place);
          return union;
        },
      };
      return [name, field];
    });
    return new Map([...inherited, ...own]);
  };
  return {
    name: place.scope.join('.'),
    get fields() {
      read ??= readFields();
      return read;
    },
  };
}

/** Statements of a file, one an entry, without comments. */
function statementsOf(text: string): string[] {
  const statements: string[] = [];
  let unfinished = '';
  for (const line of text.split('\n')) {
    const part = line.trimStart();
    if (part === '' || part.startsWith('*') || part.startsWith('/')) continue;
    // An object without a name of its own goes over several lines.
    const begins = part.endsWith('{') && /^((export )?type \w+ =|(\w+|\[\w+: string\])\??:) /.test(part);
    if (unfinished === '' && !begins) {
      statements.push(part);
      continue;
    }
    unfinished += unfinished === '' ? part : ` ${part}`;
    if (!part.startsWith('}')) continue;
    statements.push(unfinished);
    unfinished = '';
  }
  return statements;
}

function readImport(statement: string, path: string, imports: Source['imports']): void {
  const [, names = '', whole, from = ''] =
    /^(?:import|export) (?:\{ (.*) \}|\* as (\w+)) from '(.*)\.js';$/.exec(statement) ?? [];
  const file = normalize(join(dirname(path), `${from}.d.ts`));
  if (whole !== undefined) imports.set(whole, [file, '']);
  for (const name of names.split(', ')) {
    const [theirs = '', ours = theirs] = name.split(' as ');
    if (theirs !== '') imports.set(ours, [file, theirs]);
  }
}

function readSource(path: string): Source {
  const source: Source = { interfaces: new Map(), aliases: new Map(), imports: new Map(), calls: new Map() };
  const scope: string[] = [];
  let lines: string[] | undefined;
  for (const statement of statementsOf(readFileSync(join(FOLDER, path), 'utf8'))) {
    if (statement === '}') {
      scope.pop();
      lines = undefined;
      continue;
    }
    if (lines !== undefined) {
      lines.push(statement);
      continue;
    }
    const [, block, name = '', parents = ''] =
      /^(?:export )?(?:declare )?(namespace|interface|class) (\w+)(?: extends (.+?))? \{$/.exec(statement) ??
      [];
    if (block !== undefined) {
      scope.push(name);
      if (block !== 'interface') continue;
      lines = [];
      source.interfaces.set(scope.join('.'), lazyInterface({ path, scope: [...scope] }, parents, lines));
      continue;
    }
    const [, alias, meaning = ''] = /^(?:export )?type (\w+) = (.*);$/.exec(statement) ?? [];
    if (alias !== undefined) source.aliases.set([...scope, alias].join('.'), meaning);
    const [, call, params] = /^(\w+)\(.*?\bparams\??: ([\w.]+)[,)]/.exec(statement) ?? [];
    if (call !== undefined && params !== undefined) source.calls.set(call, params);
    readImport(statement, path, source.imports);
  }
  return source;
}

const sources = new Map<string, Source>();

function sourceOf(path: string): Source {
  const known = sources.get(path) ?? readSource(path);
  sources.set(path, known);
  return known;
}

/** `payment_intent` → `PaymentIntent` */
function inCapitals(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z0-9])/g, (_whole, letter: string) => letter.toUpperCase());
}

/** Objects whose declaration is not called after them. */
const CALLED_OTHERWISE: Readonly<Record<string, readonly [string, string]>> = {
  balance: ['Balance', 'Balance'],
  event: ['Events', 'EventBase'],
  invoiceitem: ['InvoiceItems', 'InvoiceItem'],
  item: ['LineItems', 'LineItem'],
  line_item: ['InvoiceLineItems', 'InvoiceLineItem'],
  'v2.billing.meter_event_session': ['V2/Billing/MeterEventSession', 'MeterEventSession'],
};

/** Of thin events each type is declared by itself. */
function thinEvent(type: string): readonly [string, string] {
  // `v2.core.account[requirements].updated` is declared as V2CoreAccountIncludingRequirementsUpdatedEvent.
  const words = type.replace('[', '.including.').replace(']', '').replaceAll('.', '_');
  return ['V2/Core/Events', `${inCapitals(words)}Event`];
}

/**
 * The declaration of an object.
 * @param object the value of its `object` field, such as `checkout.session`
 * @param type of a thin event
 * @throws when the package declares no such object
 */
export function declarationOf(object: string, type = ''): Interface {
  const parts = object.split('.').map(inCapitals);
  const last = parts.at(-1) ?? '';
  const plural = `${last.endsWith('y') ? `${last.slice(0, -1)}ie` : last}s`;
  const [file, name] =
    object === 'v2.core.event'
      ? thinEvent(type)
      : (CALLED_OTHERWISE[object] ?? [[...parts.slice(0, -1), plural].join('/'), last]);
  const path = `resources/${file}.d.ts`;
  const declared = existsSync(join(FOLDER, path)) ? sourceOf(path).interfaces.get(name) : undefined;
  if (declared === undefined) throw new Error(`the stripe package declares no object ${object}`);
  return declared;
}

/** Parts of paths that are written as one word. */
const FILES_CALLED_OTHERWISE: Readonly<Record<string, string>> = { invoiceitems: 'invoice_items' };

/**
 * The declaration of the parameters of a call, or undefined when the package has no such call.
 * @param path such as `/v1/payment_intents/:id/confirm`
 */
export function parametersOf(method: string, path: string): Interface | undefined {
  const [version, ...words] = path.split('/').slice(1);
  const [first = '', second = ''] = words.map((word) => inCapitals(FILES_CALLED_OTHERWISE[word] ?? word));
  const candidates =
    version === 'v2' ? [`V2/${first}/${second}`] : [first, `${first}s`, `${first}/${second}`];
  const file = candidates.find((name) => existsSync(join(FOLDER, `resources/${name}.js`)));
  if (file === undefined) return undefined;
  const wanted = `${method} ${path.replaceAll(/:\w+/g, ':')}`;
  const code = readFileSync(join(FOLDER, `resources/${file}.js`), 'utf8');
  for (const [, call = '', verb, url = ''] of code.matchAll(
    /^ {4}(\w+)\([^)]*\) \{\n(?:(?!^ {4}\})[\s\S])*?_makeRequest\('(\w+)', ['`](.*?)['`],/gm,
  )) {
    if (`${verb} ${url.replaceAll(/\$\{.*?\}/g, ':')}` !== wanted) continue;
    const name = sourceOf(`resources/${file}.d.ts`).calls.get(call);
    const [type] = name === undefined ? [] : named(name, { path: `resources/${file}.d.ts`, scope: [] });
    if (type?.is === 'fields') return type.declared;
  }
  return undefined;
}
