import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium } from './scripts/machine/chromium.ts'

const chromium = findChromium()

/** The end-to-end tier: `page` drives the built page over the server host, `electron` the Electron app where its binary is. */
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  workers: 1,
  timeout: 120_000,
  forbidOnly: true,
  use: {
    ...(chromium.path === null ? {} : { launchOptions: { executablePath: chromium.path, args: chromiumArguments() } }),
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'page', testIgnore: 'electron/**' },
    { name: 'electron', testMatch: 'electron/**/*.spec.ts' },
  ],
})
