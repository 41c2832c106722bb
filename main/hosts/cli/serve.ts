/** `serve`: the application and its page over HTTP until it is interrupted. */
import { networkInterfaces } from 'node:os'
import { AppError } from '#contract/errors'
import { wholeNumber } from '#contract/fields'
import { invalidInput, parseInput, showValue } from '#contract/parse'
import { isLoopbackAddress } from '../server/guard.ts'
import { startServer, type RunningServer } from '../server/start-server.ts'
import type { OpenedApp } from '../open-app.ts'
import { EXIT, type Command, type CommandContext, type ExitCode } from './command.ts'
import type { ParsedWords } from './flags.ts'
import { openBrowser } from './open-browser.ts'
import { reachableUrls } from './reachable-urls.ts'

const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = 4747
const TOKEN_CHARS = { min: 8, max: 200 } as const

export const serve: Command = {
  name: 'serve',
  summary: 'Serves the app to a browser',
  usage: '[flags]',
  flags: [
    {
      name: 'host',
      kind: 'text',
      placeholder: 'ADDRESS',
      help: `address to listen on; default ${DEFAULT_HOST}, this machine only`,
    },
    {
      name: 'port',
      kind: 'number',
      placeholder: 'N',
      help: `0 to 65535, 0 takes any free one; default ${DEFAULT_PORT}, or a free one if that is taken`,
    },
    {
      name: 'token',
      kind: 'text',
      placeholder: 'TEXT',
      help: 'ask for this secret; needed for any other address (or set EASEL_TOKEN)',
    },
    { name: 'open', kind: 'switch', help: 'open the page in the browser' },
  ],
  examples: ['easel serve --open', 'easel serve --port 8080', 'EASEL_TOKEN=long-secret easel serve --host 0.0.0.0'],
  run,
}

async function run({ flags, rest }: ParsedWords, context: CommandContext): Promise<ExitCode> {
  if (rest.length > 0) throw invalidInput([{ path: 'serve', value: showValue(rest.join(' ')), allowed: 'flags only' }])
  const host = withoutBrackets(String(flags.get('host') ?? DEFAULT_HOST))
  const portFlag = flags.get('port')
  const port = portFlag === undefined ? null : parseInput(wholeNumber({ min: 0, max: 65_535 }), portFlag, '--port')
  const token = readToken(flags.has('token') ? String(flags.get('token')) : context.env['EASEL_TOKEN'], host)
  const opened = await context.open('server', false)
  try {
    const server = await listen(opened, context, { host, port, token })
    try {
      const urls = reachableUrls(server.url, networkInterfaces()).map(url => withToken(url, token))
      for (const url of urls) context.terminal.print(`Easel is at ${url}`)
      context.terminal.say('Ctrl+C stops it.')
      if (flags.has('open')) openBrowser(urls[0], process.platform, context.env)
      await interrupted(context.interrupt)
    } finally {
      await server.close()
    }
    return EXIT.done
  } finally {
    await opened.close()
  }
}

/** A port that was asked for must be free; the default one gives way to any other. */
async function listen(
  { app, log }: OpenedApp,
  { pageFolder }: CommandContext,
  { host, port, token }: { host: string; port: number | null; token: string | null },
): Promise<RunningServer> {
  const options = { app, host, token, pageFolder, log }
  try {
    return await startServer({ ...options, port: port ?? DEFAULT_PORT })
  } catch (thrown) {
    if (port !== null || !(thrown instanceof AppError)) throw thrown
    return startServer({ ...options, port: 0 })
  }
}

/** IPv6 addresses are written with brackets in URLs, and many write them so everywhere. */
function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

function withToken(url: string, token: string | null): string {
  return token === null ? url : `${url}/?token=${encodeURIComponent(token)}`
}

function readToken(token: string | undefined, host: string): string | null {
  const allowed = `${TOKEN_CHARS.min} to ${TOKEN_CHARS.max} characters without spaces`
  if (token === undefined || token === '') {
    if (isLoopbackAddress(host)) return null
    throw invalidInput([{ path: '--token', value: `missing, and ${host} can be reached by others`, allowed }])
  }
  const isRight = token.length >= TOKEN_CHARS.min && token.length <= TOKEN_CHARS.max && !/\s/.test(token)
  if (!isRight) throw invalidInput([{ path: '--token', value: `${token.length} characters`, allowed }])
  return token
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
