/**
 * The tokens of a tokenizer that stand for themselves in a text ("<|endoftext|>"), gathered from the files that may say
 * so: tokenizer_config.json, special_tokens_map.json, tokenizer.json. Which id is bos, eos or padding is the files' word.
 */
import { AppError } from '#contract/errors'
import { isJsonObject, type TokenizerFiles } from '../model-files.ts'

export interface AddedToken {
  content: string
  id: number
  /** Looked for in the normalised (lower-cased) text instead of the raw one. */
  normalized: boolean
}

export type SpecialRole = 'bos_token' | 'eos_token' | 'pad_token' | 'unk_token'
const ROLES: readonly SpecialRole[] = ['bos_token', 'eos_token', 'pad_token', 'unk_token']

export interface SpecialTokens {
  added: readonly AddedToken[]
  /** Id of a role; null when no file names it. */
  id(role: SpecialRole): number | null
}

/** `vocab` gives the ids of tokens that are named without one; a named token that nothing knows is `model-corrupt`. */
export function readSpecialTokens(files: TokenizerFiles, vocab: Readonly<Record<string, number>>): SpecialTokens {
  const added = new Map<string, AddedToken>()
  for (const token of [...listedTokens(files), ...roleTokens(files)]) {
    const id = token.id ?? added.get(token.content)?.id ?? vocab[token.content]
    if (id === undefined) {
      throw new AppError(
        'model-corrupt',
        `${files.name} names the special token "${token.content}", which its vocabulary lacks.`,
        {
          details: { file: `${files.name}/vocab.json`, token: token.content },
        },
      )
    }
    if (!added.has(token.content))
      added.set(token.content, { content: token.content, id, normalized: token.normalized })
  }
  return {
    added: [...added.values()],
    id(role) {
      const content = roleContent(files, role)
      return content === null ? null : (added.get(content)?.id ?? null)
    },
  }
}

/** Text -> pieces of text and the ids of the added tokens between them; the longest token wins at a place. */
export function createSplitter(tokens: readonly AddedToken[]): (text: string) => (string | number)[] {
  if (tokens.length === 0) return text => [text]
  const ids = new Map(tokens.map(token => [token.content, token.id]))
  const byLength = [...ids.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(`(${byLength.map(content => RegExp.escape(content)).join('|')})`, 'u')
  return text => text.split(pattern).flatMap(piece => (piece === '' ? [] : [ids.get(piece) ?? piece]))
}

interface NamedToken {
  content: string
  id?: number
  normalized: boolean
}

/** Tokens listed with their ids: `added_tokens_decoder` of the config, `added_tokens` of tokenizer.json. */
function listedTokens(files: TokenizerFiles): NamedToken[] {
  const decoder = files.config?.['added_tokens_decoder']
  const listed = files.tokenizerJson?.['added_tokens']
  const rows = [
    ...(isJsonObject(decoder) ? Object.entries(decoder).map(([id, token]) => ({ id: Number(id), token })) : []),
    ...(Array.isArray(listed)
      ? listed.map((token: unknown) => ({ id: isJsonObject(token) ? Number(token['id']) : NaN, token }))
      : []),
  ]
  return rows.flatMap(({ id, token }) => {
    const named = namedToken(token)
    return named && Number.isInteger(id) ? [{ ...named, id }] : []
  })
}

function roleTokens(files: TokenizerFiles): NamedToken[] {
  return ROLES.flatMap(role => namedToken(roleValue(files, role)) ?? [])
}

function roleContent(files: TokenizerFiles, role: SpecialRole): string | null {
  return namedToken(roleValue(files, role))?.content ?? null
}

function roleValue(files: TokenizerFiles, role: SpecialRole): unknown {
  return files.specialTokens?.[role] ?? files.config?.[role]
}

/** "!" or { content: "!", normalized: true }; a bare string is matched in the raw text, as the fast tokenizers do. */
function namedToken(value: unknown): NamedToken | null {
  if (value === '') return null // no token, though some files write it so
  if (typeof value === 'string') return { content: value, normalized: false }
  if (!isJsonObject(value) || typeof value['content'] !== 'string' || value['content'] === '') return null
  return { content: value['content'], normalized: value['normalized'] === true }
}
