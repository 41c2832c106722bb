/** Command name -> what runs it. A row says what has to be there first; everything after the name goes to the script as it is. */

/**
 * @typedef {object} Command
 * @property {string} script file under the checkout, run by Node 24 as it is
 * @property {string[]} leading arguments before the user's
 * @property {boolean} needsPage the built page must be as new as its sources
 * @property {boolean} inUserFolder relative paths are the user's, not the checkout's
 */

/** @param {string} name @param {{ needsPage?: boolean }} options @returns {Command} */
const cli = (name, { needsPage = false } = {}) => ({
  script: 'main/hosts/cli/main.ts',
  leading: [name],
  needsPage,
  inUserFolder: true,
})

/** @param {string} file @param {{ needsPage?: boolean, inUserFolder?: boolean }} options @returns {Command} */
const script = (file, { needsPage = false, inUserFolder = false } = {}) => ({
  script: `scripts/${file}`,
  leading: [],
  needsPage,
  inUserFolder,
})

/** @type {Record<string, Command>} */
const COMMANDS = {
  start: script('start.ts', { needsPage: true }),
  test: script('test.ts'),
  generate: cli('generate'),
  serve: cli('serve', { needsPage: true }),
  models: cli('models'),
  gallery: cli('gallery'),
  settings: cli('settings'),
  check: script('check.ts'),
  bench: script('bench/main.ts'),
  parity: script('parity/main.ts', { inUserFolder: true }),
  package: script('package.ts', { needsPage: true, inUserFolder: true }),
  screenshots: script('screenshots.ts', { needsPage: true }),
}

/** @param {string | undefined} name @returns {Command | null} */
export function findCommand(name) {
  return name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : null
}

export function listCommands() {
  return Object.keys(COMMANDS)
}
