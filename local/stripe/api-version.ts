/** The version that stripe-node 23.1.0 pins; every object here has the shape of this version. */
export const API_VERSION = '2026-10-28.endive';
