/**
 * The log file: one JSON object a line, older files kept as .1, .2, ... Lines are written in the background, in order;
 * a log that cannot be written is given up silently, because nothing may fail for want of a log.
 */
import { appendFile, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '#storage/make-folder'
import { LOG_LEVELS, type Log, type LogLevel } from '#contract/log'

export interface LogFile extends Log {
  /** Resolves when everything said so far is on disk. */
  flush(): Promise<void>
}

export interface LogOptions {
  file: string
  /** Less urgent lines are dropped. */
  level: LogLevel
  now: () => number
  /** A file that has grown beyond this is put aside. */
  maxBytes: number
  /** How many older files stay. */
  keep: number
}

export function createLog(options: LogOptions): LogFile {
  let pending: string[] = []
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    const lines = pending.join('')
    pending = []
    if (lines === '') return
    try {
      await makeFolder(dirname(options.file))
      await rotate(options)
      await appendFile(options.file, lines)
    } catch {
      // see the file's first lines
    }
  }

  function say(level: LogLevel, message: string, facts: Record<string, unknown> = {}): void {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(options.level)) return
    const time = new Date(options.now()).toISOString()
    pending.push(`${JSON.stringify({ time, level, pid: process.pid, message, ...facts })}\n`)
    writing = writing.then(write)
  }

  return {
    debug: (message, facts) => say('debug', message, facts),
    info: (message, facts) => say('info', message, facts),
    warn: (message, facts) => say('warn', message, facts),
    error: (message, facts) => say('error', message, facts),
    flush: () => writing,
  }
}

async function rotate({ file, maxBytes, keep }: LogOptions): Promise<void> {
  const size = await stat(file).then(
    facts => facts.size,
    () => 0,
  )
  if (size <= maxBytes) return
  for (let n = keep; n > 1; n--) await rename(`${file}.${n - 1}`, `${file}.${n}`).catch(() => undefined)
  await rename(file, `${file}.1`)
}
