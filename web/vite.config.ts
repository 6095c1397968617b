import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// No inlined assets and no polyfill: the page then needs neither data: sources nor inline scripts in its
// Content-Security-Policy.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
});
