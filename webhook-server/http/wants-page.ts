import type { Request } from 'express';

/** Whether a browser asks for a page, and not a script or a program for data. */
export const wantsPage = (request: Request): boolean => request.accepts(['json', 'html']) === 'html';
