import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** As much of Rolldown's context as is used. */
interface Graph {
  getModuleInfo(id: string): { importedIds: readonly string[] } | null
}

const ENTRY = resolve(import.meta.dirname, 'renderer/index.html')
let firstView: Set<string> | null = null

/**
 * Everything that the first view imports is one file. Cut by who shares what, as bundlers do, it came in 26, and the requests
 * took longer than the scripts; what is loaded later stays cut that way.
 */
function nameChunk(id: string, graph: Graph): string | null {
  firstView ??= importedFrom(ENTRY, graph)
  return firstView.has(id) ? 'first-view' : null
}

function importedFrom(entry: string, graph: Graph): Set<string> {
  const found = new Set([entry])
  for (const id of found) for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) found.add(imported)
  return found
}

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
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: [{ debugName: 'first view', name: nameChunk }] } } },
  },
})
