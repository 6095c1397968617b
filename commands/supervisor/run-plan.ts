import type { StatusDocument } from '../configuration/status-document.ts';
import type { Address } from '../output/reporter.ts';
import type { Service } from './service.ts';

/** All that one run starts, and what it tells people about it. */
export type RunPlan = {
  mode: 'development' | 'production';
  services: readonly Service[];
  addresses: readonly Address[];
  status: StatusDocument;
};
