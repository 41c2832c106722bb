/**
 * Child processes of the bootstrap: `handOver` for the command itself (its stdio, exit code and signals are ours),
 * `runQuietly` for helpers whose output matters only when they fail.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Problem } from './say.mjs'

/** @type {NodeJS.Signals[]} */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** npm forwards a Ctrl+C that the terminal has already sent to everyone: the same signal within this time is one signal. */
const SAME_SIGNAL_MS = 500

/**
 * Runs the command in our place.
 * @param {string} file
 * @param {string[]} argumentList
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} its exit code, or 128 + the number of the signal that ended it
 */
export function handOver(file, argumentList, { cwd, env = process.env }) {
  return follow(spawn(file, argumentList, { cwd, env, stdio: 'inherit' }), file)
}

/**
 * Runs a helper and keeps what it prints.
 * @param {string} file
 * @param {string[]} argumentList
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, shell?: boolean, timeoutMs?: number }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function runQuietly(file, argumentList, { cwd, env = process.env, shell = false, timeoutMs }) {
  const child = spawn(file, argumentList, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] })
  /** @type {Buffer[]} */
  const chunks = []
  /** @param {Buffer} chunk */
  const keep = chunk => chunks.push(chunk)
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const interrupts = countSignals()
  try {
    const code = await follow(child, file)
    // A helper that dies of the user's Ctrl+C has not failed: the whole command was called off.
    if (interrupts.last !== null) throw new Problem('Interrupted.', 128 + constants.signals[interrupts.last])
    return { code, output: Buffer.concat(chunks).toString('utf8') }
  } finally {
    clearTimeout(timer)
    interrupts.stop()
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} file
 * @returns {Promise<number>}
 */
function follow(child, file) {
  /** @type {Map<NodeJS.Signals, number>} */
  const lastSent = new Map()
  const handlers = FORWARDED.map(signal => {
    const handler = () => {
      // On a terminal the child is in the foreground group and has had its Ctrl+C from there.
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      const now = Date.now()
      if (now - (lastSent.get(signal) ?? -Infinity) < SAME_SIGNAL_MS) return
      lastSent.set(signal, now)
      child.kill(signal)
    }
    process.on(signal, handler)
    return { signal, handler }
  })
  return new Promise((resolve, reject) => {
    child.once('error', error => reject(new Problem(`${file} could not be started: ${error.message}.`)))
    child.once('close', (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]))
  }).finally(() => {
    for (const { signal, handler } of handlers) process.off(signal, handler)
  })
}

function countSignals() {
  /** @type {{ last: NodeJS.Signals | null, stop: () => void }} */
  const state = { last: null, stop: () => FORWARDED.forEach(signal => process.off(signal, remember)) }
  /** @param {NodeJS.Signals} signal */
  const remember = signal => {
    state.last = signal
  }
  for (const signal of FORWARDED) process.on(signal, remember)
  return state
}
