import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const RENDERER = join(import.meta.dirname, '../../../../renderer')
const tokens = new Set(readFileSync(join(RENDERER, 'ui/tokens.css'), 'utf8').match(/--[a-z0-9-]+(?=:)/g))
const components = globSync('**/*.vue', { cwd: RENDERER }).map(file => {
  const source = readFileSync(join(RENDERER, file), 'utf8')
  const styles = [...source.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map(match => match[1]).join('\n')
  return { file, source, styles }
})

test('components take colours, lengths and times from the tokens', () => {
  // Breakpoints cannot be variables in CSS.
  const raw = /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)\(|(?<![\w-])\d*\.?\d+(?:px|rem|em|ms|s)\b/gi
  for (const { file, styles } of components) {
    expect(styles.replaceAll(/@media[^{]*/g, '').match(raw), file).toBeNull()
  }
})

test('components name only tokens that there are', () => {
  for (const { file, source, styles } of components) {
    const own = new Set([...source.matchAll(/'(--[a-z-]+)'/g)].map(match => match[1]))
    const used = [...styles.matchAll(/var\((--[a-z0-9-]+)/g)].map(match => match[1])
    expect(
      used.filter(name => !tokens.has(name) && !own.has(name)),
      file,
    ).toEqual([])
  }
})

test('every token is used', () => {
  const all = [...components.map(({ source }) => source), readFileSync(join(RENDERER, 'ui/base.css'), 'utf8')]
  const everything = [...all, readFileSync(join(RENDERER, 'ui/tokens.css'), 'utf8')].join('\n')
  expect([...tokens].filter(name => !everything.includes(`var(${name})`))).toEqual([])
})

test('text of the user is never put in as HTML, and nothing is styled inline in markup', () => {
  for (const { file, source } of components) expect(/v-html|\sstyle="/.exec(source)?.[0], file).toBeUndefined()
})
