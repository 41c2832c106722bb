/** How every view is reached and left, as a user would: by keys and by the names of controls. */
import type { Page } from '@playwright/test'

export interface View {
  name: string
  open(page: Page): Promise<void>
  close(page: Page): Promise<void>
}

/** Below this width the column is closed at first (renderer/stores/layout.ts). */
const CRAMPED = 1200

const strip = (page: Page) => page.getByRole('list', { name: 'Pictures of this session' })
const escape = (page: Page) => page.keyboard.press('Escape')
const stay = () => Promise.resolve()

/** The dialog that these keys open, for as long as it takes to photograph it. */
function dialog(name: string, keys: string): View {
  return {
    name,
    async open(page) {
      await page.getByRole('main').click({ position: { x: 5, y: 5 } })
      await page.keyboard.press(keys)
      await page.getByRole('dialog').waitFor()
    },
    close: escape,
  }
}

/** By the address, as a key would be typed where the focus happens to be. */
async function goTo(page: Page, view: string): Promise<void> {
  await page.evaluate(name => {
    location.hash = name
  }, view)
}
async function openStudio(page: Page): Promise<void> {
  await goTo(page, '')
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).waitFor()
}
async function openGallery(page: Page): Promise<void> {
  await goTo(page, 'gallery')
  await page
    .getByRole('button', { name: /^Open / })
    .first()
    .waitFor()
}
/** With its own words in the field: what is written and what is seen belong together. */
async function showPicture(page: Page, prompt: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill(prompt)
  await strip(page).getByRole('button', { name: prompt }).first().click()
}
/** In a cramped window the column floats over the stage, on demand. */
async function toggleColumn(page: Page): Promise<void> {
  const { width = 0 } = page.viewportSize() ?? {}
  if (width < CRAMPED) await page.getByRole('button', { name: 'Queue and history' }).click()
}
async function showHistory(page: Page): Promise<void> {
  await toggleColumn(page)
  await page.getByRole('tab', { name: 'History' }).click()
}

export const VIEWS: readonly View[] = [
  {
    name: 'studio',
    async open(page) {
      await openStudio(page)
      await showPicture(page, 'a red apple on a blue background')
    },
    close: stay,
  },
  {
    name: 'four',
    async open(page) {
      await showPicture(page, 'a penguin and a cake in a room')
      await page.getByRole('button', { name: 'All 4 pictures' }).click()
    },
    close: stay,
  },
  {
    name: 'history',
    open: showHistory,
    async close(page) {
      await page.getByRole('tab', { name: /^Queue/ }).click()
      await toggleColumn(page)
    },
  },
  {
    name: 'menu',
    async open(page) {
      await showPicture(page, 'a fox in the snow')
      await page.getByRole('button', { name: 'Enlarge' }).click()
      await page.getByRole('menu').waitFor()
    },
    close: escape,
  },
  {
    name: 'broken',
    async open(page) {
      await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('0')
      await page.getByRole('spinbutton', { name: 'Width', exact: true }).fill('100')
      await page.getByRole('textbox', { name: 'Seed' }).fill('abc')
    },
    async close(page) {
      await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('20')
      await page.getByRole('spinbutton', { name: 'Width', exact: true }).fill('128')
      await page.getByRole('textbox', { name: 'Seed' }).fill('7')
    },
  },
  dialog('sweep', 'g'),
  dialog('commands', 'Control+k'),
  dialog('shortcuts', '?'),
  {
    name: 'compare',
    async open(page) {
      await showPicture(page, 'a fox in the snow')
      await page.keyboard.press('Shift+C')
      await page.getByRole('dialog').waitFor()
    },
    close: escape,
  },
  {
    name: 'sheet',
    async open(page) {
      await showHistory(page)
      await page.getByRole('button', { name: 'Contact sheet' }).last().click()
      await page.getByRole('img', { name: /Contact sheet with/ }).waitFor()
    },
    async close(page) {
      await escape(page)
      await toggleColumn(page)
    },
  },
  { name: 'gallery', open: openGallery, close: openStudio },
  {
    name: 'viewer',
    async open(page) {
      await openGallery(page)
      await page
        .getByRole('button', { name: /^Open / })
        .last()
        .click()
      await page.getByRole('dialog').waitFor()
    },
    async close(page) {
      await escape(page)
      await openStudio(page)
    },
  },
  {
    name: 'settings',
    async open(page) {
      await goTo(page, 'settings')
      await page.getByRole('heading', { name: 'About' }).waitFor()
    },
    close: openStudio,
  },
  {
    name: 'canvas',
    async open(page) {
      await showPicture(page, 'a castle on the grass')
      await page.keyboard.press('i')
      await page.getByRole('toolbar').first().waitFor()
    },
    close: openStudio,
  },
]

/** Waits until every picture of the prompt has come. */
export async function draw(page: Page, prompt: string, images = 1): Promise<void> {
  const thumbnails = strip(page).getByRole('button', { name: prompt })
  const before = await thumbnails.count()
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill(prompt)
  await page.keyboard.press('Control+Enter')
  await thumbnails.nth(before + images - 1).waitFor({ timeout: 240_000 })
  await page.getByRole('button', { name: 'Cancel', exact: true }).waitFor({ state: 'hidden', timeout: 240_000 })
}

/** Two settings against each other, so that there is a contact sheet. */
export async function drawGrid(page: Page): Promise<void> {
  await page.getByRole('main').click({ position: { x: 5, y: 5 } })
  await page.keyboard.press('g')
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Values of: Columns' }).fill('2-8 (+2)')
  await form.getByRole('combobox', { name: 'Rows' }).selectOption('guidance')
  await form.getByRole('textbox', { name: 'Values of: Rows' }).fill('1, 4, 9')
  await form.getByRole('textbox', { name: 'Values of: Rows' }).press('Enter')
  await form.waitFor({ state: 'hidden' })
  await page.getByText('12 of 12 pictures').first().waitFor({ timeout: 240_000 })
  await page.getByRole('button', { name: 'Cancel', exact: true }).waitFor({ state: 'hidden', timeout: 240_000 })
}
