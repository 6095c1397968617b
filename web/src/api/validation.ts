import { z } from 'zod';

// zod compiles its parsers with `new Function` where it may; a strict Content-Security-Policy reports even
// the attempt as a violation. This module must be imported before any schema is used.
z.config({ jitless: true });
