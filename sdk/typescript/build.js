import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

// The generated part is made here from the API's document, and kept nowhere else: it cannot be out of date. The generator
// brings a compiler of its own, since it writes by an interface that the one of this project has no more.
const here = import.meta.dirname;
const run = (command, args) =>
  execFileSync(command, args, { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });

for (const made of ['dist', 'src/generated']) rmSync(join(here, made), { recursive: true, force: true });
cpSync(join(here, '../../docs/openapi.json'), join(here, 'openapi.json'));
const generator = ['--package=@hey-api/openapi-ts@0.99.0', '--package=typescript@5.9.3'];
run('npm', ['exec', '--yes', ...generator, '--', 'openapi-ts']);
run(process.execPath, [join(here, '../../node_modules/typescript/bin/tsc'), '-p', '.']);
