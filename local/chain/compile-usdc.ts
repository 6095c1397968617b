import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Writes usdc.json from usdc.sol. The compiler is no dependency of this project; to change the contract:
 * `npm install --no-save solc@0.8.30 && npx node local/chain/compile-usdc.ts`.
 */
const name = 'solc';
const { default: solc } = (await import(name)) as { default: { compile(input: string): string } };
const folder = new URL('.', import.meta.url);
const settings = {
  optimizer: { enabled: true, runs: 200 },
  viaIR: true,
  evmVersion: 'paris',
  metadata: { bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['evm.deployedBytecode.object'] } },
};
const source = readFileSync(new URL('usdc.sol', folder), 'utf8');
const input = { language: 'Solidity', sources: { 'usdc.sol': { content: source } }, settings };
const { contracts, errors = [] } = JSON.parse(solc.compile(JSON.stringify(input)));
for (const { formattedMessage } of errors) console.error(formattedMessage);
const code = `0x${contracts['usdc.sol'].TestUSDC.evm.deployedBytecode.object}`;
writeFileSync(
  new URL('usdc.json', folder),
  `${JSON.stringify({ compiler: 'solc 0.8.30', code }, null, 2)}\n`,
);
