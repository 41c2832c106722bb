/**
 * The one entry of every npm script: makes the checkout ready (packages, page), then hands over to the Node that the
 * package `node` brings. It has no dependency and runs on any Node from 18 on, because it is what installs the rest.
 * It does none of the work itself: each command is a row of the table in bootstrap/commands.mjs.
 */
import { findCommand, listCommands } from './bootstrap/commands.mjs'
import { ensureInstalled } from './bootstrap/install.mjs'
import { findNode } from './bootstrap/node-binary.mjs'
import { ensurePage } from './bootstrap/page.mjs'
import { handOver } from './bootstrap/processes.mjs'
import { ROOT, userFolder } from './bootstrap/root.mjs'
import { Problem, say } from './bootstrap/say.mjs'
import path from 'node:path'

const [name, ...rest] = process.argv.slice(2)

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof Problem) && !isOfTheSystem(error)) throw error
  say(error.message)
  process.exitCode = error instanceof Problem ? error.exitCode : 1
}

/**
 * A full disk, a folder that may not be written: the system's sentence names the path, and a stack trace would hide it.
 * @param {unknown} error
 * @returns {error is NodeJS.ErrnoException}
 */
function isOfTheSystem(error) {
  return error instanceof Error && 'syscall' in error
}

/** @returns {Promise<number>} the exit code of the command */
async function main() {
  const command = findCommand(name)
  if (command === null) {
    throw new Problem(`There is no command "${name ?? ''}". The commands are ${listCommands().join(', ')}.`, 2)
  }
  await ensureInstalled(ROOT)
  const node = findNode(ROOT)
  if (command.needsPage) await ensurePage(ROOT, node)
  return handOver(node, [path.join(ROOT, command.script), ...command.leading, ...rest], {
    cwd: command.inUserFolder ? userFolder() : ROOT,
  })
}
