/**
 * The whole application with the scriptable engine behind it, at a loopback address: for work on the page and for tests
 * that want slow, even steps. `node test/support/serve-fake.ts [port] [milliseconds a step] [data folder]`.
 */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '#hosts/server/start-server'
import { createApp } from '#services/create-app'
import { createFakeEngine } from './fake-engine.ts'
import { createSilentLog } from './silent-log.ts'

const [port = '0', stepMs = '150', folder] = process.argv.slice(2)
const root = join(import.meta.dirname, '../..')
const log = createSilentLog()
const dataFolder = folder ?? (await mkdtemp(join(tmpdir(), 'easel-fake-')))
const app = await createApp({
  dataFolder,
  modelFolders: [join(root, 'models'), join(dataFolder, 'models')],
  host: 'server',
  appVersion: '0.0.0-fake',
  engine: createFakeEngine({ stepMs: Number(stepMs), previewEveryMs: 200 }),
  now: Date.now,
  drawSeed: () => Math.floor(Math.random() * 2 ** 32),
  log,
  showFile: null,
})
const pageFolder = join(root, 'dist/page')
const server = await startServer({ app, host: '127.0.0.1', port: Number(port), token: null, pageFolder, log })
process.stdout.write(`${server.url} (fake engine, data in ${dataFolder})\n`)

async function stop(): Promise<void> {
  await server.close()
  await app.dispose()
  process.exit(0)
}
process.once('SIGINT', () => void stop())
process.once('SIGTERM', () => void stop())
