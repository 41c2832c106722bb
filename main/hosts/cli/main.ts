/**
 * The command line of Easel: `main.ts <generate|models|gallery|settings|serve> ...`. This file knows the process (arguments,
 * streams, signals, folders); what a command does is in `run-cli.ts` and beside it.
 */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { dataFolderOf } from '../data-folder.ts'
import { openApp } from '../open-app.ts'
import { EXIT } from './command.ts'
import { runCli } from './run-cli.ts'
import { createTerminal } from './terminal.ts'

const root = join(import.meta.dirname, '../../..')
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
const terminal = createTerminal(process.stdout, process.stderr)
const interrupt = new AbortController()

/** npm repeats a Ctrl+C that the terminal has already sent to every process: within this time two signals are one. */
const SAME_SIGNAL_MS = 1000
let interruptedAt = -Infinity

/** The first Ctrl+C stops in good order; a second one does not wait. */
function onSignal(): void {
  const now = performance.now()
  if (interrupt.signal.aborted && now - interruptedAt > SAME_SIGNAL_MS) process.exit(EXIT.interrupted)
  if (!interrupt.signal.aborted) interruptedAt = now
  interrupt.abort()
}
process.on('SIGINT', onSignal)
process.on('SIGTERM', onSignal)

/** Why the answer is not where it was sent. */
let lost: Error | null = null
// `easel gallery | head` closes the pipe early, which is no fault of anybody: what is under way ends in good order.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') lost = error
})
process.stderr.on('error', () => undefined) // there is nobody to tell
process.on('exit', code => {
  if (lost === null || code !== EXIT.done) return
  terminal.say(`The answer could not be written: ${lost.message}.`)
  process.exitCode = EXIT.failed
})

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    terminal,
    env: process.env,
    interrupt: interrupt.signal,
    pageFolder: join(root, 'dist/page'),
    open: (host, isJobComing) =>
      openApp({
        host,
        isJobComing,
        dataFolder: dataFolderOf({ platform: process.platform, env: process.env, home: homedir() }),
        appVersion: version,
        bundledModels: join(root, 'models'),
        nodeBinary: process.execPath,
        engineEntry: join(root, 'main/engine/engine-process.ts'),
      }),
  },
  version,
)
