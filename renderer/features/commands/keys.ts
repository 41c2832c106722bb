/** Key combinations as text: 'mod+enter', 'shift+d', '?'. `mod` is Command on a Mac and Ctrl elsewhere. */

const NAMES: Record<string, string> = {
  mod: 'Ctrl',
  shift: 'Shift',
  alt: 'Alt',
  enter: '↵',
  delete: 'Del',
  escape: 'Esc',
  left: '←',
  right: '→',
  up: '↑',
  down: '↓',
}
const MAC_NAMES: Record<string, string> = { ...NAMES, mod: '⌘', shift: '⇧', alt: '⌥', delete: '⌫' }
const KEYS: Record<string, readonly string[]> = {
  enter: ['Enter'],
  delete: ['Delete', 'Backspace'],
  escape: ['Escape'],
  left: ['ArrowLeft'],
  right: ['ArrowRight'],
  up: ['ArrowUp'],
  down: ['ArrowDown'],
}

export function isMac(platform: string = navigator.platform): boolean {
  return /mac|iphone|ipad/i.test(platform)
}

export function matchesKeys(event: KeyboardEvent, keys: string, mac: boolean = isMac()): boolean {
  const parts = keys.split('+')
  const key = parts.at(-1) ?? ''
  const wantsMod = parts.includes('mod')
  if ((mac ? event.metaKey : event.ctrlKey) !== wantsMod) return false
  if ((mac ? event.ctrlKey : event.metaKey) || event.altKey !== parts.includes('alt')) return false
  // A sign such as "?" already says whether Shift is held on this keyboard.
  const isSign = key.length === 1 && !/[a-z0-9]/.test(key)
  if (!isSign && event.shiftKey !== parts.includes('shift')) return false
  return KEYS[key]?.includes(event.key) ?? event.key.toLowerCase() === key
}

export function showKeys(keys: string, mac: boolean = isMac()): string {
  const names = mac ? MAC_NAMES : NAMES
  return keys
    .split('+')
    .map(part => names[part] ?? part.toUpperCase())
    .join(mac ? '' : ' ')
}

/** Single keys belong to whoever types. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('input, textarea, select')
}
