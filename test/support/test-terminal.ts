/** A terminal that keeps what was written to it, and commands run in this process against a test application. */
import { onTestFinished } from 'vitest'
import type { CommandContext } from '#hosts/cli/command'
import { runCli } from '#hosts/cli/run-cli'
import { createTerminal } from '#hosts/cli/terminal'
import type { OpenedApp } from '#hosts/open-app'
import { createLog } from '#services/log'
import type { TestApp } from './test-app.ts'

export interface CliRun {
  code: number
  stdout: string
  stderr: string
}

export interface CliOptions {
  /** Without one, a command that opens the application fails the test. */
  app?: TestApp
  env?: Record<string, string>
  isInteractive?: boolean
  interrupt?: AbortController
}

export async function runCommand(words: string[], options: CliOptions = {}): Promise<CliRun> {
  let stdout = ''
  let stderr = ''
  const interrupt = options.interrupt ?? new AbortController()
  onTestFinished(() => interrupt.abort())
  const context: CommandContext = {
    terminal: createTerminal(
      { write: text => (stdout += text) },
      { write: text => (stderr += text), isTTY: options.isInteractive ?? false, columns: 80 },
    ),
    env: options.env ?? {},
    interrupt: interrupt.signal,
    pageFolder: '/nowhere',
    open: async () => {
      if (options.app === undefined) throw new Error('the application was opened')
      return open(options.app)
    },
  }
  const code = await runCli(words, context, '1.2.3')
  return { code, stdout, stderr }
}

/** The command may close it; the test closes it again without harm. */
function open(app: TestApp): OpenedApp {
  const log = createLog({ file: `${app.dataFolder}/log`, level: 'error', now: Date.now, maxBytes: 1e6, keep: 1 })
  return { app, log, close: () => Promise.resolve() }
}
