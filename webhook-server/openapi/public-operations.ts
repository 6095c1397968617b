import type { Operation } from './operation.ts';

export const publicOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/pricing',
    summary: 'The packages for sale',
    description: 'May be cached for a minute. The price that counts is the one that a purchase begins at.',
    answer: 'PricingResponse',
    faults: ['database_unavailable'],
  },
  {
    method: 'get',
    path: '/config.json',
    summary: 'Addresses and public keys for the page',
    answer: 'PageConfig',
    faults: [],
  },
  {
    method: 'get',
    path: '/health',
    summary: 'Whether this replica gets anything done',
    description: 'Status 503, with the same body, when the database does not answer.',
    answer: 'HealthResponse',
    faults: [],
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Figures for Prometheus',
    answer: 'text',
    faults: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    answer: 'json',
    faults: [],
  },
];
