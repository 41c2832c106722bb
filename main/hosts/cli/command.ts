/** What every command of the CLI is given, and how it ends. */
import type { OpenedApp } from '../open-app.ts'
import type { FlagSpec, ParsedWords } from './flags.ts'
import type { Terminal } from './terminal.ts'

export const EXIT = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export interface CommandContext {
  terminal: Terminal
  env: Readonly<Record<string, string | undefined>>
  /** Opens the application on the user's data folder. */
  open(host: 'cli' | 'server', isJobComing: boolean): Promise<OpenedApp>
  /** Aborted by Ctrl+C or SIGTERM. */
  interrupt: AbortSignal
  /** Folder of the built page. */
  pageFolder: string
}

export interface Command {
  name: string
  summary: string
  /** What stands behind the name: '"<prompt>" [flags]'. */
  usage: string
  flags: readonly FlagSpec[]
  /** Lines of the help below the flags. */
  examples: readonly string[]
  run(words: ParsedWords, context: CommandContext): Promise<ExitCode>
}

export const JSON_FLAG: FlagSpec = { name: 'json', kind: 'switch', help: 'print the answer as JSON' }
export const HELP_FLAG: FlagSpec = { name: 'help', kind: 'switch', short: 'h', help: 'print this' }
