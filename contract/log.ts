/** What a log is to those who write to it; where the lines go is the host's business. Prompts appear at `debug` only. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** `facts` are plain data beside the sentence: ids, counts, durations. */
export type Log = Readonly<Record<LogLevel, (message: string, facts?: Record<string, unknown>) => void>>
