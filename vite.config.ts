import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/**
 * Builds the page into dist/page: root-relative URLs (the server and Electron's own protocol serve the same paths),
 * hashed names, and nothing inline, so that a content security policy without 'unsafe-inline' holds.
 */
export default defineConfig({
  root: 'renderer',
  base: '/',
  plugins: [vue({ template: { compilerOptions: { isCustomElement: tag => tag === 'selectedcontent' } } })],
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
