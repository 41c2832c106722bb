/**
 * Lets one bootstrap at a time do a thing in this checkout: a folder that only one process can create. The owner touches
 * it every second; one that was not touched for a while, or whose process is gone, is taken over.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const HEARTBEAT_MS = 1000
const STALE_MS = 20_000
const POLL_MS = 200

/**
 * @template T
 * @param {string} folder the lock; its parent is created
 * @param {() => void} onWait called once when somebody else has the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, onWait, work) {
  mkdirSync(path.dirname(folder), { recursive: true })
  const token = randomUUID()
  for (let waits = 0; !tryTake(folder, token); waits++) {
    if (waits === 0) onWait()
    await sleep(POLL_MS)
  }
  const heartbeat = setInterval(() => touch(folder), HEARTBEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    if (readOwner(folder)?.token === token) rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} folder @param {string} token */
function tryTake(folder, token) {
  try {
    mkdirSync(folder)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    dropIfAbandoned(folder)
    return false
  }
  writeFileSync(path.join(folder, 'owner.json'), JSON.stringify({ token, pid: process.pid, host: hostname() }))
  return true
}

/** @param {string} folder */
function dropIfAbandoned(folder) {
  const owner = readOwner(folder)
  if (!isAbandoned(folder, owner)) return
  const aside = `${folder}.${randomUUID()}`
  try {
    renameSync(folder, aside) // of several that saw it abandoned, one succeeds
  } catch {
    return
  }
  // Between the look and the rename somebody quicker may have taken the lock over: then it is his, and goes back.
  if (readOwner(aside)?.token === owner?.token) rmSync(aside, { recursive: true, force: true })
  else renameSync(aside, folder)
}

/** @param {string} folder @param {{ pid: number, host: string } | null} owner */
function isAbandoned(folder, owner) {
  if (owner !== null && owner.host === hostname() && !isAlive(owner.pid)) return true
  try {
    return Date.now() - statSync(folder).mtimeMs > STALE_MS
  } catch {
    return false // just released
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** @param {string} folder @returns {{ token: string, pid: number, host: string } | null} */
function readOwner(folder) {
  try {
    return /** @type {{ token: string, pid: number, host: string }} */ (
      JSON.parse(readFileSync(path.join(folder, 'owner.json'), 'utf8'))
    )
  } catch {
    return null // not written yet, or just released
  }
}

/** @param {string} folder */
function touch(folder) {
  const now = new Date()
  try {
    utimesSync(folder, now, now)
  } catch {
    // Taken over while this process was asleep: its work is nearly done and harmless twice.
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
