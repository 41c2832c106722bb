/** A log that keeps its lines, for tests that look at them. */
import type { Log, LogLevel } from '#contract/log'

export interface SilentLog extends Log {
  readonly lines: readonly { level: LogLevel; message: string; facts: Record<string, unknown> }[]
}

export function createSilentLog(): SilentLog {
  const lines: { level: LogLevel; message: string; facts: Record<string, unknown> }[] = []
  const at =
    (level: LogLevel) =>
    (message: string, facts: Record<string, unknown> = {}) =>
      void lines.push({ level, message, facts })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
