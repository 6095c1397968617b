import { Router } from 'express';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import type { Dependencies } from '../dependencies.ts';

export function catalogueRoutes({ database }: Dependencies): Router {
  const router = Router();
  router.get('/pricing', async (_request, response) => {
    const packages = await listPackages(database);
    // A minute, because the price that counts is the one frozen into a purchase, and that is shown before paying.
    response.set('cache-control', 'public, max-age=60').json(packages);
  });
  return router;
}
