/** Opens an address in the user's browser, where there is a desktop; a failure is no failure of the program. */
import { spawn } from 'node:child_process'

/** False where no desktop can be expected. */
export function openBrowser(
  url: string,
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const [command, args] = openerOf(platform, url)
  const hasDesktop = platform !== 'linux' || Boolean(env['DISPLAY']) || Boolean(env['WAYLAND_DISPLAY'])
  if (!hasDesktop) return false
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => undefined) // the address was printed, too
  child.unref()
  return true
}

function openerOf(platform: NodeJS.Platform, url: string): [string, string[]] {
  if (platform === 'darwin') return ['open', [url]]
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]]
  return ['xdg-open', [url]]
}
