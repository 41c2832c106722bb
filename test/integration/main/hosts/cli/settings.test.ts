import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '#contract/settings'
import { openTestApp } from '#test/test-app'
import { runCommand } from '#test/test-terminal'

it('lists every setting with its value, and every one is in the help', async () => {
  const app = await openTestApp()
  const { code, stdout } = await runCommand(['settings'], { app })
  expect(code).toBe(0)
  expect(stdout.trim().split('\n')).toHaveLength(Object.keys(DEFAULT_SETTINGS).length)
  expect(stdout).toMatch(/^memory-mb +0$/m)
  expect(stdout).toMatch(/^default-model +none$/m)
  const help = await runCommand(['settings', '--help'])
  for (const name of stdout.trim().split(/ .*\n?/)) expect(help.stdout).toContain(name)
})

it.each([
  ['memory-mb', '4096', 4096],
  ['memoryMb', '4096', 4096],
  ['provider', 'webgpu', 'webgpu'],
  ['default-model', 'starter', 'starter'],
  ['default-model', 'none', null],
  ['theme', 'dark', 'dark'],
])('sets %s to %s, in the file and at once', async (name, typed, value) => {
  const app = await openTestApp()
  const { code, stdout } = await runCommand(['settings', 'set', name, typed], { app })
  expect(code).toBe(0)
  expect(stdout).toBe(`${typed}\n`)
  const field = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  expect(await app.api.settings.get({})).toMatchObject({ [field]: value })
  expect(JSON.parse(await readFile(join(app.dataFolder, 'settings.json'), 'utf8'))).toMatchObject({ [field]: value })
})

it('shows and resets one, and prints JSON when asked', async () => {
  const app = await openTestApp()
  await runCommand(['settings', 'set', 'threads', '3'], { app })
  expect(await runCommand(['settings', 'get', 'threads'], { app })).toMatchObject({ code: 0, stdout: '3\n' })
  expect((await runCommand(['settings', 'get', 'threads', '--json'], { app })).stdout).toBe('{"ok":true,"value":3}\n')
  expect(await runCommand(['settings', 'reset', 'threads'], { app })).toMatchObject({ code: 0, stdout: '0\n' })
  const all = JSON.parse((await runCommand(['settings', '--json'], { app })).stdout) as { value: unknown }
  expect(all.value).toEqual(DEFAULT_SETTINGS)
})

it.each([
  [['set', 'memory-mb', 'lots'], /memory-mb is "lots"; allowed: a whole number from 0 to 1048576/],
  [['set', 'memory-mb', '-1'], /memory-mb is -1; allowed: a whole number/],
  [['set', 'provider', 'tpu'], /provider is "tpu"; allowed: auto, cpu, cuda/],
  [['set', 'theme', 'none'], /theme is "none"; allowed: system, dark, light/],
  [['set', 'memory-gb', '4'], /settings is "memory-gb"; allowed: did you mean memory-mb\?/],
  [['get', 'everything'], /settings is "everything"; allowed: theme, stage, default-model/],
  [['set', 'threads'], /settings is "set threads"; allowed: list, get NAME, set NAME VALUE or reset NAME/],
  [['set', 'images-folder', 'my', 'pictures'], /images-folder is in 2 pieces; allowed: one value, in quotes/],
  [['frobnicate'], /settings is "frobnicate"/],
])('refuses %j with exit code 2, without opening the application', async (words, said) => {
  const { code, stdout, stderr } = await runCommand(['settings', ...words])
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toMatch(said)
})

it('refuses a folder that is no absolute path', async () => {
  const app = await openTestApp()
  const { code, stderr } = await runCommand(['settings', 'set', 'images-folder', 'pictures'], { app })
  expect(code).toBe(2)
  expect(stderr).toContain('an absolute path')
})

it('keeps what another process has set, and takes it over', async () => {
  const window = await openTestApp()
  const beside = await openTestApp({ dataFolder: window.dataFolder, host: 'cli' })
  await runCommand(['settings', 'set', 'threads', '2'], { app: beside })
  await beside.dispose()
  await window.until(event => event.type === 'settings' && event.settings.threads === 2)
  await writeFile(
    join(window.dataFolder, 'settings.json'),
    JSON.stringify({ ...(await window.api.settings.get({})), memoryMb: 512 }),
  )
  expect(await window.api.settings.update({ theme: 'dark' })).toMatchObject({
    threads: 2,
    memoryMb: 512,
    theme: 'dark',
  })
})
