import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium } from './scripts/machine/chromium.ts'

/** End to end: the built page in a Chromium of this machine, and the Electron app where its binary is. */
const chromium = findChromium()

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  fullyParallel: false,
  workers: 1,
  timeout: 45_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    locale: 'en-US',
    colorScheme: 'dark',
    viewport: { width: 1440, height: 900 },
    actionTimeout: 10_000,
    launchOptions: {
      args: chromiumArguments(),
      ...(chromium.path !== null && existsSync(chromium.path) ? { executablePath: chromium.path } : {}),
    },
  },
  projects: [
    { name: 'page', testDir: 'test/e2e/page' },
    { name: 'electron', testDir: 'test/e2e/electron' },
  ],
})
