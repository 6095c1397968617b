import { pricingResponse } from '../../shared/api/pricing.ts';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import { trialOfferOf } from '../../shared/catalogue/trial-offer.ts';
import { remember } from '../base/remember.ts';
import { route } from '../http/route.ts';

export const catalogueRoutes = [
  route({
    operationId: 'listPackages',
    tag: 'purchases',
    method: 'get',
    path: '/pricing',
    access: 'anybody',
    summary: 'The packages for sale, and free minutes to try',
    description: 'May be cached for a minute. The price that counts is the one that a purchase begins at.',
    answer: pricingResponse,
    prepare({ database, config }) {
      const readPackages = remember(() => listPackages(database), {
        freshMs: 1_000,
        staleMs: 60_000,
        patienceMs: 100,
      });
      return async ({ response }) => {
        const packages = await readPackages();
        // A minute, because the price that counts is the one frozen into a purchase, and that is shown before paying.
        response.set('cache-control', 'public, max-age=60');
        return { ...packages, trial: trialOfferOf(config) };
      };
    },
  }),
];
