/** Starts the program that a test talks to, as a user would: the real server, or the one with the scriptable engine. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, type APIRequestContext } from '@playwright/test'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const START_MS = 30_000

export interface EaselServer {
  url: string
  /** As a power cut would. */
  kill(): Promise<void>
  /** Between tests that share a server: nothing is left in its queue. `jobs`: once so many have ended by themselves. */
  becomeIdle(request: APIRequestContext, jobs?: number): Promise<void>
  /** At the same address, with the same data. */
  start(): Promise<void>
  close(): Promise<void>
}

/** `models` are folders of test/fixtures/models that stand beside the starter; `loras` files of test/fixtures by the name that they get. */
export function startReal({
  models = [],
  loras = {},
}: { models?: string[]; loras?: Record<string, string> } = {}): Promise<EaselServer> {
  return startServer((port, home) => {
    for (const model of models) {
      const from = path.join(ROOT, 'test/fixtures/models', model)
      cpSync(from, path.join(home, 'models', path.basename(model)), { recursive: true })
    }
    for (const [name, file] of Object.entries(loras)) {
      cpSync(path.join(ROOT, 'test/fixtures', file), path.join(home, 'loras', `${name}.safetensors`))
    }
    return { words: ['main/hosts/cli/main.ts', 'serve', '--port', port], env: { EASEL_HOME: home } }
  })
}

/** Steps of even length, whatever the machine is doing. */
export function startFake(stepMs: number): Promise<EaselServer> {
  return startServer((port, home) => ({ words: ['test/support/serve-fake.ts', port, String(stepMs), home], env: {} }))
}

type Program = (port: string, home: string) => { words: string[]; env: Record<string, string> }

async function startServer(program: Program): Promise<EaselServer> {
  const home = mkdtempSync(path.join(tmpdir(), 'easel-e2e-'))
  let child: ChildProcess | undefined
  let url = ''

  async function start(): Promise<void> {
    const port = url === '' ? '0' : new URL(url).port
    const { words, env } = program(port, home)
    child = spawn(process.execPath, words, {
      cwd: ROOT,
      env: { ...process.env, ...env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    url = await readUrl(child)
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (child?.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  await start()
  return {
    get url() {
      return url
    },
    start,
    kill: () => stop('SIGKILL'),
    async becomeIdle(request, jobs) {
      const call = async (method: string) => {
        const response = await request.post(`${url}/api/${method}`, { data: {} })
        return (await response.json()) as { value: { state: string }[] }
      }
      const states = async () => (await call('jobs.list')).value.map(job => job.state)
      if (jobs === undefined) await call('jobs.cancelAll')
      else await expect.poll(states).toEqual(Array.from({ length: jobs }, () => 'done'))
      await expect.poll(states).not.toEqual(expect.arrayContaining(['running']))
    },
    async close() {
      await stop('SIGTERM')
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const timer = setTimeout(() => reject(new Error(`No address after ${START_MS} ms: ${output}`)), START_MS)
    const listen = (chunk: Buffer) => {
      output += chunk.toString()
      const url = /http:\/\/[^\s]+/.exec(output)?.[0]
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('exit', code => reject(new Error(`The server ended with ${String(code)}: ${output}`)))
  })
}
