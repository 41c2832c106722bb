/** axe finds nothing wrong with the page as it is; `rules` narrows what is looked for. */
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

export async function expectClean(page: Page, what: string, rules: string[] = []): Promise<void> {
  const builder = new AxeBuilder({ page })
  const { violations } = await (rules.length > 0 ? builder.withRules(rules) : builder).analyze()
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 160)).join(' | ')}`)
  expect(found, what).toEqual([])
}
