import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** The tiers that need no browser; the end-to-end tier is Playwright's (playwright.config.ts). */
export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['test/{unit,parity,integration}/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
